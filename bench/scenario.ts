/** One line of a scenario's table. */
export type BenchRow = Readonly<Record<string, string | number>>;

/** Something that is measured, beside what people do without us, in one run. */
export interface Scenario {
  readonly name: string;
  readonly what: string;
  readonly run: () => Promise<readonly BenchRow[]>;
}
