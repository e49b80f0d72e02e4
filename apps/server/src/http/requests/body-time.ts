import type { IncomingMessage, Server } from "node:http";

/** Bodies that have to arrive in time. */
const timers = new WeakMap<IncomingMessage, () => void>();

/**
 * Ends requests whose body does not arrive in time, like Node's own `requestTimeout`, which cannot be changed for one request: a
 * large file takes longer than anything else should.
 */
export function limitBodyTime(server: Server, timeoutMs: number): void {
  server.prependListener("request", (request: IncomingMessage) => {
    const { "content-length": length = "0", "transfer-encoding": encoding } = request.headers;
    if (length === "0" && encoding === undefined) return;
    const timer = setTimeout(() => {
      if (request.complete || request.socket.destroyed) return;
      const error = Object.assign(new Error("the body did not arrive in time"), { code: "ERR_HTTP_REQUEST_TIMEOUT" });
      server.emit("clientError", error, request.socket);
    }, timeoutMs).unref();
    timers.set(request, () => clearTimeout(timer));
    request.once("close", () => clearTimeout(timer));
  });
}

/** Lets the body of a request take as long as it arrives at all. */
export function waitForBody(request: IncomingMessage): void {
  timers.get(request)?.();
}
