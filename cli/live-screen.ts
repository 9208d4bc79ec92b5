/** A terminal, as far as it is drawn on. */
export interface Screen {
  readonly columns?: number;
  readonly rows?: number;
  write(text: string): unknown;
}

/** Draws lines in place of those before them. */
export class LiveScreen {
  #lines = 0;

  constructor(readonly screen: Screen) {}

  /** What there is room for: one line stays free, so that nothing scrolls. */
  get size(): { readonly width: number; readonly height: number } {
    const { columns = 80, rows = 24 } = this.screen;
    return { width: Math.max(20, columns - 1), height: Math.max(3, rows - 1) };
  }

  draw(lines: readonly string[]): void {
    const back = this.#lines > 0 ? `\u001b[${this.#lines}A\r` : '';
    this.screen.write(`${back}\u001b[J${lines.map((line) => `${line}\n`).join('')}`);
    this.#lines = lines.length;
  }

  /** Forgets what was drawn: the terminal has another size, and has moved it. */
  clear(): void {
    this.screen.write('\u001b[H\u001b[2J');
    this.#lines = 0;
  }
}
