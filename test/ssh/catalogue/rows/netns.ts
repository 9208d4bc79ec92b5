import type { SshDeadlines, SshStage } from '../../../../contract';
import type { NetworkNamespace } from '../../../support/netns';
import type { SshScript, SshScriptOptions } from '../../../support/ssh-script';
import type { CatalogueGround, CatalogueRow, Expectation } from '../row';
import { netnsRow } from '../support/netns-row';

type Timeout = 'SshBannerTimeout' | 'SshAuthTimeout' | 'SshChannelTimeout' | 'SshExecTimeout';

function timeout(stage: SshStage & keyof SshDeadlines, type: Timeout, commandMayHaveRun = false): Expectation {
  return { ends: 'failure', type, stage, deadline: stage, commandMayHaveRun };
}

/** Whatever the server has seen: the link is down, so that it hears no end. */
const anything = (): void => undefined;

/** Takes the link down when the server has come so far; it answers afterwards, into the void. */
function cutAt(
  stage: 'auth' | 'channel' | 'exec',
  { link }: NetworkNamespace,
  then: (act: () => void) => void = (act) => act()
): SshScriptOptions {
  const cut = (act: () => unknown): void => void link('down').then(() => then(() => void act()));
  switch (stage) {
    case 'auth':
      return { onAuth: (context) => cut(() => context.accept()) };
    case 'channel':
      return { onSession: (accept) => cut(accept) };
    case 'exec':
      return { onExec: ({ accept }) => cut(accept) };
  }
}

/** The link is down for a part of the deadline only: TCP sends again what was lost meanwhile. */
function restore(part: 'auth', { link }: NetworkNamespace, { deadlines }: CatalogueGround): (act: () => void) => void {
  return (act) => {
    act();
    setTimeout(() => void link('up'), deadlines[part] / 10);
  };
}

function acceptedOnce({ sockets, commands }: SshScript): void {
  if (sockets.length !== 1 || commands.length > 1)
    throw new Error(`${sockets.length} connections, ${commands.length} commands`);
}

/** A network that breaks for real: a link between two network namespaces, of which one end is taken down. */
export const NETNS_ROWS: readonly CatalogueRow[] = [
  netnsRow({
    name: 'netns-ok',
    what: 'the link is up, and stays so',
    expect: { ends: 'success' },
    script: () => ({}),
  }),
  netnsRow({
    name: 'halfopen-banner',
    what: 'the peer vanishes as soon as the connection stands',
    expect: timeout('banner', 'SshBannerTimeout'),
    // Without a server of ours at the other end, the kernel alone accepts.
    script: () => ({ fault: { stage: 'banner', how: 'silence' } }),
    check: anything,
    lay: async ({ script, netns }) => {
      void script?.connection(0).then(() => netns.link('down'));
      return {};
    },
  }),
  netnsRow({
    name: 'halfopen-auth',
    what: 'the peer vanishes at the authentication',
    expect: timeout('auth', 'SshAuthTimeout'),
    script: (_ground, netns) => cutAt('auth', netns),
    check: acceptedOnce,
  }),
  netnsRow({
    name: 'halfopen-channel',
    what: 'the peer vanishes at the channel open',
    expect: timeout('channel', 'SshChannelTimeout'),
    script: (_ground, netns) => cutAt('channel', netns),
    check: acceptedOnce,
  }),
  netnsRow({
    name: 'halfopen-exec',
    what: 'the peer vanishes when it has the command',
    expect: timeout('exec', 'SshExecTimeout', true),
    script: (_ground, netns) => cutAt('exec', netns),
    check: acceptedOnce,
  }),
  netnsRow({
    name: 'halfopen-auth-back',
    what: 'the link is down at the authentication for a while, and comes back in time',
    expect: { ends: 'success' },
    script: (ground, netns) => cutAt('auth', netns, restore('auth', netns, ground)),
  }),
  netnsRow({
    name: 'netns-mtu-blackhole',
    what: 'packets over 600 bytes vanish on the way: a tunnel with a smaller MTU, and no word of it',
    expect: { ends: 'failure', type: 'SshKexTimeout', stage: 'kex', deadline: 'kex' },
    script: () => ({}),
    check: acceptedOnce,
    lay: async ({ netns }) => {
      await netns.limitPackets(600);
      return {};
    },
  }),
];
