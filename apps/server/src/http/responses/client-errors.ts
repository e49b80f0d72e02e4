import { type Server as HttpServer, type IncomingMessage, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { ERRORS, type ErrorCode } from "@multichat/protocol";

interface ClientError {
  readonly status: number;
  readonly code: ErrorCode;
  readonly message: string;
}

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

/** Responds to a request that no handler sees, in the shape of every other error. */
export function respondToClientError(error: Error & { code?: string }, socket: Duplex): void {
  if (error.code === "ECONNRESET" || socket.destroyed) return;
  respond(socket, CLIENT_ERRORS[error.code ?? ""] ?? MALFORMED);
}

/** Responds to the requests that Node hands to listeners of their own. */
export function respondToUnusualRequests(server: HttpServer): void {
  server.on("connect", (_request: IncomingMessage, socket: Duplex) => {
    socket.on("error", () => {});
    respond(socket, fromTable("METHOD_NOT_ALLOWED"));
  });
  server.on("checkExpectation", (request: IncomingMessage) => {
    const message = "Expected no Expect header but 100-continue.";
    respond(request.socket, { status: 417, code: "COMMAND_INVALID", message });
  });
}

function fromTable(code: ErrorCode): ClientError {
  return { code, ...ERRORS[code] };
}

function respond(socket: Duplex, { status, code, message }: ClientError): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const body = JSON.stringify({ error: { code, message } });
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? "Error"}`,
    "connection: close",
    "cache-control: no-store",
    "content-type: application/json; charset=utf-8",
    `content-length: ${Buffer.byteLength(body)}`,
  ];
  socket.once("finish", () => socket.destroy());
  socket.end(`${head.join("\r\n")}\r\n\r\n${body}`);
}
