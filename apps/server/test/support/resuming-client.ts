import { setTimeout } from "node:timers/promises";
import type { LogEvent, ServerEvent } from "@multichat/protocol";
import { ChatClient } from "./chat-client.ts";

/**
 * A client that does as the protocol says: it comes back when it may, at whichever server takes it, says how far it has
 * read, and asks for what is missing between two events.
 */
export class ResumingClient {
  /** What it has read of its room, in order, without gap. */
  readonly log: LogEvent[] = [];
  /** The codes that its connections were closed with, until it was stopped. */
  readonly closed: number[] = [];
  readonly #urls: readonly string[];
  readonly #cookie: string;
  readonly #room: number;
  readonly #running: Promise<void>;
  readonly #first = Promise.withResolvers<void>();
  #socket: ChatClient | undefined;
  #stopped = false;
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

  /** In the room. */
  static async start(urls: readonly string[], cookie: string, room: number): Promise<ResumingClient> {
    const client = new ResumingClient(urls, cookie, room);
    await Promise.race([client.#first.promise, client.#running]);
    return client;
  }

  /** @throws what ended it, where that was not its connection */
  get bodies(): readonly string[] {
    if (this.#failure !== undefined) throw this.#failure;
    return this.log.flatMap((event) => (event.on === "message.posted" ? [event.message.body] : []));
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#socket?.close();
    await this.#running;
  }

  async #run(): Promise<void> {
    for (let round = 0; !this.#stopped; round += 1) {
      const url = this.#urls[round % this.#urls.length] ?? "";
      const socket = await new ChatClient(url, { cookie: this.#cookie }).settled();
      if (!socket.isOpen) continue;
      this.#socket = socket;
      const code = await this.#follow(socket);
      if (this.#stopped) return;
      this.closed.push(code);
      if (code >= 4200) return;
    }
  }

  /** Until the connection ends. */
  async #follow(socket: ChatClient): Promise<number> {
    let seen = 0;
    let behind = true;
    while (!socket.isOver) {
      if (behind) {
        behind = false;
        await this.#catchUp(socket);
      }
      const { events } = socket;
      for (const event of events.slice(seen)) if (isLogged(event) && !this.#take(event)) behind = true;
      seen = events.length;
      if (!behind) await socket.until(() => socket.isOver || socket.events.length > seen, 120_000);
    }
    return await socket.closed();
  }

  async #catchUp(socket: ChatClient): Promise<void> {
    for (;;) {
      const wait = await this.#askForMissed(socket);
      if (wait === undefined) return;
      await setTimeout(wait * 1_000);
    }
  }

  /** @returns the seconds after which to ask again, where it asked too often */
  async #askForMissed(socket: ChatClient): Promise<number | undefined> {
    const id = socket.begin("room.join", { room: this.#room, since: this.#last });
    const answer = await socket.until(() => socket.replies(id)[0] ?? (socket.isOver ? "over" : false), 60_000);
    if (answer === "over") return undefined;
    const { ok, error } = await socket.reply<"room.join">(id);
    if (error?.code === "RATE_LIMITED") return error.retryAfter ?? 1;
    if (ok === undefined || ok.reset) {
      throw new Error(`expected the events that were missed, got ${error?.code ?? "a reset"}`);
    }
    for (const event of ok.events) this.#take(event);
    this.#first.resolve();
    return undefined;
  }

  get #last(): number {
    return this.log.at(-1)?.seq ?? 0;
  }

  /** False: something before it is missing. */
  #take(event: LogEvent): boolean {
    if (event.seq > this.#last + 1) return false;
    if (event.seq === this.#last + 1) this.log.push(event);
    return true;
  }
}

/** What was read stands beside the log, with a seq of the log. */
function isLogged(event: ServerEvent): event is LogEvent {
  return "seq" in event && event.on !== "room.read";
}
