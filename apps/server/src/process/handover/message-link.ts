import type { Socket } from "node:net";

/** The longest message: a repetition of presences, with some room. */
const MAX_MESSAGE_CHARS = 1_048_576;
/** What can wait for the other process. With more, it does not read. */
const MAX_WAITING_BYTES = 16 * 1_048_576;

const CLOSE_TIMEOUT_MS = 1_000;

export interface MessageLinkListeners {
  /** Called for each message, in order. A message that is no JSON object closes the link. */
  readonly onMessage: (message: Readonly<Record<string, unknown>>) => void;
  /** Called once, when nothing arrives any more. */
  readonly onClosed: () => void;
}

/** Messages to and from another process on this machine, as lines of JSON on a Unix socket. */
export class MessageLink {
  readonly #socket: Socket;
  readonly #listeners: MessageLinkListeners;
  #received = "";

  constructor(socket: Socket, listeners: MessageLinkListeners) {
    this.#socket = socket;
    this.#listeners = listeners;
    socket.setEncoding("utf8");
    socket.on("data", (chunk: string) => this.#read(chunk));
    // The event `close` follows.
    socket.on("error", () => {});
    socket.on("close", () => listeners.onClosed());
  }

  get isOpen(): boolean {
    return this.#socket.writable;
  }

  /** @throws Error where the message is lost. */
  send(message: object): void {
    if (!this.#socket.writable) throw new Error("the other process has closed the connection");
    if (this.#socket.writableLength > MAX_WAITING_BYTES) throw new Error("the other process does not read");
    this.#socket.write(`${JSON.stringify(message)}\n`);
  }

  /** Closes the link after what was sent before, unless the other process does not read it. */
  close(): void {
    this.#socket.end(() => this.#socket.destroy());
    setTimeout(() => this.#socket.destroy(), CLOSE_TIMEOUT_MS).unref();
  }

  /** Closes the link at once. */
  destroy(): void {
    this.#socket.destroy();
  }

  #read(chunk: string): void {
    const lines = (this.#received + chunk).split("\n");
    this.#received = lines.pop() ?? "";
    if (this.#received.length > MAX_MESSAGE_CHARS) this.#socket.destroy();
    for (const line of lines) {
      const message = parse(line);
      if (message === undefined) {
        this.#socket.destroy();
        return;
      }
      this.#listeners.onMessage(message);
    }
  }
}

function parse(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const message: unknown = JSON.parse(line);
    return typeof message === "object" && message !== null ? { ...message } : undefined;
  } catch {
    return undefined;
  }
}
