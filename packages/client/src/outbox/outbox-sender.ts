import type { ErrorCode, Message } from "@multichat/protocol";
import type { Clock } from "../core/clock.ts";
import { Signal } from "../core/signal.ts";
import { ConnectionLost, ReplyTimeout } from "../model/errors.ts";
import type { JoinedRooms } from "../model/joined-rooms.ts";
import type { Transport } from "../transport/transport.ts";
import type { OutboxEntries } from "./outbox-entries.ts";
import { type OutboxEntry, sendParams } from "./outbox-entry.ts";
import { OutboxPauses } from "./outbox-pauses.ts";
import type { OutboxPersistence } from "./outbox-persistence.ts";
import { classifyRefusal } from "./outbox-refusal.ts";
import type { OutboxSignals } from "./outbox-signals.ts";

/** The most rooms that have a message in flight. */
const MAX_IN_FLIGHT = 16;

export interface OutboxSenderOptions {
  readonly clock: Clock;
  readonly random: () => number;
  readonly transport: Transport;
  readonly joinedRooms: JoinedRooms;
  readonly entries: OutboxEntries;
  readonly persistence: OutboxPersistence;
  readonly signals: OutboxSignals;
}

/** A message that the server refused for good. */
export interface Rejection {
  readonly entry: OutboxEntry;
  readonly code: ErrorCode;
  readonly message: string;
}

/** Sends the entries: those of a room one after the other, each until the server has answered. */
export class OutboxSender {
  /** The server has replied with the posted message. */
  readonly accepted = new Signal<Message>();
  readonly rejected = new Signal<Rejection>();
  readonly #options: OutboxSenderOptions;
  readonly #pauses: OutboxPauses;
  /** The user of the present connection; undefined while nothing is sent. */
  #userId: string | undefined;

  constructor(options: OutboxSenderOptions) {
    this.#options = options;
    this.#pauses = new OutboxPauses(options.clock, options.random);
    this.#pauses.ended.subscribe(() => this.flush());
  }

  get userId(): string | undefined {
    return this.#userId;
  }

  /** The connection belongs to this user: their messages can be sent. */
  start(userId: string): void {
    this.#userId = userId;
  }

  stop(): void {
    this.#userId = undefined;
  }

  connectionClosed(): void {
    this.stop();
    this.#pauses.clear();
    for (const entry of this.#options.entries) entry.isInFlight = false;
  }

  /** Whether the connection's user can send the message. */
  canSend({ record: { author } }: OutboxEntry): boolean {
    return this.#userId !== undefined && (author === null || author === this.#userId);
  }

  /** Sends what can be sent: the first message of each room that has none in flight. */
  flush(): void {
    const { entries, joinedRooms, signals } = this.#options;
    const userId = this.#userId;
    if (userId === undefined || this.#pauses.isPaused) return;
    const busyRooms = new Set<string>();
    let inFlightCount = 0;
    for (const { isInFlight, record } of entries) {
      if (!isInFlight) continue;
      inFlightCount += 1;
      busyRooms.add(record.room);
    }
    for (const entry of [...entries]) {
      if (inFlightCount >= MAX_IN_FLIGHT) return;
      const { room } = entry.record;
      if (entry.shown.state !== "pending" || busyRooms.has(room) || !this.canSend(entry)) continue;
      if (this.#pauses.isRoomPaused(room)) continue;
      busyRooms.add(room);
      if (!joinedRooms.has(room)) {
        signals.joinNeeded.emit(room);
        continue;
      }
      inFlightCount += 1;
      void this.#send(entry, userId);
    }
  }

  async #send(entry: OutboxEntry, userId: string): Promise<void> {
    const { entries, persistence, transport } = this.#options;
    const { clientId } = entry.record;
    if (entry.record.author === null) {
      entry.record = { ...entry.record, author: userId };
      persistence.put(entry.record);
    }
    entry.isInFlight = true;
    try {
      const { message } = await transport.request("message.send", sendParams(entry.record));
      entry.isInFlight = false;
      this.#pauses.resetBackoff();
      this.accepted.emit(message);
    } catch (error) {
      // The message may already be in flight over the next connection.
      if (error instanceof ConnectionLost) return;
      entry.isInFlight = false;
      if (entries.get(clientId) === entry) this.#handleRefusal(entry, error);
    }
    this.flush();
  }

  #handleRefusal(entry: OutboxEntry, error: unknown): void {
    if (error instanceof ReplyTimeout) this.#options.transport.connection.probe();
    const { room } = entry.record;
    const refusal = classifyRefusal(error, entry.faultCount);
    switch (refusal.kind) {
      case "pause":
        if (refusal.isFault) entry.faultCount += 1;
        this.#pauses.pauseAll(refusal.seconds);
        break;
      case "pause-room":
        this.#pauses.pauseRoom(room, refusal.seconds);
        break;
      case "rejoin":
        entry.faultCount += 1;
        this.#options.signals.notJoined.emit(room);
        break;
      case "fail":
        this.rejected.emit({ entry, code: refusal.code, message: refusal.message });
    }
  }
}
