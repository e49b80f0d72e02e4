import { once } from "node:events";
import { WebSocket } from "ws";

/** Long enough for a message that should not come to come: nothing else tells that none is under way. */
const quietMs = 70;

/** A client of the recorded cases: what it received since it was last asked, in order. */
export class GoldenClient {
  readonly #socket: WebSocket;
  readonly #begun: Promise<unknown>;
  #got: unknown[] = [];
  #lastAt = performance.now();

  constructor(url: string, headers: Readonly<Record<string, string>> = {}) {
    this.#socket = new WebSocket(url, { headers });
    this.#socket.on("message", (data, binary) => this.#add(binary ? { binary: true } : readable(String(data))));
    this.#socket.on("close", (code) => this.#add({ close: code }));
    let refused = false;
    this.#socket.on("unexpected-response", (request, response) => {
      refused = true;
      this.#got = [{ http: response.statusCode }];
      request.destroy();
    });
    this.#socket.on("error", () => undefined);
    this.#begun = Promise.race([
      once(this.#socket, "open"),
      once(this.#socket, "unexpected-response"),
      once(this.#socket, "close"),
    ]).catch(() => undefined);
    this.#add = (item) => {
      // A handshake that was refused closes as well; the status says it all.
      if (refused) return;
      this.#got.push(item);
      this.#lastAt = performance.now();
    };
  }

  #add: (item: unknown) => void = () => undefined;

  begun(): Promise<unknown> {
    return this.#begun;
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

  /** What came, once as many as expected came, or none in time, and it has been quiet for a while. */
  async gets(expected: number, withinMs = 60_000): Promise<unknown[]> {
    const deadline = performance.now() + withinMs;
    const asked = performance.now();
    for (;;) {
      const now = performance.now();
      const quiet = now - Math.max(this.#lastAt, asked) >= quietMs;
      if (quiet && (this.#got.length >= expected || now > deadline)) break;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    const got = this.#got;
    this.#got = [];
    return got;
  }
}

/** Text as it is, JSON as values; the random number of a job under the name that the recording gives it. */
function readable(text: string): unknown {
  const named = text.replaceAll(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "<job-id>");
  return named.startsWith("{") ? JSON.parse(named) : named;
}
