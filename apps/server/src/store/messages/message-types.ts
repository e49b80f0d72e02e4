import type { LogEvent, Message, MessageFile, MessageKind, QuotedMessage } from "@multichat/protocol";
import type { MentionCandidates } from "@multichat/protocol/markup";
import type { ActorRef } from "../actor-ref.ts";
import type { IdempotencyKey } from "../event-log/idempotency-keys.ts";

export interface NewMessage {
  readonly room: string;
  /** The access version that the policy was asked with; if the room has changed since, the result is `stale`. */
  readonly accessVersion: number;
  readonly author: ActorRef;
  readonly clientId: string;
  readonly kind: MessageKind;
  readonly body: string;
  /** The id of a message of the same room that is not deleted. */
  readonly replyTo?: string | undefined;
  /** What `findMentionCandidates` finds in the body. */
  readonly mentionCandidates?: MentionCandidates;
  /** Whether `@all` in the body addresses all members. */
  readonly canMentionAll?: boolean;
  /** In slow mode: how old the author's last message in the room has to be. */
  readonly slowModeSeconds?: number;
  /** Ids of uploads of the author to the room that are in no message yet. */
  readonly files?: readonly string[] | undefined;
}

export type AppendResult =
  | { readonly outcome: "appended"; readonly message: Message; readonly event: LogEvent }
  /** The same (room, author, clientId) was posted before: the message of that time, as it is now. */
  | { readonly outcome: "repeated"; readonly message: Message }
  | { readonly outcome: "stale" }
  /** The message that it replies to is not in this room, or was deleted. */
  | { readonly outcome: "unknown" }
  /** One of the files is no upload of the author to this room, or is in another message. */
  | { readonly outcome: "file-unknown" }
  | { readonly outcome: "slow"; readonly retryAfterMs: number };

/** The result of the database: the writer and the caller are in two threads, and the caller has the rest of the message. */
export type AppendOutcome = AppendedMessage | Exclude<AppendResult, { readonly outcome: "appended" }>;

export interface AppendedMessage {
  readonly outcome: "appended";
  readonly id: string;
  readonly seq: number;
  readonly createdAt: number;
  /** @default no reply */
  readonly replyTo?: QuotedMessage | undefined;
  /** @default mentions nobody */
  readonly mentions?: Mentions | undefined;
  /** @default none */
  readonly files?: readonly MessageFile[] | undefined;
}

export interface Mentions {
  /** The ids of active users; never the author's own. */
  readonly people: readonly string[];
  /** The normalized names by which the text mentions them, and its author. */
  readonly names: readonly string[];
  /** Whether the message addresses all members. */
  readonly all: boolean;
}

/** A message to change, and the access version of its room that the policy was asked with. */
export interface MessageRef {
  readonly room: string;
  readonly accessVersion: number;
  readonly message: string;
  /** A repeat of a change with this key changes nothing, and has the result of the first. */
  readonly idempotencyKey?: IdempotencyKey | undefined;
}

export type MessageChangeResult =
  | {
      readonly outcome: "changed";
      /** The seq of the event that brought the message into this state. */
      readonly seq: number;
      /** Undefined where the message was in this state already. */
      readonly event?: LogEvent;
      /** A change with this idempotency key was made before. */
      readonly isRepeat?: boolean;
      readonly message: Message;
    }
  | { readonly outcome: "unknown" }
  | { readonly outcome: "stale" }
  /** The message is not the version that was to be edited. */
  | { readonly outcome: "conflict" }
  /** A limit was reached: different emoji of a message, pins of a room. */
  | { readonly outcome: "full" };
