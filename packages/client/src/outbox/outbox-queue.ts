import type { ErrorCode, Message, ServerEvent, WireError } from "@multichat/protocol";
import type { Clock } from "../core/clock.ts";
import { ComputedStore } from "../core/computed-store.ts";
import type { NotificationBatch } from "../core/notification-batch.ts";
import type { ChatSignals } from "../model/chat-signals.ts";
import { ClientBusy, type LocalFailureCode, MessageFailed } from "../model/errors.ts";
import type { JoinedRooms } from "../model/joined-rooms.ts";
import { applyChangeToQuotedMessage, isMessageChange, type MessageChange, quoteOf } from "../model/message-changes.ts";
import type { OutboxMessage, OutboxRecord, OutboxState, SendOptions, SentMessage } from "../model/outbox-message.ts";
import type { RoomReset } from "../model/room-reset.ts";
import { describeOversize, type ServerLimits } from "../model/server-limits.ts";
import type { Session } from "../model/session.ts";
import type { OutboxStorage } from "../storage/outbox-storage.ts";
import type { Transport } from "../transport/transport.ts";
import type { Outbox } from "./outbox.ts";
import { OutboxEntries } from "./outbox-entries.ts";
import { type OutboxEntry, PENDING, storedState, toFrame, toOutboxMessage } from "./outbox-entry.ts";
import { OutboxPersistence } from "./outbox-persistence.ts";
import { OutboxSender } from "./outbox-sender.ts";
import { OutboxSignals } from "./outbox-signals.ts";
import type { Tabs } from "./tabs.ts";

/** The time between two searches for messages of closed tabs. */
const ADOPT_INTERVAL_MS = 60_000;
/** How long the page that a reload has replaced can look open. */
const UNLOAD_MS = 200;

export interface OutboxQueueOptions {
  readonly clock: Clock;
  readonly random: () => number;
  readonly batch: NotificationBatch;
  readonly session: Session;
  readonly serverLimits: ServerLimits;
  readonly transport: Transport;
  readonly joinedRooms: JoinedRooms;
  readonly signals: ChatSignals;
  readonly storage: OutboxStorage;
  readonly tabs: Tabs;
  readonly newId: () => string;
  readonly maxUnsent: number;
  readonly onStorageError: (error: unknown) => void;
}

/** The unsent messages: what they show, when they end, and what is stored of them. The sender sends them. */
export class OutboxQueue implements Outbox {
  readonly signals = new OutboxSignals();
  readonly #options: OutboxQueueOptions;
  readonly #store: ComputedStore<readonly OutboxMessage[]>;
  readonly #entries = new OutboxEntries();
  readonly #persistence: OutboxPersistence;
  readonly #sender: OutboxSender;
  #loading: Promise<void> | undefined;
  #isLoaded = false;
  #stopAdopting: () => void = () => {};

