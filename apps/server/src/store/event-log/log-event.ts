import type { Author, LogEvent } from "@multichat/protocol";
import type { ActorRef } from "../actor-ref.ts";
import { recordChange } from "../change-feed/record-change.ts";
import type { WriteContext } from "../database/context.ts";
import { prepared } from "../database/prepared.ts";
import type { EventRow } from "../database/tables.ts";

const insertEvent = prepared<EventRow, never>((db, param) =>
  db.insertInto("event").values({
    room: param("room"),
    seq: param("seq"),
    kind: param("kind"),
    actor: param("actor"),
    actor_name: param("actor_name"),
    message: param("message"),
    subject: param("subject"),
    subject_name: param("subject_name"),
    data: param("data"),
    at: param("at"),
  }),
);

export interface NewEvent {
  readonly room: string;
  readonly seq: number;
  readonly kind: LogEvent["on"];
  readonly by: ActorRef;
  /** The id of the message that the event is about. */
  readonly message?: string;
  /** The user that the event is about. */
  readonly subject?: Author;
  /** Further fields of the event; stored as JSON. */
  readonly data?: object;
  /**
   * Whether other processes learn of the event from the change feed, not from the channel layer.
   *
   * @default true for events without an author: a script may have no channel layer.
   */
  readonly viaChangeFeed?: boolean;
}

/** Writes an event into its room's log, and notes the new head of the log for the other processes. */
export async function logEvent(context: WriteContext, event: NewEvent): Promise<void> {
  const { room, seq, kind, by, message, subject, data, viaChangeFeed = by === null } = event;
  await insertEvent(context, {
    room,
    seq,
    kind,
    actor: by?.id ?? null,
    actor_name: by?.username ?? null,
    message: message ?? null,
    subject: subject?.id ?? null,
    subject_name: subject?.username ?? null,
    data: data === undefined ? null : JSON.stringify(data),
    at: context.now,
  });
  // Of several events at the same time, the last one is not always the last one to get here.
  context.logHeads.set(room, Math.max(seq, context.logHeads.get(room) ?? 0));
  if (viaChangeFeed) await recordChange(context, { kind: "log", room, seq });
}
