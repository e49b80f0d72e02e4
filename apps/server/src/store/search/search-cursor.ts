import { createCipheriv, createDecipheriv } from "node:crypto";

/**
 * Where a search goes on, in a form that tells nothing: the number of a message in the whole house would tell how much is
 * written in rooms that the searcher does not know of. One block, its second half known, so that a forged cursor is told
 * apart from a real one.
 */

const KNOWN = 0x6d632d7365617263n;

/** @param key 16 bytes as hex. */
export function sealCursor(n: number, key: string): string {
  const block = Buffer.alloc(16);
  block.writeBigUInt64BE(BigInt(n), 0);
  block.writeBigUInt64BE(KNOWN, 8);
  // One block alone: there is nothing to chain, and the same place has the same cursor.
  const cipher = createCipheriv("aes-128-ecb", Buffer.from(key, "hex"), null).setAutoPadding(false);
  return Buffer.concat([cipher.update(block), cipher.final()]).toString("base64url");
}

/** Undefined: it was not made with this key. */
export function openCursor(cursor: string, key: string): number | undefined {
  const sealed = Buffer.from(cursor, "base64url");
  if (sealed.length !== 16) return undefined;
  const decipher = createDecipheriv("aes-128-ecb", Buffer.from(key, "hex"), null).setAutoPadding(false);
  const block = Buffer.concat([decipher.update(sealed), decipher.final()]);
  return block.readBigUInt64BE(8) === KNOWN ? Number(block.readBigUInt64BE(0)) : undefined;
}
