import { fin } from '../../../support/tcp-script';
import { reset } from '../../../support/reset';
import type { CatalogueRow, Expectation } from '../row';
import { answer, rawRow } from '../support/raw-row';

const closed = { ends: 'failure', type: 'SshBannerClosed', stage: 'banner' } as const satisfies Expectation;
const busy = { ends: 'failure', type: 'SshServerBusy', stage: 'banner' } as const satisfies Expectation;
const penalty = { ends: 'failure', type: 'SshServerPenalty', stage: 'banner' } as const satisfies Expectation;

/** A server that ends the connection instead of identifying itself, with or without a word. */
export const BANNER_REFUSAL_ROWS: readonly CatalogueRow[] = [
  rawRow({
    name: 'tcp-rst-after-accept',
    what: 'RST right after the connection was accepted',
    // The reset may overtake the kernel's word that the connection stands.
    expect: { ...closed, stage: ['banner', 'connect'] },
    serve: reset,
  }),
  rawRow({
    name: 'banner-close',
    what: 'FIN before the identification: overload, tcpwrappers, fail2ban',
    expect: { ...closed, message: /closed the connection before its identification/ },
    serve: fin,
  }),
  rawRow({
    name: 'banner-rst-late',
    what: 'RST after a while: a load balancer whose backend does not answer',
    expect: { ...closed, message: /ECONNRESET/ },
    serve: (socket, { deadlines }) => {
      const timer = setTimeout(() => reset(socket), deadlines.banner / 4);
      return () => clearTimeout(timer);
    },
  }),
  rawRow({
    name: 'banner-cut',
    what: 'half an identification, then FIN: sshd was killed while it spoke',
    expect: { ...closed, serverText: /^SSH-2\.0-Open$/ },
    serve: answer('SSH-2.0-Open', 'fin'),
  }),
  rawRow({
    name: 'maxstartups-text',
    what: "OpenSSH's text for too many set-ups, then FIN",
    expect: { ...busy, serverText: /^Exceeded MaxStartups$/ },
    serve: answer('Exceeded MaxStartups\r\n', 'fin'),
  }),
  rawRow({
    name: 'maxstartups-text-rst',
    what: "the same text, then RST: what sshd's close does while our line is unread",
    expect: { ...busy, serverText: /^Exceeded MaxStartups$/ },
    serve: answer('Exceeded MaxStartups\r\n', 'rst'),
  }),
  rawRow({
    name: 'maxstartups-text-open',
    what: 'the same text, and the connection stays open: the deadline ends it',
    expect: { ...busy, deadline: 'banner', serverText: /^Exceeded MaxStartups$/ },
    deadlines: ({ banner }) => ({ banner: banner * 2 }),
    serve: answer('Exceeded MaxStartups\r\n', 'open'),
  }),
  rawRow({
    name: 'maxstartups-text-cut',
    what: 'the same text without the end of its line, then FIN',
    expect: { ...busy, serverText: /^Exceeded MaxStartups$/ },
    serve: answer('Exceeded MaxStartups', 'fin'),
  }),
  ...[
    'Sorry, the maximum number of telnet sessions are active. Try again later.',
    'Too many concurrent sessions',
    'Connection limit reached.',
    'error: maximum number of ssh connections reached',
    'Max number of users exceeded',
  ].map((text, index) =>
    rawRow({
      name: `busy-device-${index + 1}`,
      what: `a switch, router or appliance at its limit says "${text}", then FIN`,
      expect: { ...busy, serverText: new RegExp(`^${text}$`) },
      serve: answer(`${text}\r\n`, 'fin'),
    })
  ),
  rawRow({
    name: 'penalty-text',
    what: 'OpenSSH 9.8 and later penalises the address (PerSourcePenalties)',
    expect: { ...penalty, serverText: /^Not allowed at this time$/ },
    serve: answer('Not allowed at this time\r\n', 'fin'),
  }),
  rawRow({
    name: 'penalty-text-rst',
    what: 'the same text, then RST',
    expect: { ...penalty, serverText: /^Not allowed at this time$/ },
    serve: answer('Not allowed at this time\r\n', 'rst'),
  }),
  rawRow({
    name: 'tcpwrapper-text',
    what: 'a text that nobody knows, then FIN',
    expect: { ...closed, serverText: /^You are not welcome from 192\.0\.2\.1$/ },
    serve: answer('You are not welcome from 192.0.2.1\r\n', 'fin'),
  }),
  rawRow({
    name: 'prebanner-escape-codes',
    what: 'terminal escapes and NUL in the text before the close: no message may carry them on',
    expect: { ...closed, serverText: /^busy 2026-01-01 INFO all is well gnp$/ },
    serve: answer('\x1b[2J\x1b]0;title\x07busy\0\r\n2026-01-01 INFO all is well\r\n\u202egnp\u2028\r\n', 'fin'),
  }),
  rawRow({
    name: 'prebanner-latin1-text',
    what: 'a refusal in ISO 8859-1, then FIN: text all the same',
    expect: { ...closed, serverText: /^Zugang gesperrt f.r 192\.0\.2\.1$/ },
    serve: answer(Buffer.from('Zugang gesperrt für 192.0.2.1\r\n', 'latin1'), 'fin'),
  }),
];
