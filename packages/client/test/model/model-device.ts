import type { Me } from "@multichat/protocol";
import { type Client, memoryOutbox, memoryStorage } from "../../src/index.ts";

export type Connect = (device: ModelDevice) => { readonly client: Client; end(): void };

/** An edit or a deletion of a message that a device has requested. */
export interface RequestedChange {
  readonly room: string;
  readonly message: string;
  /** The new body of an edit; undefined for a deletion. */
  readonly body: string | undefined;
  state: "pending" | "done" | "refused";
}

/** One device: a reload replaces its client, and its storages stay. */
export class ModelDevice {
  readonly me: Me;
  readonly sent: { readonly room: string; readonly clientId: string }[] = [];
  requestedChanges: RequestedChange[] = [];
  readonly outbox = memoryOutbox();
  readonly storage = memoryStorage();
  /** The open rooms, with the functions that close them. */
  readonly openRooms = new Map<string, () => void>();
  /** The rooms whose lists have subscribers. */
  readonly watchedRooms = new Set<string>();
  /** The ids of messages that were shown as deleted. */
  readonly seenDeleted = new Set<string>();
  /** Whether a message was refused and had to be retried by the user. */
  hasFailed = false;
  client: Client;
  /** The seq of the last event of each room that a listener received. */
  readonly lastSeqs = new Map<string, number>();
  readonly #connect: Connect;
  #end: () => void;

  constructor(me: Me, connect: Connect) {
    this.me = me;
    this.#connect = connect;
    const { client, end } = connect(this);
    this.client = client;
    this.#end = end;
  }

  reload(): void {
    this.#end();
    this.openRooms.clear();
    this.watchedRooms.clear();
    this.lastSeqs.clear();
    // The persisted state can be from a moment before.
    this.seenDeleted.clear();
    // Pending promises were lost with the page.
    this.requestedChanges = this.requestedChanges.filter(({ state }) => state !== "pending");
    const { client, end } = this.#connect(this);
    this.client = client;
    this.#end = end;
  }

  watch(room: string): void {
    if (this.watchedRooms.has(room)) return;
    this.watchedRooms.add(room);
    const store = this.client.room(room);
    store.members.subscribe(() => {});
    store.bans.subscribe(() => {});
    store.pins.subscribe(() => {});
  }
}
