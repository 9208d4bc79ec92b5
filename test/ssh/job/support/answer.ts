/** What a request was answered. */
export interface Answer {
  /** Of its last line with a state; empty without one. */
  readonly fields: Readonly<Record<string, string>>;
  /** Its first line with a state. */
  readonly first: Readonly<Record<string, string>>;
  /** One for each state that was printed before a follow. */
  readonly listed: readonly Readonly<Record<string, string>>[];
  /** The type of failure that it says. */
  readonly error: string | undefined;
  readonly errorText: string;
  readonly ended: boolean;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
  /** All of it, and what the shell complained about. */
  readonly text: string;
}

function fieldsOf(line: string): Readonly<Record<string, string>> {
  const [head = '', dir = ''] = line.split(/ dir=(.*)/s);
  const pairs = head.split(' ').map((pair) => pair.split(/=(.*)/s) as [string, string]);
  return { ...Object.fromEntries(pairs), dir };
}

/** Reads a whole answer; one that was cut off has the fields of what came. */
export function parseAnswer(nonce: string, bytes: Buffer, said: string): Answer {
  const listed: Readonly<Record<string, string>>[] = [];
  const logs = { O: [] as Buffer[], E: [] as Buffer[] };
  let error: string | undefined;
  let errorText = '';
  let last: Readonly<Record<string, string>> | undefined;
  let ended = false;
  for (let at = 0; at < bytes.length;) {
    const end = bytes.indexOf(10, at);
    if (end === -1) break;
    const line = bytes.toString('utf8', at, end);
    at = end + 1;
    const frame = /^([OE]) \d+ (\d+)$/.exec(line);
    if (frame) {
      const length = Number(frame[2]);
      logs[frame[1] as 'O' | 'E'].push(bytes.subarray(at, at + length));
      at += length + 1;
    } else if (line.startsWith('X ')) last = fieldsOf(line.slice(2));
    else if (line.startsWith(`${nonce} state `)) listed.push(fieldsOf(line.slice(nonce.length + 7)));
    else if (line === `${nonce} end`) ended = true;
    else if (line.startsWith(`${nonce} error `)) {
      [, error, errorText = ''] = /error (\S+) (.*)/.exec(line) ?? [];
    }
  }
  const fields = last ?? listed.at(-1) ?? {};
  const stdout = Buffer.concat(logs.O);
  const stderr = Buffer.concat(logs.E);
  const text = `${bytes.toString('utf8').slice(0, 3_000)}\n${said.slice(0, 2_000)}`;
  return { fields, first: listed[0] ?? {}, listed, error, errorText, ended, stdout, stderr, text };
}
