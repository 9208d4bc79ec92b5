type CleanUp = () => unknown;

/** Collects what a row has started, for rows that run outside of a test. */
export class RowScope {
  readonly #cleanUps: CleanUp[] = [];

  after = (cleanUp: CleanUp): void => void this.#cleanUps.push(cleanUp);

  /** Ends it all, last first, as `node:test` would not: what was started later may need what was before. */
  async end(): Promise<void> {
    for (let cleanUp = this.#cleanUps.pop(); cleanUp; cleanUp = this.#cleanUps.pop()) await cleanUp();
  }
}
