import { createCipheriv, createDecipheriv, createHmac } from "node:crypto";

/**
 * A search cursor holds the row id of a message, encrypted: the plain number would reveal how much is written in rooms
 * that the user cannot see. AES-GCM authenticates it, so a forged cursor is detected.
 */

const ALGORITHM = "aes-128-gcm";
const NONCE_BYTES = 12;
const ROW_ID_BYTES = 8;
const TAG_BYTES = 16;

/** @param key 16 bytes as hex. */
export function sealCursor(n: number, key: string): string {
  const rowId = Buffer.alloc(ROW_ID_BYTES);
  rowId.writeBigUInt64BE(BigInt(n));
  // Derived from the row id, so that the same position has the same cursor and no two positions share a nonce.
  const nonce = createHmac("sha256", keyOf(key)).update(rowId).digest().subarray(0, NONCE_BYTES);
  const cipher = createCipheriv(ALGORITHM, keyOf(key), nonce);
  return Buffer.concat([nonce, cipher.update(rowId), cipher.final(), cipher.getAuthTag()]).toString("base64url");
}

/** Returns the row id; undefined where the cursor was not sealed with this key. */
export function openCursor(cursor: string, key: string): number | undefined {
  const sealed = Buffer.from(cursor, "base64url");
  if (sealed.length !== NONCE_BYTES + ROW_ID_BYTES + TAG_BYTES) return undefined;
  // Decoding ignores what is no base64url, so that one cursor would have many spellings.
  if (sealed.toString("base64url") !== cursor) return undefined;
  const decipher = createDecipheriv(ALGORITHM, keyOf(key), sealed.subarray(0, NONCE_BYTES));
  decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
  try {
    const rowId = decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES));
    decipher.final();
    return Number(rowId.readBigUInt64BE());
  } catch {
    return undefined;
  }
}

function keyOf(hex: string): Buffer {
  return Buffer.from(hex, "hex");
}
