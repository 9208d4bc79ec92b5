import { MAX_SERVER_TEXT } from '../contract';

// ESC sequences (ECMA-48) go as a whole, so that what they would have hidden or coloured does not stay behind as noise.
// eslint-disable-next-line no-control-regex
const ESCAPE_SEQUENCE = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[@-Z\\-_])/g;
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]+/gu;

/**
 * Text from a server, made fit for messages and logs: one line, no control, format or direction characters, so that
 * it cannot forge a log line or drive a terminal, and cut to 1,024 characters.
 */
export function cleanServerText(text: string | Buffer, limit: number = MAX_SERVER_TEXT): string {
  // More than could be kept is never even looked at: a disconnect reason may have megabytes.
  const head = typeof text === 'string' ? text.slice(0, limit * 8) : text.subarray(0, limit * 8).toString('utf8');
  const clean = head.replace(ESCAPE_SEQUENCE, ' ').replace(INVISIBLE, ' ').replace(/ {2,}/g, ' ').trim();
  // No half of a surrogate pair: it would be no character.
  return clean.length > limit ? `${clean.slice(0, limit - 3).replace(/[\ud800-\udbff]$/, '')}...` : clean;
}
