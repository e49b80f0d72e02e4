import { createCipheriv, createDecipheriv } from "node:crypto";

/**
 * A search cursor holds the row id of a message, encrypted: the plain number would reveal how much is written in rooms
 * that the user cannot see. It is one block whose second half is constant, so that a forged cursor is detected.
 */

/** `mc-searc` in ASCII. */
const CONSTANT_HALF = 0x6d632d7365617263n;

/** @param key 16 bytes as hex. */
export function sealCursor(n: number, key: string): string {
  const block = Buffer.alloc(16);
  block.writeBigUInt64BE(BigInt(n), 0);
  block.writeBigUInt64BE(CONSTANT_HALF, 8);
  // ECB, because there is one block and nothing to chain, and the same position should have the same cursor.
  const cipher = createCipheriv("aes-128-ecb", Buffer.from(key, "hex"), null).setAutoPadding(false);
  return Buffer.concat([cipher.update(block), cipher.final()]).toString("base64url");
}

/** Returns the row id; undefined where the cursor was not sealed with this key. */
export function openCursor(cursor: string, key: string): number | undefined {
  const sealed = Buffer.from(cursor, "base64url");
  if (sealed.length !== 16) return undefined;
  const decipher = createDecipheriv("aes-128-ecb", Buffer.from(key, "hex"), null).setAutoPadding(false);
  const block = Buffer.concat([decipher.update(sealed), decipher.final()]);
  return block.readBigUInt64BE(8) === CONSTANT_HALF ? Number(block.readBigUInt64BE(0)) : undefined;
}
