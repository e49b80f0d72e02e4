import type { WebSocketScope } from "../consumer/scope.ts";

const HEADER = /^Bearer +([^ ].*)$/i;
const SUBPROTOCOL_PREFIX = "bearer.";

/**
 * Returns the token of a request, for `authMiddleware`: from the header `Authorization: Bearer <token>`, or from the subprotocol
 * `bearer.<token>`, where browsers, which set no header, put it; percent-encoded if it has other characters than a subprotocol
 * can have. The consumer has to accept another subprotocol, as those of `protocolConsumer` do.
 */
export function bearerToken({
  headers,
  subprotocols,
}: Pick<WebSocketScope, "headers" | "subprotocols">): string | undefined {
  const header = HEADER.exec(headers.authorization ?? "")?.[1]?.trim();
  if (header !== undefined) return header;
  const offered = subprotocols.find((name) => name.startsWith(SUBPROTOCOL_PREFIX))?.slice(SUBPROTOCOL_PREFIX.length);
  if (offered === undefined || offered === "") return undefined;
  try {
    return decodeURIComponent(offered);
  } catch {
    return undefined;
  }
}
