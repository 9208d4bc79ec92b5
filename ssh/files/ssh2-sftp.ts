import type { SFTPWrapper } from 'ssh2';

/** What ssh2 keeps to itself of an SFTP channel, and what is needed of it here. */
export interface SftpInternals {
  readonly _extensions: Readonly<Record<string, string>>;
  readonly _maxReadLen: number;
  readonly _maxWriteLen: number;
  readonly _pktPos: number;
  readonly outgoing: { readonly window: number; readonly state: string };
  readonly incoming: { readonly window: number; readonly state: string };
  destroy(): void;
}

/** The inner side of ssh2's SFTP client. */
export function internals(sftp: SFTPWrapper): SftpInternals {
  return sftp as unknown as SftpInternals;
}

/** Answers of a server, by RFC draft-ietf-secsh-filexfer-02 section 7. */
export const SFTP_STATUS = {
  eof: 1,
  noSuchFile: 2,
  permissionDenied: 3,
  failure: 4,
  badMessage: 5,
  opUnsupported: 8,
} as const;

/** A request that the server answered with a status other than OK. */
export class SftpStatus extends Error {
  constructor(
    readonly code: number,
    readonly text: string
  ) {
    super(text);
    this.name = 'SftpStatus';
  }
}

/** Flags of SSH_FXP_OPEN, by the same draft, section 6.3. */
export const SFTP_OPEN = { read: 0x01, write: 0x02, create: 0x08, exclusive: 0x20 } as const;
