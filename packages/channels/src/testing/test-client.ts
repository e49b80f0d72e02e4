import { AsyncQueue } from "./async-queue.ts";

/** How a connection ended for its client. */
export interface CloseInfo {
  readonly code: number;
  readonly reason: string;
}

/** The client of a WebSocket in a test, with or without a real socket. */
export abstract class TestClient {
  /** Resolves when the connection has ended. */
  readonly closed: Promise<CloseInfo>;
  // Inferred, it would be a type that TypeScript before 5.7 does not know.
  protected readonly frames: AsyncQueue<string | Uint8Array> = new AsyncQueue();
  readonly #resolveClosed: (close: CloseInfo) => void;
  readonly #timeoutMs: number;

  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
    const { promise, resolve } = Promise.withResolvers<CloseInfo>();
    this.closed = promise;
    this.#resolveClosed = resolve;
  }

  /** Sends a text or a binary frame. */
  abstract send(content: string | Uint8Array): void;

  sendJson(content: unknown): void {
    this.send(JSON.stringify(content));
  }

  /** Waits for the next frame. Rejects after the timeout, or when the connection ended without another frame. */
  receive(): Promise<string | Uint8Array> {
    return this.frames.shift("a frame", this.#timeoutMs);
  }

  async receiveText(): Promise<string> {
    const content = await this.receive();
    if (typeof content === "string") return content;
    throw new Error(`Expected a text frame; got a binary frame of ${content.byteLength} bytes.`);
  }

  async receiveBytes(): Promise<Uint8Array> {
    const content = await this.receive();
    if (typeof content !== "string") return content;
    throw new Error(`Expected a binary frame; got the text ${JSON.stringify(content)}.`);
  }

  async receiveJson(): Promise<unknown> {
    const text = await this.receiveText();
    try {
      return JSON.parse(text) as unknown;
    } catch {
      throw new Error(`Expected JSON; got the text ${JSON.stringify(text)}.`);
    }
  }

  /** Returns the frames that have arrived and were not received yet. */
  received(): (string | Uint8Array)[] {
    return this.frames.drain();
  }

  /** Returns whether no frame arrives within the given time. It always waits that long, unlike the other methods. */
  receiveNothing(ms = 25): Promise<boolean> {
    return this.frames.staysEmpty(ms);
  }

  /** Resolves `closed`, and ends the queue of frames. */
  protected notifyClosed(close: CloseInfo): void {
    this.#resolveClosed(close);
    this.frames.end(
      new Error(`The connection was closed with ${close.code} "${close.reason}", and all frames were received.`),
    );
  }
}
