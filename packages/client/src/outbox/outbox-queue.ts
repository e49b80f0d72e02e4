import type { CommandName, CommandParams, CommandResult, ErrorCode, Message, WireError } from "@multichat/protocol";
import type { Clock } from "../core/clock.ts";
import { ComputedStore, type NotificationBatch } from "../core/computed-store.ts";
import { ClientBusy, ConnectionLost, type LocalFailureCode, MessageFailed, ReplyTimeout } from "../model/errors.ts";
import { changedQuote, type MessageChange, quote } from "../model/message-changes.ts";
import type { OutboxMessage, OutboxRecord, OutboxState, OutboxStorage } from "../model/outbox-message.ts";
import type { SendOptions, SentMessage } from "../model/room-store.ts";
import type { Outbox } from "./outbox.ts";
import { type OutboxEntry, PENDING, sending, shownAs, stateOf, tooLarge } from "./outbox-entry.ts";
import { OutboxPauses } from "./outbox-pauses.ts";
import { OutboxPersistence } from "./outbox-persistence.ts";
import { refusalOf } from "./outbox-refusal.ts";
import type { Tabs } from "./tabs.ts";

/** Rooms with a message on the wire at the same time, at most. */
const MAX_ON_WIRE = 16;
/** Milliseconds between two looks for messages of tabs that are gone. */
const ADOPT_EVERY = 60_000;

export interface OutboxHost {
  readonly clock: Clock;
  readonly random: () => number;
  readonly turn: NotificationBatch;
  readonly storage: OutboxStorage;
  readonly tabs: Tabs;
  readonly newId: () => string;
  readonly maxUnsent: number;
  request<N extends CommandName>(name: N, params: CommandParams<N>): Promise<CommandResult<N>>;
  distrust(): void;
  /** Whether this connection is in the room, without which nothing can be posted there; if not, it asks to be let in. */
  seated(room: string): boolean;
  /** The server says that this connection is not in the room. */
  unseated(room: string): void;
  /** Nothing more is to be sent to the room. */
  sentAll(room: string): void;
  /** The unsent messages of a room changed. */
  changed(room: string): void;
  /** The server has the message. @returns true when the room's log will tell of it, and has not yet. */
  acknowledged(message: Message): boolean;
  storageFailed(error: unknown): void;
}

/** Messages on their way out: in order within a room, each until the server has answered for it. */
export class OutboxQueue implements Outbox {
  readonly #host: OutboxHost;
  readonly #view: ComputedStore<readonly OutboxMessage[]>;
  readonly #entries = new Map<string, OutboxEntry>();
  /** Who this connection belongs to; null while there is none. */
  #sender: string | null = null;
  /** Who was last known to be signed in. */
  #person: string | null = null;
  #loading: Promise<void> | undefined;
  #loaded = false;
  readonly #pauses: OutboxPauses;
  #stopAdopting: () => void = () => {};
  readonly #shelf: OutboxPersistence;

