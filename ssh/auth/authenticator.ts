import type {
  AnyAuthMethod,
  AuthenticationType,
  AuthHandlerMiddleware,
  Client,
  NextAuthHandler,
  ParsedKey,
} from 'ssh2';
import type { SshFailureType } from '../../contract';
import { cleanServerText } from '../server-text';
import type { AgentMethod, PasswordMethod, PromptAnswer, SshTarget } from '../target';
import { listAgentKeys } from './agent-keys';
import { linkAgent } from './agent-link';
import type { AgentLink } from './agent-link';
import { AuthAttempts } from './auth-attempts';
import { methodNames, needsHooks } from './candidate';
import type { Candidate } from './candidate';
import { offeredKey, signerOf, standIn } from './offered-key';
import { PromptAnswerer } from './prompt-answerer';
import { hookUserAuth } from './user-auth-hooks';

/** What {@link Authenticator} needs beside the target. */
export interface AuthenticatorOptions {
  /** Whether to ask the server for its methods first, with the method `none` (RFC 4252 section 5.2). */
  readonly probe: boolean;
  /** The authentication cannot go on, as when a question has no answer. */
  readonly onStop: (type: SshFailureType, what: string) => void;
  /** A password or an answer goes to the server: from here on it may have counted as a try. */
  readonly onSecret?: (() => void) | undefined;
}

// A server may list as many as fit into a packet.
const MAX_METHODS = 16;
const MAX_METHOD_NAME = 64;

const MAX_TROUBLE = 200;

const REQUEST = 'Outbound: Sending USERAUTH_REQUEST (';
const NO_HASH = 'Skipping key authentication (no mutual hash algorithm)';

/**
 * Offers the credentials of a target, each once, and remembers what was offered and what the server would take.
 *
 * A key is offered at once: the usual first `none` request costs a round trip. Only a password is preceded by it, because
 * it can be given in two ways. A method that the server does not list is left for later, so that no attempt counts against
 * `MaxAuthTries` that cannot succeed; after a partial success (RFC 4252 section 5.1) its turn may come.
 */
export class Authenticator {
  readonly #user: string;
  readonly #onStop: AuthenticatorOptions['onStop'];
  readonly #onSecret: AuthenticatorOptions['onSecret'];
  readonly #left: Candidate[];
  readonly #attempts: AuthAttempts;
  readonly #links: AgentLink[] = [];
  readonly #agentKeys = new Set<ParsedKey>();
  #accepted: readonly string[] | undefined;
  #continuing: readonly string[] | undefined;
  #probing: boolean;
  #answerer: PromptAnswerer | undefined;
  #hooked = false;
  #closed = false;

  constructor({ user, auth }: SshTarget, { probe, onStop, onSecret }: AuthenticatorOptions) {
    this.#user = user;
    this.#onStop = onStop;
    this.#onSecret = onSecret;
    this.#left = [...auth];
    this.#attempts = new AuthAttempts(user);
    const first = auth[0]?.type;
    this.#probing = probe || first === 'password' || first === 'keyboard-interactive';
  }

  /** What the server said that it accepts, when it last refused something; cleaned and cut. */
  get accepted(): readonly string[] | undefined {
    return this.#accepted;
  }

  /** What the server said beside its questions (keyboard-interactive); cleaned. */
  get notes(): string {
    return this.#answerer?.notes ?? '';
  }

