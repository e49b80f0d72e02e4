import type { Message } from "@multichat/protocol";
import type { Clock } from "../core/clock.ts";
import type { NotificationBatch } from "../core/notification-batch.ts";
import type { Signal } from "../core/signal.ts";
import type { ChatSignals } from "../model/chat-signals.ts";
import type { JoinedRooms } from "../model/joined-rooms.ts";
import type { OutboxMessage, SendOptions, SentMessage } from "../model/outbox-message.ts";
import type { ServerLimits } from "../model/server-limits.ts";
import type { Session } from "../model/session.ts";
import type { StatePersister } from "../storage/state-persister.ts";
import type { RetryingRequests } from "../transport/retrying-requests.ts";
import type { Transport } from "../transport/transport.ts";
import type { RoomDirectory } from "./room-directory.ts";
import type { RoomSignals } from "./room-signals.ts";

/** The part of the outbox that rooms use. */
export interface RoomOutbox {
  readonly signals: {
    /** The unsent messages of the room with this id have changed. */
    readonly roomChanged: Signal<string>;
    readonly messagePosted: Signal<Message>;
  };
  add(room: string, body: string, options: SendOptions): SentMessage;
  ofRoom(room: string): readonly OutboxMessage[];
}

/** What all rooms share. */
export interface RoomContext {
  readonly clock: Clock;
  readonly random: () => number;
  readonly newId: () => string;
  readonly batch: NotificationBatch;
  readonly pageSize: number;
  readonly maxMessages: number;
  readonly replyTimeoutMs: number;
  readonly session: Session;
  readonly serverLimits: ServerLimits;
  readonly transport: Transport;
  readonly retryingRequests: RetryingRequests;
  readonly joinedRooms: JoinedRooms;
  readonly outbox: RoomOutbox;
  readonly directory: RoomDirectory;
  readonly persister: StatePersister | undefined;
  readonly signals: ChatSignals;
  readonly roomSignals: RoomSignals;
}
