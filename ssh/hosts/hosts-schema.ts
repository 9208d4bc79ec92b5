import { z } from 'zod';
import { DURATION_EXPECTED, TIMEOUT_NAMES, isEnvName, kindOf, parseDuration } from '../../contract';
import { PIN_EXPECTED, addressProblem, isRecordable, kindOfSecret, parsePin, showPublic } from './config-values';
import { promptMatcher } from './prompt-answers';

/** What an issue about a key that is not known carries, for the message. */
export interface UnknownKeyParams {
  readonly known: readonly string[];
  /** Keys of the design that this version refuses, since ignoring them would do something else than was meant. */
  readonly unsupported: readonly string[];
}

type Found = (value: unknown) => string;

const isText = (value: unknown): value is string => typeof value === 'string' && /^\P{Cc}{1,1024}$/u.test(value);

/** A value judged by a predicate; one that is `undefined` counts as not given where it is optional. */
function leaf(expected: string, accepts: (value: unknown) => boolean, found: Found = showPublic) {
  return z.custom<unknown>(accepts, { error: ({ input }) => `expected ${expected}, found ${found(input)}` });
}

/** An object in which each unknown key is an issue of its own. */
function section(what: string, shape: z.core.$ZodShape, unsupported: readonly string[] = []) {
  const known = Object.keys(shape);
  const params: UnknownKeyParams = { known, unsupported };
  const unknownKey = z.custom<unknown>((value) => value === undefined, { params: { ...params } });
  const error: z.core.$ZodErrorMap = ({ input }) =>
    `expected ${what} with ${known.join(', ')}, found ${kindOfSecret(input)}`;
  return z.object(shape, { error }).catchall(unknownKey);
}

/** A map of names to values; the names are the user's own. */
function named(what: string, value: z.ZodType) {
  const name = z.string().refine((text) => isText(text) && !/\s/.test(text), {
    error: 'expected a name without spaces and control characters',
  });
  const error: z.core.$ZodErrorMap = ({ input }) => `expected ${what}, found ${kindOfSecret(input)}`;
  return z.record(name, value, { error });
}

/** What `other` describes, or a value that `accepts` takes before. */
function orElse(accepts: (value: unknown) => boolean, other: z.ZodType) {
  return z.unknown().superRefine((value, context) => {
    if (value === undefined || accepts(value)) return;
    for (const issue of other.safeParse(value).error?.issues ?? []) {
      const params = issue.code === 'custom' && issue.params ? { params: issue.params } : {};
      context.addIssue({ code: 'custom', message: issue.message, path: [...issue.path], ...params });
    }
  });
}

const pin = leaf(PIN_EXPECTED, (value) => typeof value === 'string' && parsePin(value) !== undefined);

const isPath = (value: unknown): boolean => isText(value) && !/^~[^/]/.test(value);

const path = leaf('a path', isPath);

const isCount = (value: unknown, most: number): boolean =>
  Number.isInteger(value) && Number(value) >= 1 && Number(value) <= most;

function secret(plainSecrets: boolean) {
  const source = z.object(
    {
      env: leaf(
        'the name of an environment variable',
        (value) => typeof value === 'string' && isEnvName(value),
        kindOfSecret
      ).optional(),
      file: path.optional(),
    },
    {
      error: ({ input }) =>
        plainSecrets
          ? `expected a string, { env: NAME } or { file: PATH }, found ${kindOfSecret(input)}`
          : `expected { env: NAME } or { file: PATH }, since secrets must not be in a hosts file, found ${kindOfSecret(input)}`,
    }
  );
  const params: UnknownKeyParams = { known: ['env', 'file'], unsupported: [] };
  const strict = source.catchall(z.custom<unknown>((value) => value === undefined, { params: { ...params } }));
  const single = strict.refine(({ env, file }) => (env === undefined) !== (file === undefined), {
    error: 'expected either { env: NAME } or { file: PATH }, found both or neither',
  });
  return orElse((value) => plainSecrets && typeof value === 'string' && value !== '', single).optional();
}

/** At least one answer, each to a prompt of its own. */
function keyboardInteractive(plainSecrets: boolean) {
  const answer = section('an answer', {
    prompt: leaf(
      'a part of the prompt, or a regular expression between slashes',
      (value) => isText(value) && promptMatcher(value) !== undefined
    ),
    // As for the address of a host: it is required, and a key that is absent is judged too.
    answer: z
      .custom<unknown>((value) => value !== undefined, { error: 'expected an answer, found none' })
      .pipe(secret(plainSecrets)),
  });
  const expected = 'a list of { prompt, answer }';
  return z
    .array(answer, { error: ({ input }) => `expected ${expected}, found ${kindOfSecret(input)}` })
    .min(1, { error: `expected ${expected}, found an empty list` });
}

const agentIdentities = z
  .array(pin, { error: ({ input }) => `expected a list of keys, each ${PIN_EXPECTED}, found ${kindOf(input)}` })
  .min(1, { error: `expected a list of keys, each ${PIN_EXPECTED}, found an empty list` });

const agent = orElse(
  (value) => typeof value === 'boolean' || isText(value),
  section("true, the path of an agent's socket, or an object", {
    socket: path.optional(),
    identities: agentIdentities.optional(),
  })
);

