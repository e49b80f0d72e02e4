import { setTimeout as wait } from "node:timers/promises";
import { type Client, createClient, type RoomStore } from "@multichat/client";

/** Milliseconds between two rounds: whole messages of it are said at once. */
const ROUND = 10;

/** People who talk in the first room, over the SDK. */
export class Speakers {
  readonly #clients: readonly Client[];
  #rooms: readonly RoomStore[] | undefined;
  #said = 0;

  constructor(url: string, tokens: readonly string[]) {
    this.#clients = tokens.map((token) => createClient({ url, token }));
  }

  /** Says so many messages, at so many a second. @returns words that only the last of them has */
  async say(messages: number, rate: number): Promise<string> {
    const rooms = await this.#seated();
    const began = performance.now();
    for (let n = 0; n < messages; ) {
      const due = Math.min(messages, Math.floor(((performance.now() - began) / 1_000) * rate));
      for (; n < due; n += 1) {
        this.#said += 1;
        rooms[this.#said % rooms.length]?.send(
          `${this.#said}: the forecast says rain from **three**, so I would put the children's corner inside, by the stage.`,
        );
      }
      await wait(ROUND);
    }
    return `${this.#said}: the forecast`;
  }

  leave(): void {
    for (const client of this.#clients) client.disconnect();
  }

  async #seated(): Promise<readonly RoomStore[]> {
    this.#rooms ??= await Promise.all(this.#clients.map(firstRoom));
    return this.#rooms;
  }
}

/** Connects, and resolves when the list of rooms is there. */
function firstRoom(client: Client): Promise<RoomStore> {
  return new Promise((resolve) => {
    const look = (): void => {
      const first = client.rooms.get().rooms.find(({ number }) => number === 1);
      if (first === undefined) return;
      stop();
      resolve(client.room(first.id));
    };
    const stop = client.rooms.subscribe(look);
    client.connect();
  });
}