  /** To be given the client as soon as it has begun to connect. */
  attach(client: Client): void {
    this.#hooked = hookUserAuth(client, {
      onInfoRequest: (name, instruction) => {
        const problem = this.#answerer?.begin(name, instruction);
        if (problem && 'type' in problem) this.#onStop(problem.type, problem.what);
        return problem === undefined;
      },
    });
  }

  /** ssh2's `authHandler`. */
  readonly handler: AuthHandlerMiddleware = (methods: AuthenticationType[] | null, partial: boolean | null, next) => {
    if (methods) {
      this.#continuing = methods;
      this.#accepted = methods.slice(0, MAX_METHODS).map((name) => cleanServerText(name, MAX_METHOD_NAME));
    }
    if (partial === true) this.#attempts.partialSuccess();
    if (!this.#probing) return this.#advance(next);
    this.#probing = false;
    next({ type: 'none', username: this.#user });
  };

  /** To be given ssh2's debug lines: what was sent it tells nowhere else. */
  observe(line: string): void {
    if (line.startsWith(REQUEST)) this.#attempts.sent();
    if (line.startsWith(`${REQUEST}password`)) this.#onSecret?.();
    if (line === NO_HASH) this.#attempts.rsaLeftOut = true;
  }

  /** Whether an error of ssh2 only says that an agent did not sign; the next credential follows then. */
  passesOver(error: Error): boolean {
    if (![...this.#agentKeys].some((key) => offeredKey(key)?.failure === error)) return false;
    // ssh2 has put words of its own before the agent's.
    const reason = error.message.replace(/^Error signing data with key: /, '');
    this.#attempts.agentTrouble = `the agent failed: ${cleanServerText(reason, MAX_TROUBLE)}`;
    return true;
  }

  /** What it means that no credential was accepted: names and key labels, nothing secret. */
  refusal(): { readonly type: SshFailureType; readonly what: string } {
    return this.#attempts.refusal(this.#accepted);
  }

  /** Ends what still goes on. */
  close(): void {
    this.#closed = true;
    for (const link of this.#links) link.close();
  }

  #advance(next: NextAuthHandler): void {
    if (this.#closed) return;
    const index = this.#left.findIndex((candidate) => methodNames(candidate).some((name) => this.#allows(name)));
    const [candidate] = index === -1 ? [] : this.#left.splice(index, 1);
    // The typings leave out that `false` stands for "no more".
    if (!candidate) return next(false as unknown as AnyAuthMethod);
    if (!this.#hooked && needsHooks(candidate)) {
      return this.#onStop(
        'SshConfigUnsupported',
        'cannot be offered agent keys, certificates or RSA keys by this version of ssh2'
      );
    }
    if (candidate.type !== 'agent') return next(this.#offer(candidate));
    const link = linkAgent(candidate.socket);
    this.#links.push(link);
    listAgentKeys(link, candidate, (result) => {
      if ('trouble' in result) this.#attempts.agentTrouble = result.trouble;
      else this.#left.unshift(...result.keys.map((key) => ({ type: 'agent-key', key, method: candidate }) as const));
      this.#advance(next);
    });
  }

  #allows(name: string): boolean {
    return this.#continuing?.includes(name) ?? true;
  }

  #offer(candidate: Exclude<Candidate, AgentMethod>): AnyAuthMethod {
    const username = this.#user;
    switch (candidate.type) {
      case 'publickey': {
        const { key, label, certificate } = candidate;
        this.#attempts.begin('publickey', certificate ? `certificate of ${label}` : label, certificate);
        return { type: 'publickey', username, key: standIn(key, signerOf(key), certificate) };
      }
      case 'agent-key':
        this.#attempts.beginAgentKey(candidate.method.certificate);
        this.#agentKeys.add(candidate.key);
        return { type: 'publickey', username, key: candidate.key };
      case 'keyboard-interactive':
        this.#attempts.begin('keyboard-interactive');
        return this.#askedFor(candidate.answers, this.#password);
      case 'password':
        if (!this.#allows('password')) {
          this.#attempts.begin('keyboard-interactive', 'password');
          return this.#askedFor([], candidate);
        }
        this.#attempts.begin('password');
        return { type: 'password', username, password: candidate.password };
    }
  }

  get #password(): PasswordMethod | undefined {
    return this.#left.find((candidate): candidate is PasswordMethod => candidate.type === 'password');
  }

  #askedFor(answers: readonly PromptAnswer[], password: PasswordMethod | undefined): AnyAuthMethod {
    const answerer = new PromptAnswerer(answers, password?.password);
    this.#answerer = answerer;
    return {
      type: 'keyboard-interactive',
      username: this.#user,
      prompt: (_name, _instruction, _language, prompts, finish) => {
        const result = answerer.answer(prompts);
        // Given once is tried: the same password is not sent again as the method of its own.
        if (answerer.passwordGiven && password && this.#left.includes(password)) {
          this.#left.splice(this.#left.indexOf(password), 1);
        }
        if ('answers' in result) {
          if (result.answers.length > 0) this.#onSecret?.();
          finish([...result.answers]);
        } else this.#onStop(result.type, result.what);
      },
    };
  }
}
