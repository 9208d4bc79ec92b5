import { startFullBacklog } from '../../../support/full-backlog';
import { startTcpScript } from '../../../support/tcp-script';
import { targetOf } from '../../support/engine';
import type { CatalogueGround, CatalogueRow, Expectation, Scene } from '../row';
import { netnsRow } from '../support/netns-row';
import type { NetnsGround, NetnsScene } from '../support/netns-row';

const timeout = {
  ends: 'failure',
  type: 'SshConnectTimeout',
  stage: 'connect',
  deadline: 'connect',
} as const satisfies Expectation;
const unreachable = { ends: 'failure', type: 'SshConnectUnreachable', stage: 'connect' } as const satisfies Expectation;

// RFC 5737: an address for documentation, behind no link.
const ELSEWHERE = { address: '203.0.113.9', port: 22 };

/** A route inside that does something else than to lead somewhere. */
function route(kind: 'unreachable' | 'prohibit' | 'blackhole'): (ground: NetnsGround) => Promise<NetnsScene> {
  return async ({ netns }) => {
    await netns.ip('route', 'add', kind, `${ELSEWHERE.address}/32`);
    return { server: ELSEWHERE };
  };
}

/** TCP: nobody there, no way there, or no answer. */
export const TCP_ROWS: readonly CatalogueRow[] = [
  {
    name: 'tcp-refused',
    what: 'nothing listens: sshd restarts, or the port is wrong',
    expect: { ends: 'failure', type: 'SshConnectRefused', stage: 'connect', message: /refused the TCP connection/ },
    arrange: async ({ t }: CatalogueGround): Promise<Scene> => {
      const script = await startTcpScript(undefined, { t });
      await script.stop();
      return { target: targetOf(script) };
    },
  },
  {
    name: 'tcp-backlog-full',
    what: 'the accept queue is full and SYNs are dropped: a congested server',
    expect: timeout,
    arrange: async ({ t }: CatalogueGround): Promise<Scene> => ({ target: targetOf(await startFullBacklog({ t })) }),
  },
  netnsRow({
    name: 'tcp-blackhole',
    what: 'SYNs go out and nothing ever comes back: a firewall that drops, a host that is off',
    expect: timeout,
    lay: async ({ netns }) => {
      const [gone, nobody] = ['198.51.100.7', '02:00:00:00:00:01'];
      await netns.ip('route', 'add', `${gone}/32`, 'dev', netns.device);
      await netns.ip('neighbour', 'add', gone, 'lladdr', nobody, 'dev', netns.device, 'nud', 'permanent');
      return { server: { address: gone, port: 22 } };
    },
  }),
  netnsRow({
    name: 'tcp-no-arp',
    what: 'the address is on the link and nobody there has it: the kernel gives up before the deadline',
    expect: { ...unreachable, message: /EHOSTUNREACH/ },
    lay: async ({ netns }) => {
      // The kernel asks three times, one second apart by default.
      await netns.sysctl(`net.ipv4.neigh.${netns.device}.retrans_time_ms`, '50');
      await netns.ip('route', 'add', '198.51.100.7/32', 'dev', netns.device);
      return { server: { address: '198.51.100.7', port: 22 } };
    },
  }),
  netnsRow({
    name: 'tcp-net-unreachable',
    what: 'no route: an interface or a VPN is down',
    expect: { ...unreachable, message: /ENETUNREACH/ },
    lay: () => ({ server: ELSEWHERE }),
  }),
  netnsRow({
    name: 'tcp-route-unreachable',
    what: 'the routing table says that the host cannot be reached',
    expect: { ...unreachable, message: /EHOSTUNREACH/ },
    lay: route('unreachable'),
  }),
  netnsRow({
    name: 'tcp-route-prohibited',
    what: 'a policy of this machine forbids the way',
    expect: { ...unreachable, message: /EACCES/ },
    lay: route('prohibit'),
  }),
  netnsRow({
    name: 'tcp-route-blackhole',
    what: 'this machine itself throws away what goes there',
    expect: { ...unreachable, message: /EINVAL/ },
    lay: route('blackhole'),
  }),
  netnsRow({
    name: 'tcp-no-local-port',
    what: 'all local ports for connections to that server are in use',
    expect: { ...unreachable, message: /EADDRNOTAVAIL/ },
    lay: async ({ netns }) => {
      await netns.sysctl('net.ipv4.ip_local_port_range', '40000 40001');
      return { server: { address: '127.0.0.1', port: 22 }, without: 'ports' };
    },
  }),
  netnsRow({
    name: 'tcp-no-descriptors',
    what: 'the worker has no file descriptor left for a socket',
    expect: { ...unreachable, message: /EMFILE/ },
    lay: () => ({ server: { address: '127.0.0.1', port: 22 }, without: 'descriptors' }),
  }),
  netnsRow({
    name: 'tcp-link-down',
    what: "the worker's own interface is down",
    expect: { ...unreachable, message: /ENETUNREACH/ },
    lay: async ({ netns }) => {
      await netns.ip('link', 'set', netns.device, 'down');
      return { server: { address: netns.hostAddress, port: 22 } };
    },
  }),
];