  constructor(options: OutboxQueueOptions) {
    this.#options = options;
    this.#store = new ComputedStore<readonly OutboxMessage[]>(options.batch, () =>
      [...this.#visible()].map((entry) => entry.shown),
    );
    this.#persistence = new OutboxPersistence(options);
    this.#sender = new OutboxSender({
      ...options,
      entries: this.#entries,
      persistence: this.#persistence,
      signals: this.signals,
    });
    this.#sender.accepted.subscribe((message) => this.#posted(message));
    this.#sender.rejected.subscribe(({ entry, code, message }) => this.#fail(entry, code, message));
    options.session.userChanged.subscribe(() => this.#userChanged());
    options.transport.closed.subscribe(() => this.#connectionClosed());
    options.signals.eventApplied.subscribe((event) => this.#eventApplied(event));
    options.signals.roomSubscribed.subscribe((room) => this.#roomSubscribed(room));
    options.signals.roomLost.subscribe((room) => this.#roomLost(room));
  }

  get get() {
    return this.#store.get;
  }

  get subscribe() {
    return this.#store.subscribe;
  }

  readonly retry = (clientId: string): void => {
    const entry = this.#entries.get(clientId);
    if (entry === undefined || entry.record.failed === null) return;
    // To the end of the queue: messages that were written later may already be posted.
    this.#entries.append(entry);
    entry.faultCount = 0;
    const author = entry.record.author ?? this.#options.session.userId ?? null;
    this.#update(entry, { ...entry.record, author, failed: null }, PENDING);
    this.#flush();
  };

  readonly discard = (clientId: string): void => {
    const entry = this.#entries.get(clientId);
    if (entry === undefined || entry.shown.state === "sent") return;
    this.#persistence.delete(clientId);
    this.#remove(entry);
    entry.reject(new MessageFailed(clientId, "DISCARDED", "The message was discarded before it was sent."));
    this.#flush();
  };

  /** @throws ClientBusy when too many messages are unsent. */
  add(room: string, body: string, { replyTo, files = [] }: SendOptions): SentMessage {
    const { clock, newId, session, serverLimits, tabs, maxUnsent } = this.#options;
    if (this.#entries.size >= maxUnsent) {
      throw new ClientBusy(
        `Expected at most ${maxUnsent} unsent messages; wait for some, or discard those that failed.`,
      );
    }
    const record: OutboxRecord = {
      clientId: newId(),
      room,
      body,
      replyTo: replyTo === undefined ? null : quoteOf(replyTo),
      ...(files.length === 0 ? {} : { files }),
      createdAt: clock.now(),
      author: session.userId ?? null,
      owner: tabs.self,
      failed: null,
    };
    const { entry, delivered } = createEntry(record);
    this.#entries.append(entry);
    this.#persistence.put(record);
    // As long as the limits are not known, the message waits; the transport checks it again when it is sent.
    const oversize = serverLimits.areKnown ? describeOversize(toFrame(record), serverLimits.current) : undefined;
    if (oversize !== undefined) this.#fail(entry, "PAYLOAD_TOO_LARGE", oversize);
    this.#roomChanged(room);
    this.#flush();
    return { clientId: record.clientId, delivered };
  }

  /** The signed-in user's unsent messages of a room, in their order. */
  ofRoom(room: string): readonly OutboxMessage[] {
    return [...this.#visible()].filter((entry) => entry.record.room === room).map((entry) => entry.shown);
  }

  hasPending(room: string): boolean {
    return this.#entries.hasPending(room);
  }

  /** Reads the messages that were left in the storage. */
  load(): Promise<void> {
    this.#loading ??= this.#adoptBeforeSending(this.#adoptAtStart());
    return this.#loading;
  }

  /** The connection belongs to this user: sending begins. */
  userConnected(userId: string): void {
    if (this.#sender.userId === userId) return;
    this.#sender.start(userId);
    this.#allChanged();
    // Tabs that were closed without a connection have left messages that can be older than those that wait here.
    if (this.#isLoaded) this.#loading = this.#adoptBeforeSending(this.#adopt());
    void this.load().then(() => {
      if (this.#sender.userId === undefined) return;
      this.#adoptLater();
      this.#flush();
    });
  }

  /** The server does not let the user join the room: none of its messages can be sent. */
  joinRejected(room: string, error: WireError): void {
    for (const entry of this.#entries) {
      if (entry.record.room === room && entry.shown.state === "pending" && this.#sender.canSend(entry)) {
        this.#fail(entry, error.code, error.message);
      }
    }
  }

  /**
   * The server's logs were replaced. Messages that were sent and not seen in the old log are sent again: if the new log has them,
   * the server answers as it answered before.
   */
  logsReplaced(): void {
    for (const entry of this.#entries) {
      if (entry.shown.state === "sent") this.#update(entry, entry.record, PENDING);
    }
    this.#flush();
  }

  #flush(): void {
    if (this.#isLoaded) this.#sender.flush();
  }

  #userChanged(): void {
    this.#removeSent();
    if (this.#options.session.userId === undefined) this.#sender.stop();
    this.#allChanged();
  }

  #connectionClosed(): void {
    this.#sender.connectionClosed();
    this.#stopAdopting();
  }

  #roomSubscribed(room: string): void {
    if (this.#entries.hasPending(room)) this.#flush();
  }

  #eventApplied(event: ServerEvent | RoomReset): void {
    if (!("seq" in event) || event.on === "room.read") return;
    if (event.on === "message.posted" && this.#options.session.isOwn(event.message)) this.#posted(event.message);
    if (event.on !== "client.reset" && isMessageChange(event)) this.#updateQuotes(event);
    this.#removeApplied(event.room, event.seq);
  }

  /** The server has posted the message. Its reply or the event in the room's log can come first, or alone. */
  #posted(message: Message): void {
    const entry = this.#entries.get(message.clientId);
    if (entry === undefined || entry.record.room !== message.room) return;
    entry.resolve(message);
    this.#persistence.delete(message.clientId);
    this.signals.messagePosted.emit(message);
    const appliedSeq = this.#options.joinedRooms.appliedSeq(message.room);
    if (appliedSeq !== undefined && appliedSeq < message.seq) this.#show(entry, { state: "sent", seq: message.seq });
    // Applying the message to the room's log may have removed it.
    else if (this.#entries.has(message.clientId)) this.#remove(entry);
    this.#flush();
  }

  /** The room's log was applied up to this seq, so it shows the messages that were sent before. */
  #removeApplied(room: string, seq: number): void {
    for (const entry of this.#entries) {
      if (entry.record.room === room && entry.shown.state === "sent" && entry.shown.seq <= seq) this.#remove(entry);
    }
  }

  /** A message was edited or deleted: unsent replies show, and store, its latest content. */
  #updateQuotes(event: MessageChange): void {
    for (const entry of this.#entries) {
      const { record, shown } = entry;
      if (record.room !== event.room || record.replyTo === null || shown.state === "sent") continue;
      const replyTo = applyChangeToQuotedMessage(record.replyTo, event);
      if (replyTo !== record.replyTo) this.#update(entry, { ...record, replyTo }, storedState(record));
    }
  }

  /** The user lost access to the room: no log will show what was sent, and others' content is not kept. */
  #roomLost(room: string): void {
    for (const entry of this.#entries) {
      const { record, shown } = entry;
      if (record.room !== room) continue;
      if (shown.state === "sent") this.#remove(entry);
      else if (record.replyTo !== null && record.replyTo.excerpt !== "") {
        this.#update(entry, { ...record, replyTo: { ...record.replyTo, excerpt: "" } }, storedState(record));
      }
    }
  }

  async #adoptBeforeSending(adoption: Promise<unknown>): Promise<void> {
    this.#isLoaded = false;
    await this.#persistence.waitFor(adoption);
    this.#isLoaded = true;
  }

  async #adoptAtStart(): Promise<void> {
    const { hasOthers } = await this.#adopt();
    if (!hasOthers) return;
    // They can be of the page that this one replaces, and older than what is written here.
    await new Promise<void>((resolve) => this.#options.clock.after(UNLOAD_MS, resolve));
    await this.#adopt();
  }

  /** Adopts the messages of closed tabs. Resolves with whether a tab that looks open has some, too. */
  async #adopt(): Promise<{ readonly hasOthers: boolean }> {
    const { orphans, hasOthers } = await this.#persistence.findOrphans((clientId) => this.#entries.has(clientId));
    if (orphans.length === 0) return { hasOthers };
    const capacity = Math.max(0, this.#options.maxUnsent - this.#entries.size);
    const adopted = orphans.slice(0, capacity).map((orphan) => {
      const isAuthorUnknown = orphan.author === null && orphan.failed === null;
      const record = isAuthorUnknown ? { ...orphan, failed: AUTHOR_UNKNOWN } : orphan;
      this.#persistence.put(record);
      return createEntry(record).entry;
    });
    this.#entries.insert(adopted);
    this.#allChanged();
    return { hasOthers };
  }

  #adoptLater(): void {
    this.#stopAdopting();
    this.#stopAdopting = this.#options.clock.after(ADOPT_INTERVAL_MS, () => {
      this.#adopt()
        .catch(this.#options.onStorageError)
        .finally(() => {
          if (this.#sender.userId === undefined) return;
          this.#flush();
          this.#adoptLater();
        });
    });
  }

  *#visible(): Iterable<OutboxEntry> {
    const { userId } = this.#options.session;
    for (const entry of this.#entries) {
      const { author } = entry.record;
      if (author === null || author === userId) yield entry;
    }
  }

  #fail(entry: OutboxEntry, code: ErrorCode | LocalFailureCode, message: string): void {
    const failed = { code, message };
    this.#update(entry, { ...entry.record, failed }, { state: "failed", ...failed });
    entry.reject(new MessageFailed(entry.record.clientId, code, message));
  }

  #update(entry: OutboxEntry, record: OutboxRecord, state: OutboxState): void {
    entry.record = record;
    this.#persistence.put(record);
    this.#show(entry, state);
  }

  #show(entry: OutboxEntry, state: OutboxState): void {
    entry.shown = toOutboxMessage(entry.record, state);
    this.#roomChanged(entry.record.room);
  }

  /** Removes the messages that were sent for a user whose logs are not followed any more. */
  #removeSent(): void {
    for (const entry of this.#entries) if (entry.shown.state === "sent") this.#remove(entry);
  }

  #remove(entry: OutboxEntry): void {
    const { clientId, room } = entry.record;
    this.#entries.delete(clientId);
    this.#roomChanged(room);
    if (!this.#entries.hasPending(room)) this.signals.roomDrained.emit(room);
  }

  #roomChanged(room: string): void {
    this.#store.invalidate();
    this.signals.roomChanged.emit(room);
  }

  #allChanged(): void {
    this.#store.invalidate();
    for (const room of new Set([...this.#entries].map((entry) => entry.record.room))) {
      this.signals.roomChanged.emit(room);
    }
  }
}

function createEntry(record: OutboxRecord): { entry: OutboxEntry; delivered: Promise<Message> } {
  const { promise, resolve, reject } = Promise.withResolvers<Message>();
  // A caller that ignores the promise sees the failure in the outbox.
  promise.catch(() => {});
  const shown = toOutboxMessage(record, storedState(record));
  return { entry: { record, shown, isInFlight: false, faultCount: 0, resolve, reject }, delivered: promise };
}

const AUTHOR_UNKNOWN = {
  code: "AUTHOR_UNKNOWN",
  message: "It was written before it was known who is signed in. Send it again if it is yours.",
} as const;
