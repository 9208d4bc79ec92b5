import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { dropbearSkipReason, startDropbear } from '../support/dropbear';
import { startProbe } from '../support/probe';
import { startSshd } from '../support/sshd';
import { fin, send } from '../support/tcp-script';
import { reset } from '../support/reset';
import type { TcpScript } from '../support/tcp-script';
import { exec, fails, targetOf } from './support/engine';
import { repeat, startRawServer } from './support/raw-server';

/** A server that sends something, as far as the kernel takes it, and then ends the connection. */
async function says(t: TestContext, data: string | Uint8Array, how: 'fin' | 'rst' | 'open'): Promise<TcpScript> {
  return startRawServer(t, (socket) => {
    // The client's line is still unread when the reset is provoked: what a real sshd's close does then.
    socket.once('data', () => {
      void send(socket, data)
        .then(() => (how === 'fin' ? fin(socket) : how === 'rst' ? reset(socket) : undefined))
        .catch(() => undefined);
    });
  });
}

const banner = { stage: 'banner' } as const;

for (const how of ['fin', 'rst'] as const) {
  void test(`OpenSSH has too many connections (${how})`, async (t) => {
    const script = await says(t, 'Exceeded MaxStartups\r\n', how);
    const expected = { ...banner, type: 'SshServerBusy', serverText: /^Exceeded MaxStartups$/ } as const;
    for (let round = 0; round < 20; round += 1) await fails(targetOf(script), expected);
  });

  void test(`OpenSSH penalises the address (${how})`, async (t) => {
    const script = await says(t, 'Not allowed at this time\r\n', how);
    const expected = { ...banner, type: 'SshServerPenalty', serverText: /^Not allowed at this time$/ } as const;
    const error = await fails(targetOf(script), expected);
    assert.match(error.message, /at least 15 s/);
  });
}

void test('a refusal that came while this process was busy with something else', async (t) => {
  // In a process of its own, which goes on while this one is held up.
  const source = `
    const server = require('node:net').createServer((socket) => {
      socket.on('error', () => undefined);
      socket.write('Exceeded MaxStartups\\r\\n', () => setTimeout(() => socket.resetAndDestroy(), 5));
    });
    server.listen(0, '127.0.0.1', () => console.log(server.address().port));
  `;
  const child = spawn(process.execPath, ['-e', source], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => child.kill('SIGKILL'));
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const target = targetOf({ address: '127.0.0.1', port: Number(line.toString()) });
  const holdUp = (stage: string): void => {
    for (const until = performance.now() + 100; stage === 'connect' && performance.now() < until;);
  };
  const expected = { ...banner, type: 'SshServerBusy', serverText: /^Exceeded MaxStartups$/ } as const;
  for (let round = 0; round < 5; round += 1) await fails(target, expected, { observer: { onStageDone: holdUp } });
});

void test('a real sshd with too many connections, until it has fewer', async (t) => {
  const sshd = await startSshd({ t, config: ['MaxStartups 1:100:1', 'LoginGraceTime 60'] });
  const probe = await startProbe(t, sshd);
  assert.ok(await probe.saysSomethingWithin(10_000));
  const expected = { ...banner, type: ['SshServerBusy', 'SshBannerClosed'] } as const;
  const error = await fails(targetOf(sshd), expected);
  // Servers before 9.x say nothing, or not before the reset.
  if (error.type === 'SshServerBusy') assert.match(error.details.serverText ?? '', /Exceeded MaxStartups/);
  probe.socket.destroy();
  await sshd.waitForLog(/Connection (closed|reset) by/);
  assert.equal((await exec(targetOf(sshd), 'exit 0')).exitCode, 0);
});

void test('Dropbear at its limit of connections from one address', { skip: dropbearSkipReason() }, async (t) => {
  const dropbear = await startDropbear({ t });
  const probes = await Promise.all(Array.from({ length: 5 }, () => startProbe(t, dropbear)));
  for (const probe of probes) assert.ok(await probe.saysSomethingWithin(10_000));
  await fails(targetOf(dropbear), { ...banner, type: 'SshBannerClosed' });
});

