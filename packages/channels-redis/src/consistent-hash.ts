import { crc32 } from "node:zlib";

/**
 * Returns which of `hostCount` servers holds a name. Computed as in channels_redis (CRC-32, its low twelve bits cut into
 * equal parts), so that processes in both languages agree.
 */
export function hostIndex(name: string, hostCount: number): number {
  if (hostCount === 1) return 0;
  return Math.floor((crc32(name) & 0xfff) / (4096 / hostCount));
}
