import { AsyncQueue } from "./async-queue.ts";

/** How a connection ended, as its client saw it. */
export interface CloseInfo {
  readonly code: number;
  readonly reason: string;
}

/** What a test's end of a WebSocket can do, be there a socket or not. */
export abstract class TestClient {
  /** Resolves when the connection has ended. */
  readonly closed: Promise<CloseInfo>;
  protected readonly frames = new AsyncQueue<string | Uint8Array>();
  readonly #closedWith: (close: CloseInfo) => void;
  readonly #timeoutMs: number;

  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
    const { promise, resolve } = Promise.withResolvers<CloseInfo>();
    this.closed = promise;
    this.#closedWith = resolve;
  }

  /** Sends a text or a binary frame. */
  abstract send(content: string | Uint8Array): void;

  sendJson(content: unknown): void {
    this.send(JSON.stringify(content));
  }

  /** The next frame, whatever it is. Rejects when none comes in time, or when the connection ended without one. */
  receive(): Promise<string | Uint8Array> {
    return this.frames.shift("a frame", this.#timeoutMs);
  }

  async receiveText(): Promise<string> {
    const content = await this.receive();
    if (typeof content === "string") return content;
    throw new Error(`Expected a text frame, got a binary one of ${content.byteLength} bytes.`);
  }

  async receiveBytes(): Promise<Uint8Array> {
    const content = await this.receive();
    if (typeof content !== "string") return content;
    throw new Error(`Expected a binary frame, got the text ${JSON.stringify(content)}.`);
  }

  async receiveJson(): Promise<unknown> {
    const text = await this.receiveText();
    try {
      return JSON.parse(text) as unknown;
    } catch {
      throw new Error(`Expected JSON, got the text ${JSON.stringify(text)}.`);
    }
  }

  /** Everything that has arrived and was not received yet. */
  received(): (string | Uint8Array)[] {
    return this.frames.drain();
  }

  /** Whether no frame comes in that time. The only wait by the clock: use it where nothing is what is expected. */
  receiveNothing(ms = 25): Promise<boolean> {
    return this.frames.staysEmpty(ms);
  }

  /** Says how the connection ended, once. */
  protected notifyClosed(close: CloseInfo): void {
    this.#closedWith(close);
    this.frames.end(new Error(`The connection was closed with ${close.code} "${close.reason}"; no frame is left.`));
  }
}