const FOREIGN: readonly (readonly [string, string | Buffer, RegExp, 'fin' | 'open'])[] = [
  ['HTTP, closed', 'HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n<html>', /speaks HTTP/, 'fin'],
  ['HTTP, left open', 'HTTP/1.1 400 Bad Request\r\n\r\n', /speaks HTTP/, 'open'],
  ['SMTP, left open', '220 mail.example ESMTP Postfix\r\n', /speaks SMTP/, 'open'],
  ['FTP, left open', '220 ProFTPD FTP server ready\r\n', /speaks FTP/, 'open'],
  ['a TLS alert', Buffer.from([0x15, 3, 1, 0, 2, 2, 70]), /speaks TLS/, 'fin'],
  ['MySQL', Buffer.from('\x4a\0\0\0\x0a8.0.36\0\x08\0\0\0abcdefgh\0', 'latin1'), /speaks MySQL/, 'open'],
  ['Redis', "-ERR unknown command 'SSH-2.0-temporal-ssh'\r\n", /speaks Redis/, 'open'],
  ['Telnet', Buffer.from([255, 253, 24, 255, 253, 32]), /speaks Telnet/, 'open'],
  ['IMAP', '* OK IMAP4rev1 ready\r\n', /speaks IMAP/, 'open'],
  ['POP3', '+OK POP3 ready\r\n', /speaks POP3/, 'open'],
  ['VNC', 'RFB 003.008\n', /speaks VNC/, 'open'],
];

for (const [name, data, message, how] of FOREIGN) {
  void test(`another protocol: ${name}`, async (t) => {
    const script = await says(t, data, how);
    const error = await fails(targetOf(script), { ...banner, type: 'SshNotSshServer', message });
    assert.ok(error.details.elapsedMs < 10_000, 'does not wait for the deadline');
  });
}

void test('another protocol, byte by byte, has the same name', async (t) => {
  const script = await startRawServer(t, (socket) => {
    const text = '220 mail.example ESMTP Postfix\r\n';
    let at = 0;
    return repeat(socket, 5, () => text[at++] ?? '');
  });
  await fails(targetOf(script), { ...banner, type: 'SshNotSshServer', message: /speaks SMTP, not SSH/ });
});

const BROKEN: readonly (readonly [string, string | Buffer, 'SshVersionUnsupported' | 'SshBannerInvalid', RegExp])[] = [
  ['SSH 1', 'SSH-1.5-OpenSSH_3.0\n', 'SshVersionUnsupported', /another version of SSH \(SSH-1\.5-OpenSSH_3\.0\)/],
  ['SSH 3', 'SSH-3.0-future\r\n', 'SshVersionUnsupported', /SSH-3\.0-future/],
  ['SSH- and nothing like an identification', 'SSH-garbage\r\n', 'SshBannerInvalid', /is no identification/],
  ['an identification without software', 'SSH-2.0-\r\n', 'SshBannerInvalid', /is no identification/],
  ['an identification in UTF-8', 'SSH-2.0-Größe\r\n', 'SshBannerInvalid', /not US-ASCII/],
  ['an identification with an escape code', 'SSH-2.0-\x1b[31mred\r\n', 'SshBannerInvalid', /not US-ASCII/],
  ['an identification of 9,000 characters', `SSH-2.0-${'x'.repeat(9_000)}\r\n`, 'SshBannerInvalid', /8 KiB/],
  ['5,000 lines', 'a line\r\n'.repeat(5_000), 'SshBannerInvalid', /1024 lines/],
  ['1 MiB without a newline', 'z'.repeat(1024 * 1024), 'SshBannerInvalid', /over 8 KiB/],
];

for (const [name, data, type, message] of BROKEN) {
  for (const how of ['fin', 'open'] as const) {
    void test(`${name} (${how})`, async (t) => {
      const script = await says(t, data, how);
      await fails(targetOf(script), { ...banner, type, message });
    });
  }
}

void test('bytes 0 to 255', async (t) => {
  const script = await says(t, Buffer.from(Array.from({ length: 256 }, (_, index) => index)), 'fin');
  await fails(targetOf(script), { ...banner, type: 'SshBannerInvalid' });
});

void test('endless lines, as fast as they go', async (t) => {
  const script = await startRawServer(t, (socket) => repeat(socket, 1, () => 'hello\r\n'.repeat(100)));
  await fails(targetOf(script), { ...banner, type: 'SshBannerInvalid', message: /1024 lines/ });
});

void test('a text that nobody knows is shown as it is', async (t) => {
  const script = await says(t, 'You are not welcome from 127.0.0.1\r\n', 'fin');
  await fails(targetOf(script), { ...banner, type: 'SshBannerClosed', serverText: /^You are not welcome from 127/ });
});

void test('what the server says can neither drive a terminal nor forge a line of a log', async (t) => {
  const text = '\x1b[2J\x1b]0;title\x07busy\0\r\n2026-01-01 INFO all is well\r\n\u202egnp\u2028x\x9b31m';
  const script = await says(t, `${text}${'y'.repeat(5_000)}\r\n`, 'fin');
  const error = await fails(targetOf(script), {
    ...banner,
    type: 'SshBannerClosed',
    serverText: /^busy 2026-01-01 INFO all is well gnp x/,
  });
  const said = error.details.serverText ?? '';
  assert.ok(said.length === 1_024 && said.endsWith('...'), `${said.length} characters`);
});
