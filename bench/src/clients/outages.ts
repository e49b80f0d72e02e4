import type { Client, RoomStore } from "@multichat/client";

/** A time without a connection. Times are milliseconds since 1970. */
export interface Outage {
  readonly lostAt: number;
  /** When a new connection was open. */
  readonly openAt: number;
  /** When everything missed had arrived, in every room. */
  readonly caughtUpAt: number;
}

/** Records when one client lost its connection, and when its rooms had caught up again. */
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
    client.connection.subscribe(() => this.#onConnectionChange());
    for (const room of rooms) room.subscribe(() => this.#onRoomChange());
  }

  #onConnectionChange(): void {
    const isOpen = this.#client.state.phase === "open";
    if (isOpen === this.#wasOpen) return;
    this.#wasOpen = isOpen;
    if (isOpen) {
      if (this.#lostAt !== undefined) this.#openAt = Date.now();
    } else {
      this.#lostAt ??= Date.now();
      this.#openAt = undefined;
    }
  }

  #onRoomChange(): void {
    if (this.#lostAt === undefined || this.#openAt === undefined) return;
    if (this.#rooms.some((room) => room.get().status !== "live")) return;
    this.all.push({ lostAt: this.#lostAt, openAt: this.#openAt, caughtUpAt: Date.now() });
    this.#lostAt = undefined;
    this.#openAt = undefined;
  }
}
