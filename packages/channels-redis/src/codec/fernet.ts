import { createCipheriv, createDecipheriv, createHash, createHmac, randomBytes, timingSafeEqual } from "node:crypto";

const VERSION = 0x80;
const HEADER_BYTES = 1 + 8 + 16;
const HMAC_BYTES = 32;
const MAX_SKEW_SECONDS = 60;

/**
 * Symmetric encryption compatible with channels_redis: Fernet tokens (https://github.com/fernet/spec) under the SHA-256
 * of each key phrase. The first key encrypts and every key decrypts. To rotate a key, add the new one in front and remove
 * the old one once its messages have expired.
 */
export class Fernet {
  readonly #keys: readonly { readonly signing: Buffer; readonly encryption: Buffer }[];

  constructor(phrases: readonly (string | Uint8Array)[]) {
    this.#keys = phrases.map((phrase) => {
      const key = createHash("sha256").update(phrase).digest();
      return { signing: key.subarray(0, 16), encryption: key.subarray(16) };
    });
  }

  encrypt(plain: Uint8Array, nowMs = Date.now()): Buffer {
    const [key] = this.#keys;
    if (key === undefined) throw new RangeError("Expected at least one encryption key, got none.");
    const iv = randomBytes(16);
    const header = Buffer.alloc(HEADER_BYTES);
    header[0] = VERSION;
    header.writeBigUInt64BE(BigInt(Math.floor(nowMs / 1000)), 1);
    iv.copy(header, 9);
    const cipher = createCipheriv("aes-128-cbc", key.encryption, iv);
    const body = Buffer.concat([header, cipher.update(plain), cipher.final()]);
    const mac = createHmac("sha256", key.signing).update(body).digest();
    return Buffer.from(toBase64Url(Buffer.concat([body, mac])), "latin1");
  }

  /** Returns undefined where no key fits, the token was tampered with, or it is older than `maxAgeSeconds`. */
  decrypt(token: Uint8Array, maxAgeSeconds?: number, nowMs = Date.now()): Buffer | undefined {
    const bytes = Buffer.from(Buffer.from(token).toString("latin1"), "base64url");
    if (bytes.length < HEADER_BYTES + 16 + HMAC_BYTES || bytes[0] !== VERSION) return undefined;
    const issuedAt = Number(bytes.readBigUInt64BE(1));
    const now = Math.floor(nowMs / 1000);
    const isExpired =
      maxAgeSeconds !== undefined && (issuedAt + maxAgeSeconds < now || issuedAt > now + MAX_SKEW_SECONDS);
    if (isExpired) return undefined;
    const body = bytes.subarray(0, -HMAC_BYTES);
    const mac = bytes.subarray(-HMAC_BYTES);
    for (const key of this.#keys) {
      if (!timingSafeEqual(mac, createHmac("sha256", key.signing).update(body).digest())) continue;
      const decipher = createDecipheriv("aes-128-cbc", key.encryption, bytes.subarray(9, HEADER_BYTES));
      return Buffer.concat([decipher.update(body.subarray(HEADER_BYTES)), decipher.final()]);
    }
    return undefined;
  }
}

/** Encodes with padding, which the other implementations write and expect. */
function toBase64Url(bytes: Buffer): string {
  return bytes.toString("base64").replaceAll("+", "-").replaceAll("/", "_");
}