function credential(plainSecrets: boolean) {
  return section('a credential', {
    privateKeyFile: path.optional(),
    privateKey: secret(plainSecrets),
    passphrase: secret(plainSecrets),
    certificateFile: path.optional(),
    // No secret, but kept where the key is.
    certificate: secret(plainSecrets),
    password: secret(plainSecrets),
    keyboardInteractive: keyboardInteractive(plainSecrets).optional(),
    agent: agent.optional(),
  });
}

const timeout = leaf(DURATION_EXPECTED, (value) => parseDuration(value) !== undefined).optional();

/** Fields of both a host and the defaults. */
function common(plainSecrets: boolean) {
  return {
    port: leaf('a port from 1 to 65535', (port) => isCount(port, 65535)).optional(),
    user: leaf('the name of the remote user', isText).optional(),
    credential: orElse(isText, credential(plainSecrets)).optional(),
    knownHosts: leaf(
      'a path, or a list of them',
      (value) => isPath(value) || (Array.isArray(value) && value.length > 0 && value.every(isPath))
    ).optional(),
    keepalive: section('an object', {
      interval: leaf(
        `${DURATION_EXPECTED}, or 0 for none`,
        (value) => value === 0 || parseDuration(value) !== undefined
      ).optional(),
      countMax: leaf('a number from 1 to 100', (value) => isCount(value, 100)).optional(),
    }).optional(),
    strictHostKeyChecking: leaf(
      "'yes' or 'accept-new'",
      (value) => value === 'yes' || value === 'accept-new'
    ).optional(),
    labels: named(
      'an object of names and strings',
      leaf('a string (numbers need quotes)', (value) => typeof value === 'string')
    ).optional(),
    becomePassword: secret(plainSecrets),
    jobDirectory: leaf('an absolute path on the host', (value) => isText(value) && value.startsWith('/')).optional(),
    timeouts: section('an object', Object.fromEntries(TIMEOUT_NAMES.map((name) => [name, timeout]))).optional(),
  };
}

const isProxyCommand = (value: unknown): boolean => isText(value) && /^(?:[^%]|%[hprn%])+$/.test(value);

const UNSUPPORTED_OF_HOST = ['policy'];

/** A single host, as a function returns it or as it stands in a hosts file. */
export function hostSchema(plainSecrets: boolean): z.ZodType {
  const { port, user, ...rest } = common(plainSecrets);
  // z.custom takes `undefined` for a key that is absent, hence no `.optional()`: the address is required.
  const address = z.custom<unknown>((value) => addressProblem(value) === undefined, {
    error: ({ input }) => `expected ${addressProblem(input)}, found ${showPublic(input)}`,
  });
  const pins = z.array(pin, {
    error: ({ input }) => `expected ${PIN_EXPECTED}, or a list of them, found ${kindOf(input)}`,
  });
  const hostKey = z.unknown().superRefine((value, context) => {
    if (value === undefined) return;
    const list =
      typeof value === 'string' ? pin : pins.min(1, { error: `expected ${PIN_EXPECTED}, found an empty list` });
    for (const issue of list.safeParse(value).error?.issues ?? []) {
      context.addIssue({ code: 'custom', message: issue.message, path: [...issue.path] });
    }
  });
  const hostKeyAlias = leaf('a name as in known_hosts', (value) => isText(value) && isRecordable(value));
  const isName = (value: unknown): boolean => isText(value) && !/\s/.test(value);
  const jump = leaf(
    'the name of a host, or a list of them, the first hop first',
    (value) => isName(value) || (Array.isArray(value) && value.length > 0 && value.every(isName))
  );
  const shape = {
    address,
    port,
    user,
    hostKey: hostKey.optional(),
    hostKeyAlias: hostKeyAlias.optional(),
    jump: jump.optional(),
    proxyCommand: leaf('a command with the tokens %h, %p, %r, %n and %% only', isProxyCommand).optional(),
    ...rest,
  };
  return section('a host', shape, UNSUPPORTED_OF_HOST);
}

/** Where hosts are looked up in OpenSSH's configuration. */
const sshConfig = orElse(
  (value) => typeof value === 'boolean' || (typeof value === 'string' && isPath(value)),
  section('true, a path, or an object', {
    file: path.optional(),
    hosts: leaf(
      'a list of patterns',
      (value) => Array.isArray(value) && value.every((item) => isText(item) && !/\s/.test(item))
    ).optional(),
    allowProxyCommand: leaf('true or false', (value) => typeof value === 'boolean').optional(),
  })
);

/** A whole hosts file; `hosts` may be missing in one that looks hosts up elsewhere. */
export function hostsFileSchema(plainSecrets: boolean, hostsElsewhere: boolean): z.ZodType {
  const hosts = named('an object of names and hosts', hostSchema(plainSecrets));
  return section(
    'an object',
    {
      // A default route would lead through the jump host to itself.
      defaults: section('an object', common(plainSecrets), ['jump', 'proxyCommand', ...UNSUPPORTED_OF_HOST]).optional(),
      credentials: named('an object of names and credentials', credential(plainSecrets)).optional(),
      hosts: hostsElsewhere ? hosts.optional() : hosts,
      sshConfig: sshConfig.optional(),
    },
    ['policy']
  );
}
