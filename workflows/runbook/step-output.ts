/** What a step leaves for the conditions of later ones. */
export interface StepOutput {
  readonly exitCode?: number;
  /** Tails of it. */
  readonly stdout?: string;
  readonly stderr?: string;
}
