import type { IncomingMessage } from "node:http";

/** A host of RFC 3986 with an optional port; empty where the target has no host. */
const HOST = /^(?:\[[\da-f:.]+\]|[\w.~!$&'()*+,;=%-]*)(?::\d*)?$/i;
const WITHOUT_HOST = /^(?:$|:)/;
const SCHEMES = { request: /^https?:\/\//i, upgrade: /^(?:https?|wss?):\/\//i } as const;
const AFTER_SCHEME = /^(?<authority>[^/?#]*)(?<rest>.*)$/s;
/** A name and a password before the host, which may contain an `@` too. */
const USER_INFO = /^.*@/s;

export interface AbsoluteTarget {
  /** With the port. */
  readonly host: string;
  readonly isHostValid: boolean;
  /** The path and what follows it. */
  readonly rest: string;
}

export function isHost(text: string): boolean {
  return HOST.test(text);
}

/** Reads a request target with scheme and host, which RFC 9112 requires servers to accept; undefined: it has none. */
export function readAbsoluteTarget(target: string, kind: keyof typeof SCHEMES): AbsoluteTarget | undefined {
  const scheme = SCHEMES[kind].exec(target)?.[0];
  if (scheme === undefined) return undefined;
  const { authority = "", rest = "" } = AFTER_SCHEME.exec(target.slice(scheme.length))?.groups ?? {};
  const host = authority.replace(USER_INFO, "");
  const isHostValid = isHost(host) && !WITHOUT_HOST.test(host);
  return { host, isHostValid, rest: rest.startsWith("/") ? rest : `/${rest}` };
}

/**
 * Puts the host of an absolute target in the place of the `Host` header, as RFC 9112, section 3.2.2 requires: otherwise a proxy and this
 * server could go by different ones.
 *
 * @returns the target without scheme and host; that of an upgrade without a valid host as it is, so that it is refused
 */
export function applyTargetHost(
  { url = "/", headers }: Pick<IncomingMessage, "url" | "headers">,
  kind: keyof typeof SCHEMES,
): string {
  const target = readAbsoluteTarget(url, kind);
  if (target === undefined) return url;
  if (!target.isHostValid) return kind === "request" ? target.rest : url;
  // Whether there is one, and one only, is still to be seen in the raw headers.
  headers.host = target.host;
  return target.rest;
}
