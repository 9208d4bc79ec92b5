import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { Payload, PayloadCodec } from '@temporalio/common';

const ENCODING = Buffer.from('binary/encrypted');

const hex = (bytes: Uint8Array | null | undefined): string => Buffer.from(bytes ?? []).toString('hex');

const hexOf = (metadata: Readonly<Record<string, Uint8Array>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(metadata).map(([name, value]) => [name, hex(value)]));

/** A codec as users have one: AES-256-GCM over whole payloads. */
export class EncryptingCodec implements PayloadCodec {
  /** Payloads that were encrypted. */
  encoded = 0;
  /** Decides whether to fail, as a key service does that cannot be reached. */
  fails: (payload: Payload) => boolean = () => false;
  readonly #key = randomBytes(32);

  async encode(payloads: Payload[]): Promise<Payload[]> {
    return payloads.map((payload) => {
      if (this.fails(payload)) throw new Error('the key service does not answer');
      this.encoded += 1;
      const iv = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', this.#key, iv);
      const plain = JSON.stringify({ metadata: hexOf(payload.metadata ?? {}), data: hex(payload.data) });
      const data = Buffer.concat([iv, cipher.update(plain, 'utf8'), cipher.final(), cipher.getAuthTag()]);
      return { metadata: { encoding: ENCODING }, data };
    });
  }

  async decode(payloads: Payload[]): Promise<Payload[]> {
    return payloads.map((payload) => {
      const { metadata, data } = payload;
      if (!metadata?.['encoding'] || !Buffer.from(metadata['encoding']).equals(ENCODING) || !data) return payload;
      const bytes = Buffer.from(data);
      const decipher = createDecipheriv('aes-256-gcm', this.#key, bytes.subarray(0, 12));
      decipher.setAuthTag(bytes.subarray(-16));
      const plain = Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()]).toString('utf8');
      const found = JSON.parse(plain) as { metadata: Record<string, string>; data: string };
      const entries = Object.entries(found.metadata).map(([name, value]) => [name, Buffer.from(value, 'hex')]);
      return { metadata: Object.fromEntries(entries) as Record<string, Buffer>, data: Buffer.from(found.data, 'hex') };
    });
  }
}
