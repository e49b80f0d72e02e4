import type {
  CommandName,
  CommandParams,
  CommandResult,
  Message,
  RoomListEntry,
  ServerEvent,
} from "@multichat/protocol";
import type { RoomReset } from "../client/client.ts";
import type { Clock } from "../core/clock.ts";
import type { NotificationBatch } from "../core/computed-store.ts";
import type { MessageChange } from "../model/message-changes.ts";
import type { OutboxMessage } from "../model/outbox-message.ts";
import type { SendOptions, SentMessage } from "../model/room-store.ts";

/** What a room, of the class `R`, asks of the client around it. */
export interface RoomHost<R> {
  readonly clock: Clock;
  readonly random: () => number;
  readonly turn: NotificationBatch;
  readonly pageSize: number;
  readonly maxMessages: number;
  readonly replyTimeout: number;
  newId(): string;
  /** The id of the person who is signed in. */
  me(): string | undefined;
  isOwn(message: Message): boolean;
  request<N extends CommandName>(name: N, params: CommandParams<N>): Promise<CommandResult<N>>;
  /** Asked again after a lost reply. */
  askPatiently<N extends CommandName>(name: N, params: CommandParams<N>): Promise<CommandResult<N>>;
  send(room: string, body: string, options: SendOptions): SentMessage;
  unsent(room: string): readonly OutboxMessage[];
  /** A message changed that unsent ones may answer. */
  requote(room: string, event: MessageChange): void;
  /** Someone looks at the room, or nobody any more. */
  opened(room: R): void;
  closed(room: R): void;
  /** The log goes on beyond what came. */
  behind(room: R): void;
  /** The unread count may be off by what came meanwhile. */
  recount(room: R): void;
  /** What the list of rooms shows of it. */
  listed(id: string, changes: Partial<RoomListEntry>): void;
  applied(event: ServerEvent | RoomReset): void;
  /** The log is applied up to here. */
  reached(room: string, seq: number): void;
  /** The room does not exist for this person (any more). */
  lost(room: string): void;
  /** Something changed that is worth keeping. */
  keep(room: R): void;
}
