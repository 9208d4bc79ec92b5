import type { CatalogueRow } from '../row';
import { answer, rawRow } from '../support/raw-row';
import type { Serve } from '../support/raw-row';

type Case = readonly [name: string, what: string, protocol: string, serve: Serve];

const CASES: readonly Case[] = [
  [
    'http-400',
    'an HTTP server answers and closes',
    'HTTP',
    answer('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n<html>', 'fin'),
  ],
  [
    'http-400-keepalive',
    'an HTTP server answers and leaves the connection open',
    'HTTP',
    answer('HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n', 'open'),
  ],
  [
    'http-400-rst',
    'an HTTP server answers and resets the connection',
    'HTTP',
    answer('HTTP/1.1 400 Bad Request\r\n\r\n', 'rst'),
  ],
  [
    'http-503-balancer',
    'a load balancer in HTTP mode has no backend',
    'HTTP',
    answer('HTTP/1.0 503 Service Unavailable\r\nCache-Control: no-cache\r\n\r\n<html><body>', 'fin'),
  ],
  [
    'http-html-only',
    'a captive portal answers with a page and no header',
    'HTTP',
    answer('<!DOCTYPE html><html><head><title>Log in</title>', 'fin'),
  ],
  [
    'http-2-settings',
    'an HTTP/2 or gRPC server sends SETTINGS and GOAWAY',
    'HTTP/2',
    answer(
      Buffer.from('00001204000000000000030000008000040000ffff00050000400000000807000000000000000000000001', 'hex'),
      'fin'
    ),
  ],
  [
    'smtp-220',
    'an SMTP greeting, left open',
    'SMTP',
    (socket) => void socket.write('220 mail.example ESMTP Postfix\r\n'),
  ],
  [
    'smtp-421',
    'SMTP is too busy as well: 421, then FIN',
    'SMTP',
    answer('421 4.7.0 mail.example ESMTP too many connections\r\n', 'fin'),
  ],
  ['ftp-220', 'an FTP greeting, left open', 'FTP', (socket) => void socket.write('220 ProFTPD FTP server ready\r\n')],
  ['ftp-421', 'FTP at its limit of users: 421, then FIN', 'FTP', answer('421 FTP: too many users, sorry\r\n', 'fin')],
  [
    'tls-alert',
    'a TLS port answers with an alert and closes',
    'TLS',
    answer(Buffer.from([0x15, 3, 1, 0, 2, 2, 70]), 'fin'),
  ],
  [
    'tls-alert-open',
    'a TLS port answers with an alert and stays open',
    'TLS',
    answer(Buffer.from([0x15, 3, 3, 0, 2, 2, 50]), 'open'),
  ],
  [
    'mysql-greeting',
    'a MySQL server greets, left open',
    'MySQL',
    (socket) => void socket.write(Buffer.from('\x4a\0\0\0\x0a8.0.36\0\x08\0\0\0abcdefgh\0', 'latin1')),
  ],
  [
    'mysql-host-blocked',
    'a MySQL server has blocked the address: an error packet, then FIN',
    'MySQL',
    answer(
      Buffer.from("\x45\0\0\0\xff\x6a\x04Host '192.0.2.1' is not allowed to connect to this server", 'latin1'),
      'fin'
    ),
  ],
  [
    'redis-error',
    'a Redis server does not know our command',
    'Redis',
    answer("-ERR unknown command 'SSH-2.0-temporal-ssh'\r\n", 'open'),
  ],
  [
    'telnet-negotiation',
    'a Telnet server, or the console port of a device, negotiates options',
    'Telnet',
    (socket) => void socket.write(Buffer.from([255, 253, 24, 255, 253, 32, 255, 251, 1])),
  ],
  ['imap-greeting', 'an IMAP greeting, left open', 'IMAP', (socket) => void socket.write('* OK IMAP4rev1 ready\r\n')],
  ['pop3-greeting', 'a POP3 greeting, left open', 'POP3', (socket) => void socket.write('+OK POP3 ready\r\n')],
  ['vnc-greeting', 'a VNC server, left open', 'VNC', (socket) => void socket.write('RFB 003.008\n')],
  [
    'amqp-header',
    'an AMQP broker answers with the version that it wants, then FIN',
    'AMQP',
    answer(Buffer.from('AMQP\0\0\x09\x01', 'latin1'), 'fin'),
  ],
  ['rtsp-400', 'a camera answers by RTSP', 'RTSP', answer('RTSP/1.0 400 Bad Request\r\nCSeq: 0\r\n\r\n', 'open')],
];

/** Another protocol on the port: waiting and trying again cannot help. */
export const BANNER_FOREIGN_ROWS: readonly CatalogueRow[] = CASES.map(([name, what, protocol, serve]) =>
  rawRow({
    name,
    what,
    expect: {
      ends: 'failure',
      type: 'SshNotSshServer',
      stage: 'banner',
      message: new RegExp(`speaks ${protocol}, not SSH`),
    },
    serve,
  })
);
