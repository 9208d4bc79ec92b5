import assert from 'node:assert/strict';
import type { FaultProxy } from '../../../support/proxy';
import { startProxy } from '../../../support/proxy';
import { startSshd } from '../../../support/sshd';
import { startTcpScript } from '../../../support/tcp-script';
import { targetOf } from '../../support/engine';
import type { CatalogueGround, CatalogueRow, Expectation, Scene } from '../row';
import { shared } from '../support/shared';
import { allGone, onlyDeadlines } from '../support/wire-row';
import { reset } from '../../../support/reset';

const done: Expectation = { ends: 'success' };
const run = { ends: 'failure', stage: 'run', commandMayHaveRun: true } as const;
const idle: Expectation = { ...run, type: 'SshIdleTimeout', deadline: 'idle' };

const sshd = shared(() => startSshd());

interface ProxyRow extends Omit<CatalogueRow, 'arrange'> {
  readonly scene: (proxy: FaultProxy, ground: CatalogueGround) => Omit<Scene, 'target' | 'deadlines'>;
}

/** A real sshd behind a proxy that misbehaves. */
function proxyRow({ scene, ...row }: ProxyRow): CatalogueRow {
  const limit = row.expect.ends === 'failure' && row.expect.deadline ? [row.expect.deadline] : [];
  return {
    ...row,
    arrange: async (ground: CatalogueGround): Promise<Scene> => {
      const server = await sshd(ground.t);
      const proxy = await startProxy({ t: ground.t, target: server });
      const rest = scene(proxy, ground);
      return {
        ...rest,
        target: targetOf({ ...server, port: proxy.port }),
        deadlines: onlyDeadlines(ground, limit),
        check: async (end) => {
          // Nothing in between may have told of the end before; now that it passes again, both sides are gone.
          proxy.restore();
          const deadline = Date.now() + 10_000;
          while (proxy.open > 0 && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 20));
          assert.equal(proxy.open, 0, 'connections that were left open');
          assert.equal(proxy.connections, 1);
          await rest.check?.(end);
        },
      };
    },
  };
}

/** Networks and middleboxes between us and a real sshd. */
export const PROXY_ROWS: readonly CatalogueRow[] = [
  proxyRow({
    name: 'proxy-latency-300ms',
    what: 'a long way: an eighth of the deadline for the banner in each direction',
    expect: done,
    scene: (proxy, { deadlines }) => {
      proxy.latencyMs = deadlines.banner / 8;
      return { command: 'true' };
    },
  }),
  proxyRow({
    name: 'proxy-bandwidth-20k',
    what: 'a narrow line: output for longer than the idle limit would be, all of which arrives',
    expect: { ...run, type: 'SshExitStatus' },
    scene: (proxy, { deadlines }) => ({
      command: 'head -c 200000 /dev/zero; exit 3',
      options: {
        observer: {
          onStage: (stage) => {
            if (stage === 'run') proxy.bandwidth = 200_000 / ((deadlines.idle * 1.5) / 1_000);
          },
        },
      },
      check: ({ error }) => assert.equal(error?.result?.stdoutBytes, 200_000),
    }),
  }),
  proxyRow({
    name: 'proxy-first-byte-late',
    what: 'a congested way: the identification comes after the deadline for it',
    expect: { ends: 'failure', stage: 'banner', type: 'SshBannerTimeout', deadline: 'banner' },
    scene: (proxy, { deadlines }) => {
      proxy.firstByteDelayMs = deadlines.banner * 1.4;
      return { command: 'true' };
    },
  }),
  proxyRow({
    name: 'proxy-partition-exec',
    what: 'from the first output on nothing passes any more, in either direction',
    expect: idle,
    scene: (proxy) => ({ command: 'echo begun; sleep 600', options: { onOutput: () => proxy.drop() } }),
  }),
  proxyRow({
    name: 'proxy-control',
    what: 'nothing passes any more, some time after the command has begun',
    expect: idle,
    scene: (proxy, { t, deadlines }) => ({
      command: 'while :; do echo tick; sleep 0.05; done',
      options: {
        observer: {
          onStage: (stage) => {
            if (stage !== 'run') return;
            const timer = setTimeout(() => proxy.drop(), deadlines.idle / 3);
            t.after(() => clearTimeout(timer));
          },
        },
      },
    }),
  }),
  proxyRow({
    name: 'proxy-rst-exec',
    what: 'a middlebox resets the connection while the command runs',
    expect: { ...run, type: 'SshConnectionLost' },
    scene: (proxy) => ({ command: 'echo begun; sleep 600', options: { onOutput: () => proxy.rst() } }),
  }),
  proxyRow({
    name: 'proxy-fin-exec',
    what: 'a load balancer takes its backend out and ends the connection while the command runs',
    expect: { ...run, type: 'SshConnectionLost' },
    scene: (proxy) => ({ command: 'echo begun; sleep 600', options: { onOutput: () => proxy.fin() } }),
  }),
  proxyRow({
    name: 'proxy-mtu-blackhole',
    what: 'small packets pass, large ones do not (a tunnel whose path MTU nobody tells): it stops at KEXINIT',
    expect: { ends: 'failure', stage: 'kex', type: 'SshKexTimeout', deadline: 'kex' },
    scene: (proxy) => ({
      command: 'true',
      // Our identification has passed, our KEXINIT is the next packet.
      options: { observer: { onStage: (stage) => void (stage === 'kex' && proxy.drop()) } },
    }),
  }),
  proxyRow({
    name: 'proxy-partition-auth',
    what: 'nothing passes any more from the authentication on',
    expect: { ends: 'failure', stage: 'auth', type: 'SshAuthTimeout', deadline: 'auth' },
    scene: (proxy) => ({
      command: 'true',
      options: { observer: { onStage: (stage) => void (stage === 'auth' && proxy.drop()) } },
    }),
  }),
  proxyRow({
    name: 'proxy-partition-channel',
    what: 'nothing passes any more between the login and the channel',
    expect: { ends: 'failure', stage: 'channel', type: 'SshChannelTimeout', deadline: 'channel' },
    scene: (proxy) => ({
      command: 'true',
      options: { observer: { onStageDone: (stage) => void (stage === 'auth' && proxy.drop()) } },
    }),
  }),
  {
    name: 'proxy-protocol-expected',
    what: 'a load balancer that wants a PROXY header resets whoever begins with anything else',
    expect: { ends: 'failure', stage: 'banner', type: 'SshBannerClosed' },
    arrange: async (ground: CatalogueGround): Promise<Scene> => {
      const front = await startTcpScript(
        (socket) => {
          socket.once('data', (data: Buffer) => {
            if (!data.toString('latin1').startsWith('PROXY ')) reset(socket);
          });
        },
        { t: ground.t }
      );
      return {
        target: targetOf(front),
        deadlines: onlyDeadlines(ground, []),
        check: () => allGone(front.sockets),
      };
    },
  },
  {
    name: 'proxy-no-backend',
    what: 'a load balancer without a backend accepts, and resets at once',
    expect: { ends: 'failure', stage: ['connect', 'banner'], type: 'SshBannerClosed' },
    arrange: async (ground: CatalogueGround): Promise<Scene> => {
      const front = await startTcpScript((socket) => void reset(socket), { t: ground.t });
      return { target: targetOf(front), deadlines: onlyDeadlines(ground, []), check: () => allGone(front.sockets) };
    },
  },
];
