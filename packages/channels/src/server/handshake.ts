import { type IncomingMessage, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import type { Refusal } from "../consumer/runner/transport.ts";
import { readTarget } from "./request-target.ts";
import type { RefusalResponse } from "./server-options.ts";

const KEY_PATTERN = /^[+/0-9A-Za-z]{22}==$/;
// RFC 9110, section 5.6.2: the form of a subprotocol's name.
const TOKEN_PATTERN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
// RFC 3986, section 3.2.2, with an optional port.
const HOST_PATTERN = /^(?:\[[\da-f:.]+\]|[\w.~!$&'()*+,;=%-]*)(?::\d*)?$/i;
const MAX_SUBPROTOCOLS = 50;
/** Headers that say who connects, and from which page. */
const SINGLE_HEADERS = ["Authorization", "Origin"] as const;

/** A valid upgrade request, or the refusal of an invalid one. */
export type HandshakeRequest =
  | { readonly kind: "valid"; readonly subprotocols: readonly string[] }
  | { readonly kind: "invalid"; readonly refused: Refusal };

/** Checks an upgrade request as RFC 6455, section 4.2.1 requires, in its order. */
export function readHandshake(request: IncomingMessage): HandshakeRequest {
  const { headers } = request;
  // RFC 6455 requires HTTP/1.1 or later, and RFC 9112 exactly one Host.
  if (request.httpVersionMajor < 1 || (request.httpVersionMajor === 1 && request.httpVersionMinor < 1)) {
    return invalid(400, `the version must be HTTP/1.1, not HTTP/${request.httpVersion}`);
  }
  if ((request.headersDistinct.host?.length ?? 0) !== 1) return invalid(400, "there must be exactly one Host header");
  if (!HOST_PATTERN.test(request.headersDistinct.host?.[0] ?? ""))
    return invalid(400, "the Host header must be a host with an optional port");
  const { host } = readTarget(request.url ?? "/");
  if (host !== undefined && (!HOST_PATTERN.test(host) || /^(?:$|:)/.test(host))) {
    return invalid(400, "the request target must have a host with an optional port");
  }
  // Of several, Node reads the first one, and a proxy perhaps another.
  for (const name of SINGLE_HEADERS) {
    if ((request.headersDistinct[name.toLowerCase()]?.length ?? 0) > 1) {
      return invalid(400, `there must be at most one ${name} header`);
    }
  }
  if (request.method !== "GET") return invalid(400, `the method must be GET, not ${request.method ?? "empty"}`);
  if (headers.upgrade?.toLowerCase() !== "websocket") return invalid(400, 'the header Upgrade must be "websocket"');
  if (headers["sec-websocket-version"] !== "13") {
    return invalid(426, "the header Sec-WebSocket-Version must be 13", {
      "sec-websocket-version": "13",
      upgrade: "websocket",
    });
  }
  const key = headers["sec-websocket-key"];
  if (key === undefined || !KEY_PATTERN.test(key))
    return invalid(400, "the header Sec-WebSocket-Key must be 16 bytes in base64");
  const offered = headers["sec-websocket-protocol"];
  if (offered === undefined) return { kind: "valid", subprotocols: [] };
  const subprotocols = offered.split(",").map((name) => name.trim());
  if (
    subprotocols.length > MAX_SUBPROTOCOLS ||
    new Set(subprotocols).size !== subprotocols.length ||
    !subprotocols.every((name) => TOKEN_PATTERN.test(name))
  ) {
    return invalid(400, "the header Sec-WebSocket-Protocol must list valid, distinct names");
  }
  return { kind: "valid", subprotocols };
}

/** Sends an HTTP error response to an upgrade request and closes the connection. */
export function refuseHandshake(socket: Duplex, refused: Refusal, response: RefusalResponse): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const { contentType, body } = response;
  const lines = [
    `HTTP/1.1 ${refused.status} ${STATUS_CODES[refused.status] ?? "Refused"}`,
    "connection: close",
    `content-type: ${contentType}`,
    `content-length: ${Buffer.byteLength(body)}`,
  ];
  for (const [name, value] of Object.entries({ ...response.headers, ...refused.headers })) {
    // A line break would end the header and start another.
    lines.push(`${name}: ${String(value).replace(/[\r\n]+/g, " ")}`);
  }
  socket.once("finish", () => socket.destroy());
  socket.end(`${lines.join("\r\n")}\r\n\r\n${body}`);
}

function invalid(status: number, reason: string, headers?: Readonly<Record<string, string>>): HandshakeRequest {
  return { kind: "invalid", refused: headers === undefined ? { status, reason } : { status, reason, headers } };
}
