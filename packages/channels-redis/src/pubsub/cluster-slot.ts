/** The number of slots of a Redis Cluster. */
export const SLOT_COUNT = 16_384;

const CRC_TABLE = new Uint16Array(256);
for (let byte = 0; byte < 256; byte += 1) {
  let crc = byte << 8;
  for (let bit = 0; bit < 8; bit += 1) crc = crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1;
  CRC_TABLE[byte] = crc;
}

/**
 * Returns the slot of a name: CRC-16 (XMODEM) modulo 16,384 of its hash tag, the part in braces, or else of the whole name, as
 * specified in https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/. Names of channels and groups contain
 * no braces; what belongs to one of them has its topic in braces.
 */
export function slotOf(name: string): number {
  const tag = name.includes("{") ? /^[^{]*\{([^}]+)\}/.exec(name)?.[1] : undefined;
  let crc = 0;
  for (const byte of Buffer.from(tag ?? name))
    crc = ((crc << 8) & 0xffff) ^ (CRC_TABLE[((crc >> 8) ^ byte) & 0xff] ?? 0);
  return crc % SLOT_COUNT;
}
