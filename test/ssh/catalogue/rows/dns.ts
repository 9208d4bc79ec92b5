import type { CatalogueRow, Expectation } from '../row';
import type { DnsAnswer } from '../../../support/dns-script';
import { targetOf } from '../../support/engine';
import { netnsRow } from '../support/netns-row';
import type { NetnsGround, NetnsScene } from '../support/netns-row';
import type { OwnDeadlines } from '../support/relaxed';

const NAME = 'web-1.catalogue.test';
const ETC = {
  'resolv.conf': 'nameserver 127.0.0.1\noptions timeout:2 attempts:1\n',
  'nsswitch.conf': 'hosts: files dns\n',
};

const notFound = { ends: 'failure', type: 'SshDnsNotFound', stage: 'connect' } as const satisfies Expectation;
const temporary = { ends: 'failure', type: 'SshDnsTemporary', stage: 'connect' } as const satisfies Expectation;

const refused = { ends: 'failure', type: 'SshConnectRefused', stage: 'connect' } as const satisfies Expectation;

/** The name is dialled, with a resolver that knows it so; behind it is the script, or nothing. */
function resolver(answer: (ground: NetnsGround) => DnsAnswer): (ground: NetnsGround) => NetnsScene {
  return (ground) => {
    const server = { ...(ground.script ?? { port: 22 }), address: NAME };
    return { server, dns: { [NAME]: answer(ground) } };
  };
}

/** The name has an IPv6 address, behind which nobody is, and goes first; then another one. */
async function behindDeadIpv6(ground: NetnsGround, address: string): Promise<NetnsScene> {
  const { ip, device } = ground.netns;
  await ip('address', 'add', '2001:db8::1/64', 'dev', device, 'nodad');
  const nobody = ['lladdr', '02:00:00:00:00:01', 'nud', 'permanent'];
  await ip('neighbour', 'add', '2001:db8::9', ...nobody, 'dev', device);
  const deadlines: OwnDeadlines = ({ connect }) => ({ connect: connect * 2 });
  return { ...resolver(() => ({ addresses: ['2001:db8::9', address] }))(ground), deadlines };
}

function row(
  parts: Pick<CatalogueRow, 'name' | 'what' | 'expect'>,
  answer: (ground: NetnsGround) => DnsAnswer
): CatalogueRow {
  const served = parts.expect.ends === 'success';
  return netnsRow({ ...parts, etc: ETC, ...(served && { script: () => ({}) }), lay: resolver(answer) });
}

/** Name resolution. */
export const DNS_ROWS: readonly CatalogueRow[] = [
  row({ name: 'dns-nxdomain', what: 'the name does not exist', expect: notFound }, () => ({ rcode: 3 })),
  row({ name: 'dns-no-address', what: 'the name exists and has no address', expect: notFound }, () => ({})),
  row({ name: 'dns-servfail', what: 'the resolver cannot answer now', expect: temporary }, () => ({ rcode: 2 })),
  row({ name: 'dns-refused', what: 'the resolver does not serve this machine', expect: temporary }, () => ({
    rcode: 5,
  })),
  row(
    {
      name: 'dns-silent',
      what: 'the resolver does not answer: the deadline for connect counts for it too',
      expect: { ends: 'failure', type: 'SshConnectTimeout', stage: 'connect', deadline: 'connect' },
    },
    () => ({ how: 'silence' })
  ),
  row(
    {
      name: 'dns-garbage',
      what: 'the resolver answers with bytes that are no answer',
      expect: { ends: 'failure', type: 'SshConnectTimeout', stage: 'connect', deadline: 'connect' },
    },
    () => ({ how: 'garbage' })
  ),
  row({ name: 'dns-truncated', what: 'there is more by TCP, where nobody listens', expect: temporary }, () => ({
    how: 'truncated',
  })),
  row(
    {
      name: 'dns-slow-ok',
      what: 'the answer comes late, inside the deadline',
      expect: { ends: 'success' },
    },
    ({ netns, deadlines }) => ({ addresses: [netns.hostAddress], delayMs: deadlines.connect })
  ),
  netnsRow({
    name: 'dns-no-server',
    what: 'nothing listens where resolv.conf points to',
    expect: temporary,
    etc: ETC,
    lay: () => ({ server: { address: NAME, port: 22 } }),
  }),
  row(
    {
      name: 'dns-second-address-ok',
      what: 'the first of two addresses refuses, the second serves',
      expect: { ends: 'success' },
    },
    ({ netns }) => ({ addresses: ['127.0.0.9', netns.hostAddress] })
  ),
  row(
    {
      name: 'dns-all-refuse',
      what: 'both addresses refuse',
      expect: refused,
    },
    () => ({ addresses: ['127.0.0.8', '127.0.0.9'] })
  ),
  row(
    {
      name: 'dns-unroutable-and-refused',
      what: 'one address is IPv6, to which there is no way, the other refuses',
      expect: { ...refused, message: /127\.0\.0\.9: ECONNREFUSED/ },
    },
    () => ({ addresses: ['2001:db8::9', '127.0.0.9'] })
  ),
  netnsRow({
    name: 'dns-dead-ipv6-ok',
    what: 'packets to the IPv6 address vanish, the IPv4 address serves',
    expect: { ends: 'success' },
    etc: ETC,
    script: () => ({}),
    lay: (ground) => behindDeadIpv6(ground, ground.netns.hostAddress),
  }),
  netnsRow({
    name: 'dns-dead-ipv6-refused',
    what: 'packets to the IPv6 address vanish, the IPv4 address refuses: that tells most',
    expect: { ...refused, message: /2001:db8::9: ETIMEDOUT, 127\.0\.0\.9: ECONNREFUSED/ },
    etc: ETC,
    lay: (ground) => behindDeadIpv6(ground, '127.0.0.9'),
  }),
  {
    name: 'dns-name-impossible',
    what: 'a label of over 63 characters, which no resolver can be asked for',
    expect: { ends: 'failure', type: ['SshDnsNotFound', 'SshDnsTemporary'], stage: 'connect' },
    arrange: () => ({ target: targetOf({ address: `${'w'.repeat(70)}.catalogue.test`, port: 22 }) }),
  },
];
