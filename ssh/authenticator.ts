import type { AnyAuthMethod, AuthenticationType, AuthHandlerMiddleware } from 'ssh2';
import type { AuthMethod, SshTarget } from './target';

/** Offers the credentials of a target, each once, and remembers what was offered and what the server would take. */
export interface Authenticator {
  readonly handler: AuthHandlerMiddleware;
  /** What was offered, for the failure: names and key labels, nothing secret. */
  readonly tried: readonly string[];
  /** What the server says it accepts, once it has refused something. */
  readonly accepted: readonly string[] | undefined;
}

/** Whether to ask the server for its methods first, with the method `none` (RFC 4252 section 5.2). */
export interface AuthenticatorOptions {
  readonly probe?: boolean;
}

/**
 * The configured method is offered at once: the usual first `none` request costs a round trip. A method that the
 * server does not list is passed over, so that no attempt counts against `MaxAuthTries` that cannot succeed.
 */
export function createAuthenticator(
  { user, auth }: SshTarget,
  { probe = false }: AuthenticatorOptions = {}
): Authenticator {
  const left: AuthMethod[] = [...auth];
  const tried: string[] = [];
  let accepted: readonly string[] | undefined;
  let probing = probe;
  const handler = (methodsLeft: AuthenticationType[] | null, _partial: boolean | null): AnyAuthMethod | false => {
    if (methodsLeft) accepted = methodsLeft;
    if (probing) {
      probing = false;
      return { type: 'none', username: user };
    }
    for (let method = left.shift(); method; method = left.shift()) {
      if (accepted && !accepted.includes(protocolName(method))) continue;
      tried.push(describe(method));
      return toSsh2(method, user);
    }
    return false;
  };
  return {
    // The typings leave out that `null` stands for "not known yet" and `false` for "no more".
    handler,
    tried,
    get accepted() {
      return accepted;
    },
  };
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

function toSsh2(method: AuthMethod, username: string): AnyAuthMethod {
  switch (method.type) {
    case 'publickey':
      return { type: 'publickey', username, key: method.key };
    case 'agent':
      return { type: 'agent', username, agent: method.socket };
    case 'password':
      return { type: 'password', username, password: method.password };
  }
}
