import { createSocket } from 'node:dgram';
import type { RemoteInfo } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';

/** What a resolver answers for a name. */
export interface DnsAnswer {
  /** RFC 1035 section 4.1.1: 2 is SERVFAIL, 3 NXDOMAIN, 5 REFUSED. @default 0 */
  readonly rcode?: number;
  /** Addresses of both families, for A and AAAA. */
  readonly addresses?: readonly string[];
  /** How late, in milliseconds. @default 0 */
  readonly delayMs?: number;
  /** `silence` answers nothing; `garbage` with bytes that are no answer; `truncated` says that there is more by TCP. */
  readonly how?: 'silence' | 'garbage' | 'truncated';
}

const [A, AAAA] = [1, 28];

function addressBytes(address: string): Buffer {
  if (!isIPv6(address)) return Buffer.from(address.split('.').map(Number));
  const [head = '', tail = ''] = address.split('::');
  const words = (text: string): string[] => (text === '' ? [] : text.split(':'));
  const [first, last] = [words(head), words(tail)];
  const all = [...first, ...Array<string>(8 - first.length - last.length).fill('0'), ...last];
  return Buffer.from(all.map((word) => word.padStart(4, '0')).join(''), 'hex');
}

interface Question {
  readonly name: string;
  readonly type: number;
  readonly bytes: Buffer;
}

function question(query: Buffer): Question {
  const labels: string[] = [];
  let at = 12;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join('.').toLowerCase(), type: query.readUInt16BE(at + 1), bytes: query.subarray(12, at + 5) };
}

function response(query: Buffer, { type, bytes }: Question, answer: DnsAnswer): Buffer {
  if (answer.how === 'garbage') return Buffer.from('this is no answer');
  const fitting = (answer.addresses ?? []).filter((address) => isIPv6(address) === (type === AAAA));
  const addresses = type === A || type === AAAA ? fitting : [];
  const flags = 0x8180 | (answer.rcode ?? 0) | (answer.how === 'truncated' ? 0x0200 : 0);
  const head = Buffer.alloc(12);
  query.copy(head, 0, 0, 2);
  for (const [index, value] of [flags, 1, addresses.length, 0, 0].entries()) head.writeUInt16BE(value, 2 + index * 2);
  const records = addresses.map(addressBytes).map((data) => {
    const record = Buffer.from([0xc0, 12, 0, type, 0, 1, 0, 0, 0, 60, 0, data.length]);
    return Buffer.concat([record, data]);
  });
  return Buffer.concat([head, bytes, ...records]);
}

/**
 * Starts a resolver on port 53 of 127.0.0.1: for a process in a network namespace of its own. A name that is not in the
 * table does not exist.
 */
export async function startDnsScript(answers: Readonly<Record<string, DnsAnswer>>): Promise<void> {
  const socket = createSocket('udp4');
  socket.on('message', (query: Buffer, { port, address }: RemoteInfo) => {
    const asked = question(query);
    const answer = answers[asked.name] ?? { rcode: 3 };
    if (answer.how === 'silence') return;
    const send = (): void => socket.send(response(query, asked, answer), port, address);
    if (answer.delayMs === undefined) send();
    else setTimeout(send, answer.delayMs);
  });
  socket.bind(53, '127.0.0.1');
  await once(socket, 'listening');
}
