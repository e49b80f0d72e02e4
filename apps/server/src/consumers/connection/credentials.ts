import type { WebSocketScope } from "@multichat/channels";
import { BEARER_PREFIX } from "@multichat/protocol";
import { readSessionCookie } from "../../config/session-cookies.ts";

const AUTHORIZATION = /^Bearer +(?<token>\S+)$/i;

/** What a connection is authenticated by: a session cookie or a token. */
export interface Credentials {
  readonly cookie?: string | undefined;
  readonly bearer?: string | undefined;
}

/** Reads the credentials of a handshake. A token takes precedence over the cookie, which a browser sends by itself. */
export function readCredentials(
  { headers, subprotocols }: Pick<WebSocketScope, "headers" | "subprotocols">,
  basePath: string,
): Credentials {
  const offered = subprotocols.find((name) => name.startsWith(BEARER_PREFIX))?.slice(BEARER_PREFIX.length);
  const bearer = offered ?? AUTHORIZATION.exec(headers.authorization ?? "")?.groups?.token;
  if (bearer !== undefined) return { bearer: copyOf(bearer) };
  const cookie = readSessionCookie(headers.cookie, basePath);
  return { cookie: cookie === undefined ? undefined : copyOf(cookie) };
}

/** Part of a string refers to the whole of it: a connection, which keeps its credentials, would keep all of its cookies. */
function copyOf(text: string): string {
  return Buffer.from(text).toString();
}
