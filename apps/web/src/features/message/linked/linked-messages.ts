import type { RoomReset } from "@multichat/client";
import type { Message, ServerEvent } from "@multichat/protocol";

/** undefined: not read yet, or outdated. null: there is no such message for this user. */
export type LinkedMessage = Message | null | undefined;

export interface LinkedMessagesOptions {
  /** Reads the message with this number in the room's log; null if it is none, or the user may not read it. */
  readonly read: (room: string, seq: number) => Promise<Message | null>;
  /** @default Date.now */
  readonly now?: () => number;
}

interface Entry {
  readonly room: string;
  readonly message: Message | null;
  readonly readAt: number;
}

const MAX_ENTRIES = 200;
const MAX_CONCURRENT_READS = 2;
/** Reads that wait: more links than fit on a screen. The newest are read, because those are on the screen. */
const MAX_WAITING = 200;
/** The events of a room that nobody here has joined do not arrive, so what is shown again is read again after this time. */
const FRESH_MS = 60_000;

/** The messages that links lead to: read once with the rights of the user, and again when they may have changed. */
export class LinkedMessages {
  readonly #options: LinkedMessagesOptions;
  readonly #entries = new Map<string, Entry>();
  readonly #listeners = new Set<() => void>();
  readonly #waiting = new Map<string, { readonly room: string; readonly seq: number }>();
  readonly #reading = new Set<string>();
  /** Increases when what is being read may be outdated. */
  #generation = 0;
  /** Increases when another user may have signed in. */
  #userGeneration = 0;

  constructor(options: LinkedMessagesOptions) {
    this.#options = options;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  get(room: string, seq: number): LinkedMessage {
    return this.#entries.get(keyOf(room, seq))?.message;
  }

  /** Reads the message unless it is known, or being read. */
  load(room: string, seq: number): void {
    const key = keyOf(room, seq);
    const entry = this.#entries.get(key);
    if (entry !== undefined && this.#now() - entry.readAt < FRESH_MS) return;
    if (this.#reading.has(key)) return;
    this.#waiting.delete(key);
    this.#waiting.set(key, { room, seq });
    const [oldest] = this.#waiting.keys();
    if (this.#waiting.size > MAX_WAITING && oldest !== undefined) this.#waiting.delete(oldest);
    this.#readNext();
  }

  /** Forgets what the event may have changed. */
  receive(event: ServerEvent | RoomReset): void {
    switch (event.on) {
      case "message.edited":
      case "message.deleted":
      case "message.pinned":
      case "message.unpinned":
      case "client.reset":
      case "room.listed":
      case "room.unlisted":
        this.#forget(({ room }) => room === event.room);
    }
  }

  /** Forgets everything, because another user may sign in. */
  clear(): void {
    this.#userGeneration += 1;
    this.#waiting.clear();
    this.#forget(() => true);
  }

  #forget(isOutdated: (entry: Entry) => boolean): void {
    this.#generation += 1;
    let hasChanged = false;
    for (const [key, entry] of this.#entries) {
      if (!isOutdated(entry)) continue;
      this.#entries.delete(key);
      hasChanged = true;
    }
    if (hasChanged) this.#notify();
  }

  #readNext(): void {
    while (this.#reading.size < MAX_CONCURRENT_READS) {
      const [next] = [...this.#waiting].slice(-1);
      if (next === undefined) return;
      const [key, { room, seq }] = next;
      this.#waiting.delete(key);
      void this.#read(key, room, seq);
    }
  }

  async #read(key: string, room: string, seq: number): Promise<void> {
    const [generation, userGeneration] = [this.#generation, this.#userGeneration];
    this.#reading.add(key);
    let message: Message | null = null;
    try {
      message = await this.#options.read(room, seq);
    } catch {
      // Without an answer the link stays a link; what is shown again later is read again.
    }
    this.#reading.delete(key);
    if (generation === this.#generation) {
      this.#entries.delete(key);
      this.#entries.set(key, { room, message, readAt: this.#now() });
      const [oldest] = this.#entries.keys();
      if (this.#entries.size > MAX_ENTRIES && oldest !== undefined) this.#entries.delete(oldest);
      this.#notify();
    } else if (userGeneration === this.#userGeneration) {
      this.load(room, seq);
    }
    this.#readNext();
  }

  #notify(): void {
    for (const listener of this.#listeners) listener();
  }

  #now(): number {
    return (this.#options.now ?? Date.now)();
  }
}

function keyOf(room: string, seq: number): string {
  return `${room}/${seq}`;
}
