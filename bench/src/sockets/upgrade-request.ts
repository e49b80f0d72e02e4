import { BEARER_PREFIX, SUBPROTOCOL } from "@multichat/protocol";

/** Returns the request for a WebSocket upgrade, with further header lines. */
export function upgradeRequest(path: string, headers: readonly string[] = []): string {
  return [
    `GET ${path} HTTP/1.1`,
    "host: localhost",
    "connection: Upgrade",
    "upgrade: websocket",
    "sec-websocket-version: 13",
    "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==",
    ...headers,
    "",
    "",
  ].join("\r\n");
}

/** Returns the request for a signed-in connection to the chat. */
export function chatUpgradeRequest(token: string): string {
  return upgradeRequest("/ws", [`sec-websocket-protocol: ${SUBPROTOCOL}, ${BEARER_PREFIX}${token}`]);
}
