import type { Client } from 'ssh2';
import { offeredKey } from './offered-key';
import type { SignatureHash } from './offered-key';
import { sshString } from './wire-format';

type SignRequest = (data: Buffer, send: (signature: Buffer) => void) => void;
type AuthPK = (this: object, user: string, key: object, algorithm?: string | SignRequest, sign?: SignRequest) => void;
type InfoRequest = (protocol: unknown, name: string, instruction: string, prompts: unknown) => void;

interface PacketWriter {
  allocStart: number;
  alloc(size: number): Buffer;
  finalize(packet: Buffer): Buffer;
}

interface Protocol {
  authPK?: AuthPK;
  readonly _handlers?: { USERAUTH_INFO_REQUEST?: InfoRequest };
  readonly _packetRW?: { readonly write?: PacketWriter };
  _queue?: unknown;
}

const CERTIFICATE_SUFFIX = '-cert-v01@openssh.com';

// Where a server has not told what it takes (RFC 8308), ssh2 would sign with SHA-1, which no server of today accepts.
const DEFAULT_RSA = 'rsa-sha2-512';
const HASHES: Readonly<Record<string, SignatureHash>> = { 'rsa-sha2-256': 'sha256', 'rsa-sha2-512': 'sha512' };

/** What the hooks tell of. */
export interface UserAuthObserver {
  /** A round of keyboard-interactive came, also one without prompts; `false` keeps ssh2 from answering it. */
  onInfoRequest(name: string, instruction: string): boolean;
}

/**
 * Takes the public-key requests (RFC 4252 section 7) of one ssh2 client over, for what ssh2 cannot do: certificates,
 * RSA signatures never with SHA-1, agents asked for one key after another. ssh2 still writes and sends the packets.
 *
 * @returns whether this ssh2 is made as the hooks expect; nothing is changed if not
 */
export function hookUserAuth(client: Client, observer: UserAuthObserver): boolean {
  const { _protocol: protocol } = client as unknown as { readonly _protocol?: Protocol };
  const authPK = protocol?.authPK;
  const handlers = protocol?._handlers;
  const infoRequest = handlers?.USERAUTH_INFO_REQUEST;
  if (typeof authPK !== 'function' || authPK.length !== 4 || !handlers || typeof infoRequest !== 'function')
    return false;
  handlers.USERAUTH_INFO_REQUEST = (self, name, instruction, prompts) => {
    if (observer.onInfoRequest(name, instruction)) infoRequest(self, name, instruction, prompts);
  };
  protocol.authPK = (user, key, algorithm, sign) => {
    const offered = offeredKey(key);
    if (!offered) return authPK.call(protocol, user, key, algorithm, sign);
    const request = typeof algorithm === 'function' ? algorithm : sign;
    const type = (key as { readonly type: string }).type;
    const rsa = typeof algorithm === 'string' && algorithm in HASHES ? algorithm : DEFAULT_RSA;
    const signatureAlgorithm = type === 'ssh-rsa' ? rsa : type;
    const name = offered.certificate ? `${signatureAlgorithm}${CERTIFICATE_SUFFIX}` : signatureAlgorithm;
    if (!request) return authPK.call(protocol, user, key, name);
    const sender = offered.certificate ? signingAs(protocol, signatureAlgorithm, name) : protocol;
    authPK.call(sender, user, key, name, (data, send) =>
      offered.sign(data, HASHES[signatureAlgorithm], (result) => {
        if (Buffer.isBuffer(result)) return send(result);
        offered.failure = result;
        // ssh2 asks the stand-in for its signature, gets the failure and turns to the next method.
        request(data, () => undefined);
      })
    );
  };
  return true;
}

/**
 * The protocol, but for the name of the signature's algorithm: ssh2 writes there that of the request, and a certificate's
 * is one of the plain key (OpenSSH's PROTOCOL.certkeys).
 */
function signingAs(protocol: Protocol, signatureAlgorithm: string, requestAlgorithm: string): object {
  const writer = (): PacketWriter => {
    const write = protocol._packetRW?.write;
    if (!write) throw new Error('ssh2 has no packet writer');
    return write;
  };
  const draft: PacketWriter = {
    allocStart: 0,
    alloc: (size) => Buffer.alloc(size),
    finalize: (payload) => {
      const [wrong, right] = [sshString(requestAlgorithm), sshString(signatureAlgorithm)];
      // The request's own name comes first; the last one is the signature's.
      const at = payload.lastIndexOf(wrong);
      const signature = Buffer.concat([right, payload.subarray(at + wrong.length)]);
      const corrected = Buffer.concat([payload.subarray(0, at - 4), sshString(signature)]);
      const write = writer();
      const packet = write.alloc(corrected.length);
      packet.set(corrected, write.allocStart);
      return write.finalize(packet);
    },
  };
  return Object.create(protocol, {
    _packetRW: { value: { write: draft } },
    // Where packets wait for the end of a rekeying; ssh2 makes it when the first one comes.
    _queue: { get: () => protocol._queue, set: (queue: unknown) => (protocol._queue = queue) },
  }) as object;
}
