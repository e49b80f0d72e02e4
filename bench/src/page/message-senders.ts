import { setTimeout as wait } from "node:timers/promises";
import { type Client, createClient, type RoomStore } from "@multichat/client";

/** The time between two rounds: the messages due in a round are sent at once. */
const ROUND_MS = 10;

/** Users who send messages to the first room, over the SDK. */
export class MessageSenders {
  readonly #clients: readonly Client[];
  #rooms: readonly RoomStore[] | undefined;
  #sentCount = 0;

  constructor(url: string, tokens: readonly string[]) {
    this.#clients = tokens.map((token) => createClient({ url, token }));
  }

  /** Sends messages at a rate per second. @returns text that only the last of them contains */
  async send(messages: number, rate: number): Promise<string> {
    const rooms = await this.#connected();
    const startedAt = performance.now();
    for (let n = 0; n < messages; ) {
      const due = Math.min(messages, Math.floor(((performance.now() - startedAt) / 1_000) * rate));
      for (; n < due; n += 1) {
        this.#sentCount += 1;
        rooms[this.#sentCount % rooms.length]?.send(
          `${this.#sentCount}: the forecast says rain from **three**, so I would put the children's corner inside, by the stage.`,
        );
      }
      await wait(ROUND_MS);
    }
    return `${this.#sentCount}: the forecast`;
  }

  disconnect(): void {
    for (const client of this.#clients) client.disconnect();
  }

  async #connected(): Promise<readonly RoomStore[]> {
    this.#rooms ??= await Promise.all(this.#clients.map(connectToFirstRoom));
    return this.#rooms;
  }
}

/** Connects, and resolves when the list of rooms has loaded. */
function connectToFirstRoom(client: Client): Promise<RoomStore> {
  return new Promise((resolve) => {
    const check = (): void => {
      const first = client.rooms.get().rooms.find(({ number }) => number === 1);
      if (first === undefined) return;
      stop();
      resolve(client.room(first.id));
    };
    const stop = client.rooms.subscribe(check);
    client.connect();
  });
}
