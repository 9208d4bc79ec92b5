import type { ParsedKey } from 'ssh2';
import { fingerprint } from '../hosts/fingerprint';
import { cleanServerText } from '../server-text';
import type { AgentMethod } from '../target';
import type { AgentLink } from './agent-link';
import { standIn } from './offered-key';
import type { Signer } from './offered-key';

/** Keys of an agent that are to be offered, or what kept it from telling them; cleaned. */
export type AgentKeysResult = { readonly keys: readonly ParsedKey[] } | { readonly trouble: string };

const MAX_TROUBLE = 200;

/** Asks an agent for its keys, and leaves those out that the credential does not name. */
export function listAgentKeys(
  { agent }: AgentLink,
  method: AgentMethod,
  done: (result: AgentKeysResult) => void
): void {
  let asked = true;
  const once = (result: AgentKeysResult): void => {
    if (asked) done(result);
    asked = false;
  };
  agent.getIdentities((error: Error | null | undefined, keys?: readonly unknown[]) => {
    if (error || !Array.isArray(keys)) {
      return once({
        trouble: `the agent failed: ${cleanServerText(error?.message ?? 'no list of keys', MAX_TROUBLE)}`,
      });
    }
    // ssh2 has left out what it cannot read: certificates and keys of security devices.
    const all = (keys as readonly ParsedKey[]).filter((key) => typeof key.getPublicSSH === 'function');
    if (all.length === 0) return once({ trouble: 'the agent has no key' });
    const { certificate, identities } = method;
    const chosen = all.filter((key) => {
      const blob = key.getPublicSSH();
      if (certificate) return blob.equals(certificate.publicKey);
      return !identities || identities.some((wanted) => wanted === fingerprint(blob));
    });
    if (chosen.length > 0)
      return once({ keys: chosen.map((key) => standIn(key, agentSigner(agent, key), certificate)) });
    once({
      trouble: certificate
        ? "the agent does not have the certificate's key"
        : 'the agent has none of the keys under "identities"',
    });
  });
}

function agentSigner(agent: AgentLink['agent'], key: ParsedKey): Signer {
  return (data, hash, done) => {
    agent.sign(key, data, hash ? { hash } : {}, (error, signature) => {
      if (!error && signature) return done(signature);
      done(new Error(cleanServerText(error?.message ?? 'no signature', MAX_TROUBLE)));
    });
  };
}
