import type { IncomingMessage } from "node:http";
import { BlockList, isIP } from "node:net";
import type { Config } from "./config.ts";

/** Whether to believe what the machine at this address says of the one before it; `hop` counts from 0, our own side. */
export type IsTrustedProxy = (address: string, hop: number) => boolean;

const NAMED_NETWORKS: Readonly<Record<string, readonly string[]>> = {
  loopback: ["127.0.0.0/8", "::1/128"],
  linklocal: ["169.254.0.0/16", "fe80::/10"],
  uniquelocal: ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"],
};

/** What TRUST_PROXY says, as a question. */
export function makeTrust(trustProxy: Config["trustProxy"]): IsTrustedProxy {
  // Counted from our side: the nearest so many were added by proxies of ours.
  if (typeof trustProxy === "number") return (_address, hop) => hop < trustProxy;
  const known = new BlockList();
  for (const network of trustProxy.flatMap((name) => NAMED_NETWORKS[name] ?? [name])) {
    const [address = "", bits] = network.split("/");
    const family = familyOf(address);
    if (bits === undefined) known.addAddress(address, family);
    else known.addSubnet(address, Number(bits), family);
  }
  return (address) => isIP(address) !== 0 && known.check(address, familyOf(address));
}

/** Whose request this is: the first address, seen from our side, that no trusted proxy stands for. */
export function clientAddress({ socket, headers }: IncomingMessage, trust: IsTrustedProxy): string {
  const forwarded = [headers["x-forwarded-for"] ?? []].flat().join(",");
  const before = forwarded
    .split(",")
    .map((address) => address.trim())
    .filter((address) => address !== "")
    .reverse();
  let address = unmapIPv4(socket.remoteAddress ?? "");
  for (const [hop, next] of before.entries()) {
    if (!trust(address, hop)) break;
    address = unmapIPv4(next);
  }
  return address;
}

function familyOf(address: string): "ipv4" | "ipv6" {
  return isIP(address) === 6 ? "ipv6" : "ipv4";
}

/** A dual-stack socket writes IPv4 addresses in IPv6. */
function unmapIPv4(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, "");
}
