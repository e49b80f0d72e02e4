import { type Server as HttpServer, type IncomingMessage, STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import { ERRORS, type ErrorCode } from "@multichat/protocol";
import { addressKey } from "../../access/address-key.ts";
import type { Pacer } from "../../access/pacer.ts";
import { RAW_SECURITY_HEADERS } from "../security/security-headers.ts";

interface ClientError {
  readonly status: number;
  readonly code: ErrorCode;
  readonly message: string;
}

const JSON_TYPE = "application/json; charset=utf-8";
// The cast restores the type of the keys, which `Object.keys` loses.
const ERROR_CODES = Object.keys(ERRORS) as readonly ErrorCode[];

const MALFORMED: ClientError = {
  status: ERRORS.COMMAND_INVALID.status,
  code: "COMMAND_INVALID",
  message: "Expected an HTTP/1.1 request, got one that cannot be read.",
};

/** The errors of the HTTP parser, by its code. */
const CLIENT_ERRORS: Readonly<Record<string, ClientError>> = {
  HPE_INVALID_METHOD: fromTable("METHOD_NOT_ALLOWED"),
  ERR_HTTP_REQUEST_TIMEOUT: fromTable("REQUEST_TIMEOUT"),
  HPE_HEADER_OVERFLOW: { status: 431, code: "PAYLOAD_TOO_LARGE", message: "The headers are larger than the limit." },
  HPE_CHUNK_EXTENSIONS_OVERFLOW: fromTable("PAYLOAD_TOO_LARGE"),
};

/** How long, and up to how many bytes, the rest of a request that cannot be read is received: otherwise it would reset the connection. */
const LINGER_MS = 1_000;
const LINGER_BYTES = 262_144;

/** Returns the handler of requests that no route sees. It responds in the shape of every other error. */
export function clientErrorResponder(refusals: Pacer): (error: Error & { code?: string }, socket: Socket) => void {
  /** The parser reports each further chunk of what it cannot read. */
  const refused = new WeakSet<Socket>();
  return (error, socket) => {
    if (error.code === "ECONNRESET" || socket.destroyed) return;
    if (!refused.has(socket)) {
      refused.add(socket);
      hold(socket, CLIENT_ERRORS[error.code ?? ""] ?? MALFORMED, { refusals, lingerMs: LINGER_MS });
    } else if (socket.bytesRead > LINGER_BYTES) socket.destroy();
  };
}

/** Responds to the requests that Node hands to listeners of their own. */
export function respondToUnusualRequests(server: HttpServer, refusals: Pacer): void {
  // A server of TCP, whose streams are sockets.
  server.on("connect", ({ socket }: IncomingMessage) => {
    socket.on("error", () => {});
    hold(socket, fromTable("METHOD_NOT_ALLOWED"), { refusals });
  });
  server.on("checkExpectation", ({ socket }: IncomingMessage) => {
    const message = "Expected no Expect header but 100-continue.";
    hold(socket, { status: 417, code: "COMMAND_INVALID", message }, { refusals });
  });
}

interface Holding {
  readonly refusals: Pacer;
  readonly lingerMs?: number;
}

/** Responds when the pacer says so. Until then nothing more is read. */
function hold(socket: Socket, error: ClientError, { refusals, lingerMs = 0 }: Holding): void {
  const delayMs = refusals.delayMs(`ip:${addressKey(socket.remoteAddress ?? "")}`);
  if (delayMs === 0) {
    respond(socket, error, lingerMs);
    return;
  }
  socket.pause();
  const timer = setTimeout(() => {
    socket.resume();
    respond(socket, error, lingerMs);
  }, delayMs);
  socket.once("close", () => clearTimeout(timer));
}

/** The codes of refused handshakes, by status; the reason says more. */
const HANDSHAKE_CODES: Readonly<Record<number, ErrorCode>> = {
  401: "USER_HAS_TO_LOGIN",
  403: "FORBIDDEN",
  404: "NOT_FOUND",
  429: "TOO_MANY_CONNECTIONS",
  500: "INTERNAL",
  503: "UNAVAILABLE",
};

interface RefusedHandshake {
  readonly status: number;
  readonly reason: string;
}

/** Returns the response to a refused WebSocket handshake. */
export function toHandshakeResponse({ status, reason }: RefusedHandshake) {
  // An application's refusal has the text of its code.
  const code = ERROR_CODES.find((name) => ERRORS[name].message === reason) ?? HANDSHAKE_CODES[status];
  return {
    contentType: JSON_TYPE,
    body: JSON.stringify({ error: { code: code ?? "COMMAND_INVALID", message: reason } }),
    headers: RAW_SECURITY_HEADERS,
  };
}

function fromTable(code: ErrorCode): ClientError {
  return { code, ...ERRORS[code] };
}

function respond(socket: Socket, { status, code, message }: ClientError, lingerMs: number): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const body = JSON.stringify({ error: { code, message } });
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? "Error"}`,
    "connection: close",
    `content-type: ${JSON_TYPE}`,
    `content-length: ${Buffer.byteLength(body)}`,
    ...Object.entries(RAW_SECURITY_HEADERS).map(([name, value]) => `${name}: ${value}`),
  ];
  socket.once("finish", () => {
    if (lingerMs === 0) {
      socket.destroy();
      return;
    }
    const timer = setTimeout(() => socket.destroy(), lingerMs);
    socket.once("close", () => clearTimeout(timer));
  });
  socket.end(`${head.join("\r\n")}\r\n\r\n${body}`);
}
