import { IdentificationParser } from '../../../ssh/identification-parser';
import type { IdentificationProgress } from '../../../ssh/identification-parser';

/** What the parser made of a stream. */
export interface ParsedIdentification {
  readonly state: IdentificationProgress['state'];
  readonly said: string;
  /** What ssh2 is given, with all that came after it. */
  readonly rest: string;
}

/** Feeds pieces until the parser has made up its mind, as a reader does; what follows belongs to ssh2. */
export function parseIdentification(pieces: readonly Buffer[]): ParsedIdentification {
  const parser = new IdentificationParser();
  let progress: IdentificationProgress = { state: 'reading' };
  for (const [index, piece] of pieces.entries()) {
    progress = parser.push(piece);
    if (progress.state === 'complete') {
      const rest = Buffer.concat([progress.bytes, ...pieces.slice(index + 1)]).toString('latin1');
      return { state: 'complete', said: progress.line, rest };
    }
    if (progress.state === 'version') return { state: 'version', said: progress.line, rest: '' };
    if (progress.state === 'invalid') return { state: 'invalid', said: progress.what, rest: '' };
  }
  const said = progress.state === 'foreign' ? progress.protocol : parser.text.toString('latin1');
  return { state: progress.state, said, rest: '' };
}
