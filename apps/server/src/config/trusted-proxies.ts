import type { IncomingMessage } from "node:http";
import { BlockList, isIP } from "node:net";
import type { Config } from "./config.ts";

/** Returns whether the forwarded address that this peer reports is trusted; `hop` counts from 0 at the server's side. */
export type IsTrustedProxy = (address: string, hop: number) => boolean;

const NAMED_NETWORKS: Readonly<Record<string, readonly string[]>> = {
  loopback: ["127.0.0.0/8", "::1/128"],
  linklocal: ["169.254.0.0/16", "fe80::/10"],
  uniquelocal: ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"],
};

/** Returns the predicate that TRUST_PROXY describes. */
export function makeTrust(trustProxy: Config["trustProxy"]): IsTrustedProxy {
  // The nearest hops are the operator's own proxies.
  if (typeof trustProxy === "number") return (_address, hop) => hop < trustProxy;
  const trusted = new BlockList();
  for (const network of trustProxy.flatMap((name) => NAMED_NETWORKS[name] ?? [name])) {
    const [address = "", bits] = network.split("/");
    const family = familyOf(address);
    if (bits === undefined) trusted.addAddress(address, family);
    else trusted.addSubnet(address, Number(bits), family);
  }
  return (address) => isIP(address) !== 0 && trusted.check(address, familyOf(address));
}

/** Returns the client's address: the first one, counted from the server, that is not a trusted proxy. */
export function clientAddress({ socket, headers }: IncomingMessage, isTrusted: IsTrustedProxy): string {
  const forwarded = [headers["x-forwarded-for"] ?? []].flat().join(",");
  const forwardedHops = forwarded
    .split(",")
    .map((address) => address.trim())
    .filter((address) => address !== "")
    .reverse();
  let address = unmapIPv4(socket.remoteAddress ?? "");
  for (const [hop, next] of forwardedHops.entries()) {
    if (!isTrusted(address, hop)) break;
    address = unmapIPv4(next);
  }
  return address;
}

/** Replaces the host of an upgrade request by the one that a trusted proxy forwards, as for other requests. */
export function applyForwardedHost({ socket, headers }: IncomingMessage, isTrusted: IsTrustedProxy): void {
  if (!isTrusted(unmapIPv4(socket.remoteAddress ?? ""), 0)) return;
  const forwarded = [headers["x-forwarded-host"] ?? []].flat().join(",").split(",").at(-1)?.trim();
  if (forwarded) headers.host = forwarded;
}

function familyOf(address: string): "ipv4" | "ipv6" {
  return isIP(address) === 6 ? "ipv6" : "ipv4";
}

/** Unwraps the IPv4-mapped IPv6 addresses of a dual-stack socket. */
function unmapIPv4(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, "");
}
