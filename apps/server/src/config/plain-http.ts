import { BlockList, isIP } from "node:net";
import type { Config } from "./config.ts";

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet("127.0.0.0", 8, "ipv4");
LOOPBACK.addAddress("::1", "ipv6");

/**
 * Returns whether passwords and cookies can travel unencrypted, as far as the configuration says: the server listens on more
 * than this machine, and neither a public URL nor a proxy is configured.
 */
export function isPlainAndPublic({ publicUrl, host, trustProxy }: Pick<Config, "publicUrl" | "host" | "trustProxy">) {
  return publicUrl === null && trustProxy === 0 && !isLoopback(host);
}

function isLoopback(host: string): boolean {
  const family = isIP(host);
  if (family === 0) return /^(?:.+\.)?localhost$/i.test(host);
  return LOOPBACK.check(host, family === 6 ? "ipv6" : "ipv4");
}
