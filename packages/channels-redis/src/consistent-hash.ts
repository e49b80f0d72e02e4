import { crc32 } from "node:zlib";

/**
 * Which of `hosts` servers a name lives on. The same as channels_redis computes (CRC-32, its low twelve bits cut into
 * equal parts), so that processes in both languages look in the same place.
 */
export function hostIndex(name: string, hosts: number): number {
  if (hosts === 1) return 0;
  return Math.floor((crc32(name) & 0xfff) / (4096 / hosts));
}
