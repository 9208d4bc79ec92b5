import type { AnyAuthMethod, AuthenticationType, AuthHandlerMiddleware } from 'ssh2';
import type { SshFailureType } from '../contract';
import { linkAgent } from './agent-link';
import type { AgentLink } from './agent-link';
import { cleanServerText } from './server-text';
import type { AuthMethod, SshTarget } from './target';

/** Offers the credentials of a target, each once, and remembers what was offered and what the server would take. */
export interface Authenticator {
  readonly handler: AuthHandlerMiddleware;
  /** What the server says it accepts, once it has refused something; cleaned and cut. */
  readonly accepted: readonly string[] | undefined;
  /** To be given ssh2's debug lines: about agents it tells what was sent, and what was answered, nowhere else. */
  observe(line: string): void;
  /** What it means that no credential was accepted: names and key labels, nothing secret. */
  refusal(agentTrouble: string | undefined): { readonly type: SshFailureType; readonly what: string };
  /** Ends what still goes on. */
  close(): void;
}

/** Whether to ask the server for its methods first, with the method `none` (RFC 4252 section 5.2). */
export interface AuthenticatorOptions {
  readonly probe?: boolean;
}

interface Attempt {
  readonly method: AuthMethod;
  /** The server was asked at least once; an agent without keys asks nothing. */
  offered: boolean;
}

// A server may list as many as fit into a packet.
const MAX_METHODS = 16;
const MAX_METHOD_NAME = 64;

const REQUEST = 'Outbound: Sending USERAUTH_REQUEST (';
const FAILURE = /^Inbound: Received USERAUTH_FAILURE \(([^]*)\)$/;

/**
 * The configured method is offered at once: the usual first `none` request costs a round trip. A method that the
 * server does not list is passed over, so that no attempt counts against `MaxAuthTries` that cannot succeed.
 */
export function createAuthenticator(
  { user, auth }: SshTarget,
  { probe = false }: AuthenticatorOptions = {}
): Authenticator {
  const left: AuthMethod[] = [...auth];
  const attempts: Attempt[] = [];
  const links: AgentLink[] = [];
  let accepted: readonly string[] | undefined;
  let probing = probe;

  const toSsh2 = (method: AuthMethod): AnyAuthMethod => {
    switch (method.type) {
      case 'publickey':
        return { type: 'publickey', username: user, key: method.key };
      case 'agent': {
        const link = linkAgent(method.socket);
        links.push(link);
        return { type: 'agent', username: user, agent: link.agent };
      }
      case 'password':
        return { type: 'password', username: user, password: method.password };
    }
  };
  const handler = (methodsLeft: AuthenticationType[] | null, _partial: boolean | null): AnyAuthMethod | false => {
    if (methodsLeft && !accepted) accepted = cleanNames(methodsLeft);
    if (probing) {
      probing = false;
      return { type: 'none', username: user };
    }
    for (let method = left.shift(); method; method = left.shift()) {
      if (accepted && !accepted.includes(protocolName(method))) continue;
      attempts.push({ method, offered: false });
      return toSsh2(method);
    }
    return false;
  };
  return {
    // The typings leave out that `null` stands for "not known yet" and `false` for "no more".
    handler,
    get accepted() {
      return accepted;
    },
    observe: (line) => {
      const attempt = attempts.at(-1);
      if (attempt && line.startsWith(REQUEST)) attempt.offered = true;
      const names = FAILURE.exec(line)?.[1];
      if (names !== undefined) accepted = cleanNames(names === '' ? [] : names.split(','));
    },
    refusal: (agentTrouble) => {
      const tried = attempts.filter(({ offered }) => offered).map(({ method }) => describe(method));
      const trouble = agentTrouble === undefined ? 'the agent has no key' : `the agent failed: ${agentTrouble}`;
      const silent = attempts.some(({ method, offered }) => method.type === 'agent' && !offered);
      if (tried.length === 0 && silent) {
        return { type: 'SshCredentialUnavailable', what: `was offered no credential; ${trouble}` };
      }
      const refused =
        tried.length > 0 ? `refused ${tried.join(', ')}` : 'accepts no method that this host has a credential for';
      const takes = accepted ? `; it accepts ${accepted.join(', ') || 'nothing'}` : '';
      return { type: 'SshAuthFailed', what: `${refused}${takes}${silent || agentTrouble ? `; ${trouble}` : ''}` };
    },
    close: () => {
      for (const link of links) link.close();
    },
  };
}

function cleanNames(names: readonly string[]): readonly string[] {
  return names.slice(0, MAX_METHODS).map((name) => cleanServerText(name, MAX_METHOD_NAME));
}

function protocolName(method: AuthMethod): string {
  return method.type === 'password' ? 'password' : 'publickey';
}

function describe(method: AuthMethod): string {
  switch (method.type) {
    case 'publickey':
      return `publickey (${method.label})`;
    case 'agent':
      return 'publickey (agent)';
    case 'password':
      return 'password';
  }
}
