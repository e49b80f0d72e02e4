import { normalizeIP } from "@fastify/rate-limit";

/** A household usually owns a whole IPv6 network of this size, so the network counts as one address. */
const IPV6_PREFIX_BITS = 64;

/** Returns what attempts and failures of an address are counted by. */
export function addressKey(ip: string): string {
  return normalizeIP(ip, IPV6_PREFIX_BITS);
}