  constructor(host: OutboxHost) {
    this.#host = host;
    this.#pauses = new OutboxPauses({ clock: host.clock, random: host.random, resume: () => this.#pump() });
    this.#shelf = new OutboxPersistence({
      clock: host.clock,
      storage: host.storage,
      tabs: host.tabs,
      failed: (error) => host.storageFailed(error),
    });
    this.#view = new ComputedStore<readonly OutboxMessage[]>(host.turn, () =>
      [...this.#visible()].map((entry) => entry.shown),
    );
  }

  get get() {
    return this.#view.get;
  }

  get subscribe() {
    return this.#view.subscribe;
  }

  readonly retry = (clientId: string): void => {
    const entry = this.#entries.get(clientId);
    if (entry === undefined || entry.record.failed === null) return;
    // As the newest: what was written after it may be posted already.
    this.#entries.delete(clientId);
    this.#entries.set(clientId, entry);
    entry.faults = 0;
    this.#update(entry, { ...entry.record, author: entry.record.author ?? this.#person, failed: null }, PENDING);
    this.#pump();
  };

  readonly discard = (clientId: string): void => {
    const entry = this.#entries.get(clientId);
    if (entry === undefined || entry.shown.state === "sent") return;
    this.#remove(entry);
    entry.reject(new MessageFailed(clientId, "DISCARDED", "The message was discarded before it was sent."));
    this.#pump();
  };

  /** @throws ClientBusy when too much is unsent. */
  add(room: string, body: string, { replyTo }: SendOptions): SentMessage {
    const { clock, newId, tabs, maxUnsent } = this.#host;
    if (this.#entries.size >= maxUnsent) {
      throw new ClientBusy(
        `Expected at most ${maxUnsent} unsent messages; wait for some, or discard those that failed.`,
      );
    }
    const record: OutboxRecord = {
      clientId: newId(),
      room,
      body,
      replyTo: replyTo === undefined ? null : quote(replyTo),
      createdAt: clock.now(),
      author: this.#person,
      owner: tabs.self,
      failed: null,
    };
    const { entry, delivered } = this.#enter(record);
    this.#shelf.put(record);
    const problem = tooLarge(entry.record);
    if (problem !== undefined) this.#fail(entry, "PAYLOAD_TOO_LARGE", problem);
    this.#tell(room);
    this.#pump();
    return { clientId: record.clientId, delivered };
  }

  /** Unsent messages of a room, in their order, those of the person who is signed in. */
  ofRoom(room: string): readonly OutboxMessage[] {
    return [...this.#visible()].filter((entry) => entry.record.room === room).map((entry) => entry.shown);
  }

  /** Reads what is left from before. */
  load(): Promise<void> {
    this.#loading ??= this.#load();
    return this.#loading;
  }

  /** Who was signed in, as far as is known before there is a connection. */
  expect(person: string): void {
    this.#person ??= person;
    this.#tellAll();
  }

  /** There is a connection, and it belongs to this person: sending begins. */
  connected(person: string): void {
    if (this.#person === person && this.#sender === person) return;
    if (this.#person !== person) this.#dropSent();
    this.#sender = person;
    this.#person = person;
    this.#tellAll();
    void this.load().then(() => {
      this.#adoptSoon(0);
      this.#pump();
    });
  }

  disconnected(): void {
    this.#sender = null;
    this.#pauses.end();
    this.#stopAdopting();
    for (const entry of this.#entries.values()) entry.onWire = false;
  }

  /** Nobody is signed in any more. Unsent messages stay for their author. */
  forget(): void {
    this.#dropSent();
    this.#person = null;
    this.#sender = null;
    this.#tellAll();
  }

  /** The server has posted it: by its reply, or by the event in the room's log, which may come first, or alone. */
  posted(message: Message): void {
    const entry = this.#entries.get(message.clientId);
    if (entry === undefined || entry.record.room !== message.room) return;
    entry.resolve(message);
    const { clientId } = entry.record;
    this.#shelf.delete(clientId);
    if (this.#host.acknowledged(message)) this.#show(entry, { state: "sent", seq: message.seq });
    // The room's log may have told of it while it was asked.
    else if (this.#entries.has(clientId)) this.#drop(entry);
    this.#pump();
  }

  /**
   * The rooms' logs are other ones than those that the server put messages into. What it had and was not seen here is sent again: if
   * the new log has it too, the answer is as before.
   */
  relogged(): void {
    for (const entry of this.#entries.values()) {
      if (entry.shown.state === "sent") this.#update(entry, entry.record, PENDING);
    }
    this.#pump();
  }

  /** The room's log is applied up to here: what it told of is no longer unsent. */
  reached(room: string, seq: number): void {
    for (const entry of this.#entries.values()) {
      if (entry.record.room === room && entry.shown.state === "sent" && entry.shown.seq <= seq) this.#drop(entry);
    }
  }

  /** The room is not there for this person: no log will tell what was sent, and what others wrote there is not kept here. */
  lost(room: string): void {
    for (const entry of this.#entries.values()) {
      const { record, shown } = entry;
      if (record.room !== room) continue;
      if (shown.state === "sent") this.#drop(entry);
      else if (record.replyTo !== null && record.replyTo.excerpt !== "") {
        this.#update(entry, { ...record, replyTo: { ...record.replyTo, excerpt: "" } }, stateOf(record));
      }
    }
  }

  /** A message changed that unsent ones may answer: what is shown, and kept, of it is what it says now. */
  requote(room: string, event: MessageChange): void {
    for (const entry of this.#entries.values()) {
      const { record, shown } = entry;
      if (record.room !== room || record.replyTo === null || shown.state === "sent") continue;
      const replyTo = changedQuote(record.replyTo, event);
      if (replyTo !== record.replyTo) this.#update(entry, { ...record, replyTo }, stateOf(record));
    }
  }

  /** This connection is in the room: what waits for it may go. */
  seated(room: string): void {
    if (this.#waitsFor(room)) this.#pump();
  }

  /** The server does not let this person in: nothing that waits for it can be sent. */
  notSeated(room: string, error: WireError): void {
    for (const entry of this.#entries.values()) {
      if (entry.record.room === room && entry.shown.state === "pending" && this.#sendable(entry)) {
        this.#fail(entry, error.code, error.message);
      }
    }
  }

  hasUnsent(room: string): boolean {
    return this.#waitsFor(room);
  }

  async #load(): Promise<void> {
    await this.#shelf.waitFor(this.#adopt());
    this.#loaded = true;
  }

  /** Takes over what was left by tabs that are gone. */
  async #adopt(): Promise<void> {
    const orphans = await this.#shelf.orphans((clientId) => this.#entries.has(clientId));
    if (orphans.length === 0) return;
    // Before what was written here since, of which nothing has been sent: sending waits for this.
    const mine = this.#loaded ? [] : [...this.#entries.values()];
    if (!this.#loaded) this.#entries.clear();
    for (const orphan of orphans.slice(0, Math.max(0, this.#host.maxUnsent - this.#entries.size - mine.length))) {
      const unknown = orphan.author === null && orphan.failed === null;
      const record = unknown ? { ...orphan, failed: AUTHOR_UNKNOWN } : orphan;
      this.#enter(record);
      this.#shelf.put(record);
    }
    for (const entry of mine) this.#entries.set(entry.record.clientId, entry);
    this.#tellAll();
  }

  #adoptSoon(delay: number): void {
    this.#stopAdopting();
    this.#stopAdopting = this.#host.clock.after(delay, () => {
      this.#adopt()
        .catch((error: unknown) => this.#host.storageFailed(error))
        .finally(() => {
          if (this.#sender === null) return;
          this.#pump();
          this.#adoptSoon(ADOPT_EVERY);
        });
    });
  }

  #enter(record: OutboxRecord): { entry: OutboxEntry; delivered: Promise<Message> } {
    const { promise, resolve, reject } = Promise.withResolvers<Message>();
    // Whoever does not wait for it sees the failure in the outbox.
    promise.catch(() => {});
    const shown = shownAs(record, stateOf(record));
    const entry: OutboxEntry = { record, shown, onWire: false, faults: 0, resolve, reject };
    this.#entries.set(record.clientId, entry);
    return { entry, delivered: promise };
  }

  *#visible(): Iterable<OutboxEntry> {
    for (const entry of this.#entries.values()) {
      const { author } = entry.record;
      if (author === null || author === this.#person) yield entry;
    }
  }

  #sendable({ record: { author } }: OutboxEntry): boolean {
    return this.#sender !== null && (author === null || author === this.#sender);
  }

  #waitsFor(room: string): boolean {
    for (const entry of this.#entries.values()) {
      if (entry.record.room === room && entry.shown.state === "pending") return true;
    }
    return false;
  }

  /** Sends what may be sent: of each room the first, if none of that room is on the wire. */
  #pump(): void {
    if (this.#sender === null || !this.#loaded || this.#pauses.isOn) return;
    let onWire = 0;
    const busy = new Set<string>();
    for (const entry of this.#entries.values()) {
      if (!entry.onWire) continue;
      onWire += 1;
      busy.add(entry.record.room);
    }
    for (const entry of [...this.#entries.values()]) {
      if (onWire >= MAX_ON_WIRE) return;
      const { room } = entry.record;
      if (entry.shown.state !== "pending" || busy.has(room) || !this.#sendable(entry)) continue;
      if (this.#pauses.isSlow(room)) continue;
      busy.add(room);
      if (!this.#host.seated(room)) continue;
      onWire += 1;
      void this.#send(entry, this.#sender);
    }
  }

  async #send(entry: OutboxEntry, sender: string): Promise<void> {
    const { clientId } = entry.record;
    if (entry.record.author === null) {
      const record = { ...entry.record, author: sender };
      entry.record = record;
      this.#shelf.put(record);
    }
    entry.onWire = true;
    try {
      const { message } = await this.#host.request("message.send", sending(entry.record));
      entry.onWire = false;
      this.#pauses.worked();
      this.posted(message);
    } catch (error) {
      // After a lost connection the next one may have it on the wire again already.
      if (error instanceof ConnectionLost) return;
      entry.onWire = false;
      if (this.#entries.get(clientId) === entry) this.#refused(entry, error);
    }
    this.#pump();
  }

  #refused(entry: OutboxEntry, error: unknown): void {
    if (error instanceof ReplyTimeout) this.#host.distrust();
    const { room } = entry.record;
    const refusal = refusalOf(error, entry.faults);
    switch (refusal.kind) {
      case "pause":
        if (refusal.isFault) entry.faults += 1;
        this.#pauses.begin(refusal.seconds);
        break;
      case "slow":
        this.#pauses.slow(room, refusal.seconds);
        break;
      case "rejoin":
        entry.faults += 1;
        this.#host.unseated(room);
        break;
      case "fail":
        this.#fail(entry, refusal.code, refusal.message);
    }
  }

  #fail(entry: OutboxEntry, code: ErrorCode | LocalFailureCode, message: string): void {
    const failed = { code, message };
    this.#update(entry, { ...entry.record, failed }, { state: "failed", ...failed });
    entry.reject(new MessageFailed(entry.record.clientId, code, message));
  }

  #update(entry: OutboxEntry, record: OutboxRecord, state: OutboxState): void {
    entry.record = record;
    this.#shelf.put(record);
    this.#show(entry, state);
  }

  #show(entry: OutboxEntry, state: OutboxState): void {
    entry.shown = shownAs(entry.record, state);
    this.#tell(entry.record.room);
  }

  #remove(entry: OutboxEntry): void {
    const { clientId } = entry.record;
    this.#shelf.delete(clientId);
    this.#drop(entry);
  }

  /** The log that would tell of them is not followed any more. */
  #dropSent(): void {
    for (const entry of this.#entries.values()) if (entry.shown.state === "sent") this.#drop(entry);
  }

  #drop(entry: OutboxEntry): void {
    const { clientId, room } = entry.record;
    this.#entries.delete(clientId);
    this.#tell(room);
    if (!this.#waitsFor(room)) this.#host.sentAll(room);
  }

  #tell(room: string): void {
    this.#view.changed();
    this.#host.changed(room);
  }

  #tellAll(): void {
    this.#view.changed();
    for (const room of new Set([...this.#entries.values()].map((entry) => entry.record.room))) this.#host.changed(room);
  }
}

const AUTHOR_UNKNOWN = {
  code: "AUTHOR_UNKNOWN",
  message: "It was written before anybody was known to be signed in. Send it again if it is yours.",
} as const;
