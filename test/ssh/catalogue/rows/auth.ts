import assert from 'node:assert/strict';
import { keyMethod } from '../../support/engine';
import { string } from '../../support/packets';
import type { Expectation, CatalogueRow } from '../row';
import {
  answerService,
  globalRequest,
  publicKeyOk,
  serviceAccept,
  userauthFailure,
  userauthSuccess,
} from '../support/packets';
import { wireRow } from '../support/wire-row';
import { reset } from '../../../support/reset';

const auth = { ends: 'failure', stage: 'auth' } as const;
const timeout: Expectation = { ...auth, type: 'SshAuthTimeout', deadline: 'auth' };
const refused: Expectation = { ...auth, type: 'SshAuthFailed' };

/** Authentication (RFC 4252), packet by packet. */
export const AUTH_ROWS: readonly CatalogueRow[] = [
  wireRow({
    name: 'auth-service-silent',
    what: 'the service request is never answered',
    expect: timeout,
    script: () => ({ onConnection: (wire) => answerService(wire, () => undefined) }),
    offers: [],
  }),
  wireRow({
    name: 'auth-silent',
    what: 'no authentication request is answered',
    expect: timeout,
    script: () => ({ onAuth: () => undefined }),
    offers: ['publickey'],
  }),
  wireRow({
    name: 'auth-query-stall',
    what: 'the key would do, but its signature is not answered',
    expect: timeout,
    script: () => ({
      onAuth: (context) => {
        if (context.method === 'publickey' && context.signature === undefined) context.accept();
      },
    }),
  }),
  wireRow({
    name: 'auth-refused-password',
    what: 'a wrong password',
    expect: { ...refused, message: /refused password; it accepts password/ },
    script: () => ({ onAuth: (context) => context.reject(['password']) }),
    target: () => ({ auth: [{ type: 'password', password: 'battery staple' }] }),
    offers: ['password'],
    check: ({ error }) => assert.doesNotMatch(`${error?.stack} ${JSON.stringify(error)}`, /battery staple/),
  }),
  wireRow({
    name: 'auth-refused-publickey',
    what: 'a key that the server does not know; it is asked about, but nothing is signed with it',
    expect: { ...refused, message: /refused publickey \(test key\)/ },
    script: () => ({ onAuth: (context) => context.reject(['publickey']) }),
    offers: ['publickey'],
  }),
  wireRow({
    name: 'auth-too-many-failures',
    what: 'disconnects with "Too many authentication failures"',
    expect: { ...refused, serverText: /^Too many authentication failures$/ },
    script: () => ({ onAuth: (_context, wire) => void wire.disconnect(2, 'Too many authentication failures') }),
    offers: ['publickey'],
  }),
  wireRow({
    name: 'auth-password-expired',
    what: 'the password has expired: a new one is asked for',
    expect: { ...auth, type: 'SshAuthPasswordExpired' },
    script: () => ({
      onAuth: (context) => {
        if (context.method === 'password') context.requestChange('too old', () => undefined);
        else context.reject(['password']);
      },
    }),
    target: () => ({ auth: [{ type: 'password', password: 'aged' }] }),
    offers: ['password'],
  }),
  wireRow({
    name: 'auth-no-usable-method',
    what: 'only gssapi-with-mic is accepted',
    expect: { ...refused, message: /it accepts gssapi-with-mic/ },
    script: () => ({ onAuth: (_context, wire) => void wire.raw(userauthFailure('gssapi-with-mic')) }),
    offers: ['publickey'],
  }),
  wireRow({
    name: 'auth-rst',
    what: 'RST instead of an answer to the authentication',
    expect: { ...auth, type: 'SshConnectionLost' },
    script: () => ({ onAuth: (_context, wire) => void reset(wire.socket) }),
    offers: ['publickey'],
  }),
  wireRow({
    name: 'auth-fin',
    what: 'FIN instead of an answer to the authentication, as when the grace time of the login has passed',
    expect: { ...auth, type: 'SshConnectionLost' },
    script: () => ({ onAuth: (_context, wire) => void wire.socket.end() }),
    offers: ['publickey'],
  }),
  wireRow({
    name: 'auth-service-wrong-name',
    what: 'another service than the one that was asked for is accepted',
    expect: { ...auth, type: 'SshProtocolError' },
    script: () => ({ onConnection: (wire) => answerService(wire, () => wire.raw(serviceAccept('ssh-connection'))) }),
    offers: [],
  }),
  wireRow({
    name: 'auth-unrequested-success',
    what: 'success before any credential was offered: nothing may be made of a login that was not asked for',
    expect: { ...auth, type: 'SshProtocolError' },
    script: () => ({ onConnection: (wire) => answerService(wire, () => wire.raw(userauthSuccess())) }),
    offers: [],
  }),
  wireRow({
    name: 'auth-success-to-query',
    what: 'success in answer to the question whether a key would do, without its signature',
    expect: { ends: 'success' },
    script: () => ({
      onAuth: (context) => (context as unknown as { _cbfinal(allowed: boolean): void })._cbfinal(true),
      onExec: (wire) => void wire.success().exitStatus(0).eof().close(),
    }),
    offers: ['publickey'],
  }),
  wireRow({
    name: 'auth-hostkeys-request',
    what: 'announces further host keys after the login, which is no request to answer',
    expect: { ends: 'success' },
    script: () => ({
      onExec: (wire) =>
        void wire
          .raw(globalRequest('hostkeys-00@openssh.com', false, string('not a key')))
          .success()
          .exitStatus(0)
          .eof()
          .close(),
    }),
  }),
  wireRow({
    name: 'auth-query-other-key',
    what: 'says of another key than the one in question that it would do',
    expect: { ...auth, type: 'SshAuthFailed' },
    script: () => ({
      onAuth: (context, wire) => {
        if (context.method !== 'publickey') return;
        if (context.signature !== undefined) return context.reject(['publickey']);
        const { _protocol: protocol } = wire.connection as unknown as { _protocol: { authPKOK(): void } };
        protocol.authPKOK = () => void wire.raw(publicKeyOk('ssh-rsa', string('another key')));
        context.accept();
      },
    }),
  }),
  wireRow({
    name: 'auth-no-methods-left',
    what: 'the refusal lists no method at all',
    expect: { ...refused, message: /it accepts nothing/ },
    script: () => ({ onAuth: (_context, wire) => void wire.raw(userauthFailure('')) }),
    offers: ['publickey'],
  }),
  wireRow({
    name: 'auth-partial-for-ever',
    what: 'every login is partial success and the next one is asked for: each credential is offered once',
    expect: { ...refused },
    script: () => ({
      onAuth: (context) => {
        if (context.method === 'publickey' && context.signature === undefined) context.accept();
        else context.reject(['publickey', 'password'], true);
      },
    }),
    target: ({ clientKeyFile }) => ({
      auth: [keyMethod(clientKeyFile), { type: 'password', password: 'second factor' }],
    }),
    offers: ['publickey', 'publickey', 'password'],
  }),
  wireRow({
    name: 'auth-methods-flood',
    what: 'the refusal lists 2,000 methods with control characters in them',
    expect: refused,
    script: () => ({
      onAuth: (_context, wire) =>
        void wire.raw(userauthFailure(Array.from({ length: 2_000 }, (_, i) => `\u001b[1m${i}\r\n`).join(','))),
    }),
    offers: ['publickey'],
  }),
];
