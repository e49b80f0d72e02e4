import type { IncomingMessage } from "node:http";
import { expect, test } from "vitest";
import { loadConfig } from "../../src/config/config.ts";
import { clientAddress, makeTrust } from "../../src/config/trusted-proxies.ts";

/** Returns the client address that the server derives from the socket's address and the forwarded header. */
function clientAddressOf(trustProxy: string, from: string, ...forwarded: string[]): string {
  const { trustProxy: setting } = loadConfig({ env: { TRUST_PROXY: trustProxy }, cwd: "/" });
  const headers = forwarded.length === 0 ? {} : { "x-forwarded-for": forwarded.join(", ") };
  // Only these two properties are read.
  const request = { socket: { remoteAddress: from }, headers } as unknown as IncomingMessage;
  return clientAddress(request, makeTrust(setting));
}

test.each([
  ["trusts no proxy by default", "false", "10.0.0.1", ["192.0.2.7"], "10.0.0.1"],
  ["trusts one proxy", "true", "10.0.0.1", ["192.0.2.7"], "192.0.2.7"],
  ["ignores an address that the client forged", "true", "10.0.0.1", ["1.1.1.1", "192.0.2.7"], "192.0.2.7"],
  ["trusts two proxies", "2", "10.0.0.1", ["1.1.1.1", "192.0.2.7", "10.0.0.2"], "192.0.2.7"],
  ["falls back to the proxy without a header", "true", "10.0.0.1", [], "10.0.0.1"],
  ["trusts a network", "10.0.0.0/8", "10.9.9.9", ["1.1.1.1", "192.0.2.7", "10.0.0.2"], "192.0.2.7"],
  ["ignores the header of a peer outside the network", "10.0.0.0/8", "192.0.2.9", ["1.1.1.1"], "192.0.2.9"],
  [
    "takes the last address when all hops are trusted",
    "loopback,uniquelocal",
    "127.0.0.1",
    ["172.16.0.9", "10.0.0.2"],
    "172.16.0.9",
  ],
  ["supports IPv6", "::1,linklocal", "fe80::1", ["2001:db8::7", "::1"], "2001:db8::7"],
  ["unwraps IPv4-mapped addresses", "loopback", "::ffff:127.0.0.1", ["192.0.2.7"], "192.0.2.7"],
  ["passes on a value that is no address", "loopback", "127.0.0.1", ["unknown"], "unknown"],
])("%s", (_case, setting, from, forwarded, expected) => {
  expect(clientAddressOf(setting, from, ...forwarded)).toBe(expected);
});
