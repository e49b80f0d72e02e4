import type { IncomingMessage } from "node:http";
import { expect, test } from "vitest";
import { loadConfig } from "../../src/config/config.ts";
import { clientAddress, makeTrust } from "../../src/config/trusted-proxies.ts";

/** The address of a client as the server takes it, from the socket's own address and what proxies wrote. */
function seen(trustProxy: string, from: string, ...forwarded: string[]): string {
  const { trustProxy: setting } = loadConfig({ env: { TRUST_PROXY: trustProxy }, cwd: "/" });
  const headers = forwarded.length === 0 ? {} : { "x-forwarded-for": forwarded.join(", ") };
  // The two members that are read.
  const request = { socket: { remoteAddress: from }, headers } as unknown as IncomingMessage;
  return clientAddress(request, makeTrust(setting));
}

test.each([
  ["nobody is believed where nobody was named", "false", "10.0.0.1", ["192.0.2.7"], "10.0.0.1"],
  ["one proxy", "true", "10.0.0.1", ["192.0.2.7"], "192.0.2.7"],
  ["what the client itself invented is not believed", "true", "10.0.0.1", ["1.1.1.1", "192.0.2.7"], "192.0.2.7"],
  ["two proxies", "2", "10.0.0.1", ["1.1.1.1", "192.0.2.7", "10.0.0.2"], "192.0.2.7"],
  ["a proxy that wrote nothing", "true", "10.0.0.1", [], "10.0.0.1"],
  ["a named network", "10.0.0.0/8", "10.9.9.9", ["1.1.1.1", "192.0.2.7", "10.0.0.2"], "192.0.2.7"],
  ["somebody who is not in it", "10.0.0.0/8", "192.0.2.9", ["1.1.1.1"], "192.0.2.9"],
  ["everybody on the way is known", "loopback,uniquelocal", "127.0.0.1", ["172.16.0.9", "10.0.0.2"], "172.16.0.9"],
  ["IPv6", "::1,linklocal", "fe80::1", ["2001:db8::7", "::1"], "2001:db8::7"],
  ["IPv4 written in IPv6, as dual-stack sockets do", "loopback", "::ffff:127.0.0.1", ["192.0.2.7"], "192.0.2.7"],
  ["a proxy that writes no address", "loopback", "127.0.0.1", ["unknown"], "unknown"],
])("%s", (_case, setting, from, forwarded, expected) => {
  expect(seen(setting, from, ...forwarded)).toBe(expected);
});
