import { setTimeout } from "node:timers/promises";
import type { LogEvent, ServerEvent } from "@multichat/protocol";
import { ChatClient } from "./chat-client.ts";

/**
 * A client that follows the protocol: it reconnects where the close code allows it, to each server in turn, resumes from its
 * last seq, and fetches the events of every gap.
 */
export class ResumingClient {
  /** The events of its room, in order and without gaps. */
  readonly log: LogEvent[] = [];
  /** The close codes of its connections until it was stopped. */
  readonly closeCodes: number[] = [];
  readonly #urls: readonly string[];
  readonly #cookie: string;
  readonly #room: number;
  readonly #running: Promise<void>;
  readonly #caughtUp = Promise.withResolvers<void>();
  #socket: ChatClient | undefined;
  #isStopped = false;
  #failure: unknown;

  private constructor(urls: readonly string[], cookie: string, room: number) {
    this.#urls = urls;
    this.#cookie = cookie;
    this.#room = room;
    this.#running = this.#run().catch((error: unknown) => {
      this.#failure = error;
      throw error;
    });
  }

  /** Starts a client and waits until it has joined the room. */
  static async start(urls: readonly string[], cookie: string, room: number): Promise<ResumingClient> {
    const client = new ResumingClient(urls, cookie, room);
    await Promise.race([client.#caughtUp.promise, client.#running]);
    return client;
  }

  /** The bodies of the messages in the log. @throws the error that ended the client. */
  get bodies(): readonly string[] {
    if (this.#failure !== undefined) throw this.#failure;
    return this.log.flatMap((event) => (event.on === "message.posted" ? [event.message.body] : []));
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#socket?.close();
    await this.#running;
  }

  async #run(): Promise<void> {
    for (let round = 0; !this.#isStopped; round += 1) {
      const url = this.#urls[round % this.#urls.length] ?? "";
      const socket = await new ChatClient(url, { cookie: this.#cookie }).settled();
      if (!socket.isOpen) continue;
      this.#socket = socket;
      const code = await this.#readUntilClosed(socket);
      if (this.#isStopped) return;
      this.closeCodes.push(code);
      if (code >= 4200) return;
    }
  }

  /** Reads events until the connection closes. @returns the close code. */
  async #readUntilClosed(socket: ChatClient): Promise<number> {
    let seen = 0;
    let hasGap = true;
    while (!socket.isOver) {
      if (hasGap) {
        hasGap = false;
        await this.#catchUp(socket);
      }
      const { events } = socket;
      for (const event of events.slice(seen)) if (isLogEvent(event) && !this.#append(event)) hasGap = true;
      seen = events.length;
      if (!hasGap) await socket.until(() => socket.isOver || socket.events.length > seen, 600_000);
    }
    return await socket.closed();
  }

  async #catchUp(socket: ChatClient): Promise<void> {
    for (;;) {
      const waitSeconds = await this.#fetchMissed(socket);
      if (waitSeconds === undefined) return;
      await setTimeout(waitSeconds * 1_000);
    }
  }

  /** @returns the seconds to wait before the next attempt, where the server limits the rate. */
  async #fetchMissed(socket: ChatClient): Promise<number | undefined> {
    const id = socket.begin("room.join", { room: this.#room, since: this.#lastSeq });
    const answer = await socket.until(() => socket.replies(id)[0] ?? (socket.isOver ? "over" : false), 600_000);
    if (answer === "over") return undefined;
    const { ok, error } = await socket.reply<"room.join">(id);
    if (error?.code === "RATE_LIMITED") return error.retryAfter ?? 1;
    if (ok === undefined || ok.reset) {
      throw new Error(`expected the missed events, got ${error?.code ?? "a reset"}`);
    }
    for (const event of ok.events) this.#append(event);
    this.#caughtUp.resolve();
    return undefined;
  }

  get #lastSeq(): number {
    return this.log.at(-1)?.seq ?? 0;
  }

  /** Appends the next event of the log. False where an event before it is missing. */
  #append(event: LogEvent): boolean {
    if (event.seq > this.#lastSeq + 1) return false;
    if (event.seq === this.#lastSeq + 1) this.log.push(event);
    return true;
  }
}

/** `room.read` has a seq as well, but is not in the log. */
function isLogEvent(event: ServerEvent): event is LogEvent {
  return "seq" in event && event.on !== "room.read";
}
