import type { Me } from "@multichat/protocol";
import { type Client, memoryOutbox, memoryStorage } from "../../src/index.ts";

export type Connect = (device: Device) => { readonly client: Client; end(): void };

/** Something that a device asked of the server about a message. */
export interface Asked {
  readonly room: string;
  readonly message: string;
  /** What an edit was to say; undefined of a deletion. */
  readonly body: string | undefined;
  state: "asked" | "done" | "refused";
}

/** One device: its client is made anew with every reload, its storages stay. */
export class Device {
  readonly me: Me;
  readonly sent: { readonly room: string; readonly clientId: string }[] = [];
  asked: Asked[] = [];
  readonly outbox = memoryOutbox();
  readonly storage = memoryStorage();
  readonly open = new Map<string, () => void>();
  /** The rooms whose members and pins somebody looks at here. */
  readonly watched = new Set<string>();
  /** Messages that were seen to be deleted. */
  readonly seenDeleted = new Set<string>();
  /** Something was refused and had to be sent again by hand. */
  failed = false;
  client: Client;
  /** Where each room's log stands for a listener. */
  readonly heard = new Map<string, number>();
  readonly #connect: Connect;
  #end: () => void;

  constructor(me: Me, connect: Connect) {
    this.me = me;
    this.#connect = connect;
    const made = connect(this);
    this.client = made.client;
    this.#end = made.end;
  }

  reload(): void {
    this.#end();
    this.open.clear();
    this.watched.clear();
    this.heard.clear();
    // What was kept may be from a moment before.
    this.seenDeleted.clear();
    // Their promises went with the page.
    this.asked = this.asked.filter(({ state }) => state !== "asked");
    const made = this.#connect(this);
    this.client = made.client;
    this.#end = made.end;
  }

  watch(room: string): void {
    if (this.watched.has(room)) return;
    this.watched.add(room);
    const store = this.client.room(room);
    store.members.subscribe(() => {});
    store.bans.subscribe(() => {});
    store.pins.subscribe(() => {});
  }
}
