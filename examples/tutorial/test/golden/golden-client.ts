import { once } from "node:events";
import { WebSocket } from "ws";

/** Long enough for an unexpected message to arrive: nothing else shows that none is in flight. */
const QUIET_MS = 70;

/** A client of the recorded cases. It collects what it receives, in order. */
export class GoldenClient {
  readonly #socket: WebSocket;
  readonly #opened: Promise<unknown>;
  #received: unknown[] = [];
  #lastAt = performance.now();

  constructor(url: string, headers: Readonly<Record<string, string>> = {}) {
    this.#socket = new WebSocket(url, { headers });
    this.#socket.on("message", (data, binary) => this.#add(binary ? { binary: true } : readable(String(data))));
    this.#socket.on("close", (code) => this.#add({ close: code }));
    let isRejected = false;
    this.#socket.on("unexpected-response", (request, response) => {
      isRejected = true;
      this.#received = [{ http: response.statusCode }];
      request.destroy();
    });
    this.#socket.on("error", () => undefined);
    // A socket that fails to open is recorded by its close or its response.
    this.#opened = Promise.race([
      once(this.#socket, "open"),
      once(this.#socket, "unexpected-response"),
      once(this.#socket, "close"),
    ]).catch(() => undefined);
    this.#add = (item) => {
      // A rejected handshake also closes; its status is enough.
      if (isRejected) return;
      this.#received.push(item);
      this.#lastAt = performance.now();
    };
  }

  #add: (item: unknown) => void = () => undefined;

  opened(): Promise<unknown> {
    return this.#opened;
  }

  send(content: string | Buffer): void {
    this.#socket.send(content, { binary: typeof content !== "string" });
  }

  close(code: number): void {
    this.#socket.close(code);
  }

  terminate(): void {
    this.#socket.terminate();
  }

  /** Returns what was received since the last call, after the expected count or the timeout, and a quiet period. */
  async received(expected: number, withinMs = 60_000): Promise<unknown[]> {
    const deadline = performance.now() + withinMs;
    const calledAt = performance.now();
    for (;;) {
      const now = performance.now();
      const isQuiet = now - Math.max(this.#lastAt, calledAt) >= QUIET_MS;
      if (isQuiet && (this.#received.length >= expected || now > deadline)) break;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    const received = this.#received;
    this.#received = [];
    return received;
  }
}

/** Parses JSON frames, and replaces the random id of a job with its name in the recording. */
function readable(text: string): unknown {
  const named = text.replaceAll(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "<job-id>");
  return named.startsWith("{") ? JSON.parse(named) : named;
}
