const TEXT_PROTOCOLS: readonly (readonly [RegExp, string])[] = [
  [/^HTTP\/\d/m, 'HTTP'],
  [/^RTSP\/\d/m, 'RTSP'],
  [/^SIP\/\d/m, 'SIP'],
  [/^AMQP\W/, 'AMQP'],
  [/^(?:<!doctype html|<html)/im, 'HTTP'],
  [/^(?:220|421|554)[ -].*\b(?:E?SMTP|mail)/im, 'SMTP'],
  [/^(?:220|421)[ -].*\bFTP/im, 'FTP'],
  [/^(?:220|421|500|502|554)[ -]/m, 'SMTP or FTP'],
  [/^\+OK\b/m, 'POP3'],
  [/^\* (?:OK|BYE|PREAUTH)\b/m, 'IMAP'],
  [/^-(?:ERR|DENIED|NOAUTH|LOADING)\b/m, 'Redis'],
  [/^RFB \d{3}\.\d{3}$/m, 'VNC'],
  [/^@RSYNCD:/m, 'rsync'],
];

/**
 * Names the protocol of a server that is certainly not an SSH server, from what it says unasked or in answer to an
 * SSH identification.
 */
export function recogniseForeignProtocol(bytes: Buffer): string | undefined {
  const [first, second] = bytes;
  // TLS records: alert (21) and handshake (22), versions 3.x.
  if ((first === 0x15 || first === 0x16) && second === 0x03) return 'TLS';
  // Telnet: IAC followed by WILL, WONT, DO or DONT.
  if (first === 0xff && second !== undefined && second >= 0xfb && second <= 0xfe) return 'Telnet';
  // MySQL: three bytes of length, sequence number 0, then protocol version 10 or an error packet.
  if (bytes.length > 5 && bytes[2] === 0 && bytes[3] === 0 && (bytes[4] === 0x0a || bytes[4] === 0xff)) return 'MySQL';
  // HTTP/2: the first frame is SETTINGS, type 4, of stream 0 (RFC 9113 section 3.4).
  if (bytes.length > 8 && bytes[0] === 0 && bytes[3] === 4 && bytes.subarray(4, 9).equals(Buffer.alloc(5)))
    return 'HTTP/2';
  const text = bytes.subarray(0, 4096).toString('latin1');
  return TEXT_PROTOCOLS.find(([pattern]) => pattern.test(text))?.[1];
}
