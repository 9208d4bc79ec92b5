import type { HostKeyPolicy, HostKeyVerdict } from '../target';
import { parsePin } from './config-values';
import { fingerprint, keyType } from './fingerprint';
import { hostKeyAlgorithms } from './host-key-algorithms';
import { compareAdvice, describeKey } from './host-key-advice';

/**
 * Trusts the given keys and nothing else. Pins that cannot be parsed trust nothing.
 *
 * @param revoked - what is said against a key elsewhere, which outweighs a pin
 */
export function pinnedHostKeys(
  pins: readonly string[],
  revoked: (key: Buffer) => HostKeyVerdict | undefined = () => undefined
): HostKeyPolicy {
  const parsed = pins.map(parsePin).filter((pin) => pin !== undefined);
  const keys = parsed.flatMap((pin) => ('key' in pin ? [pin.key] : []));
  const trusted = new Set(parsed.map((pin) => ('key' in pin ? fingerprint(pin.key) : pin.fingerprint)));
  const expected = parsed.map((pin) => ('key' in pin ? describeKey(pin.key) : pin.fingerprint)).join(', ');
  const types = new Set(keys.map(keyType));

  function check(key: Buffer): HostKeyVerdict {
    const revocation = revoked(key);
    if (revocation) return revocation;
    if (trusted.has(fingerprint(key))) return { trusted: true, by: 'pinned' };
    const other =
      types.has(keyType(key)) || types.size === parsed.length
        ? ''
        : ' A fingerprint does not tell the type of its key: if the host has several, pin the public key instead.';
    const reason =
      `the host offered ${describeKey(key)}, but hostKey of the configuration is ${expected}. Somebody may be in between, ` +
      `or the host has a new key: ${compareAdvice(key)}; if it is right, put it under hostKey.${other}`;
    return { trusted: false, type: 'SshHostKeyMismatch', reason };
  }

  return { preferredAlgorithms: hostKeyAlgorithms(types), check };
}
