import type { Client, RoomStore } from "@multichat/client";

/** Once without a connection. Times are milliseconds since 1970. */
export interface Outage {
  readonly lostAt: number;
  /** When a connection was open again. */
  readonly openAt: number;
  /** When everything was there that had been missed, in every room. */
  readonly levelAt: number;
}

/** Watches one client's connection and rooms: when they were lost, and when they were level again. */
export class Outages {
  readonly all: Outage[] = [];
  readonly #client: Client;
  readonly #rooms: readonly RoomStore[];
  #lostAt: number | undefined;
  #openAt: number | undefined;
  #wasOpen = false;

  constructor(client: Client, rooms: readonly RoomStore[]) {
    this.#client = client;
    this.#rooms = rooms;
    client.connection.subscribe(() => this.#connection());
    for (const room of rooms) room.subscribe(() => this.#room());
  }

  #connection(): void {
    const open = this.#client.state.phase === "open";
    if (open === this.#wasOpen) return;
    this.#wasOpen = open;
    if (open) {
      if (this.#lostAt !== undefined) this.#openAt = Date.now();
    } else {
      this.#lostAt ??= Date.now();
      this.#openAt = undefined;
    }
  }

  #room(): void {
    if (this.#lostAt === undefined || this.#openAt === undefined) return;
    if (this.#rooms.some((room) => room.get().status !== "live")) return;
    this.all.push({ lostAt: this.#lostAt, openAt: this.#openAt, levelAt: Date.now() });
    this.#lostAt = undefined;
    this.#openAt = undefined;
  }
}
