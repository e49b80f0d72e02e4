import type { Author, LogEvent } from "@multichat/protocol";
import { recordChange, type WriteContext } from "../database/context.ts";
import { prepared } from "../database/prepared.ts";
import type { EventRow } from "../database/tables.ts";
import type { ActorRef } from "../store.ts";

const insertEvent = prepared<EventRow, never>((db, hole) =>
  db.insertInto("event").values({
    room: hole("room"),
    seq: hole("seq"),
    kind: hole("kind"),
    actor: hole("actor"),
    actor_name: hole("actor_name"),
    message: hole("message"),
    subject: hole("subject"),
    subject_name: hole("subject_name"),
    data: hole("data"),
    at: hole("at"),
  }),
);

export interface NewEvent {
  readonly room: string;
  readonly seq: number;
  readonly kind: LogEvent["on"];
  readonly by: ActorRef;
  /** The id of the message that it is about. */
  readonly message?: string;
  /** Whom it is about. */
  readonly subject?: Author;
  /** What else is to be known of it; JSON. */
  readonly data?: object;
  /** Whether the other processes are told by the database, not by whoever asked for it through the layer. */
  readonly viaChangeFeed?: boolean;
}

/** Writes an event into its room's log, and how far that has grown for the other processes. */
export async function logEvent(context: WriteContext, event: NewEvent): Promise<void> {
  const { room, seq, kind, by, message, subject, data, viaChangeFeed: told } = event;
  await insertEvent(context.db, {
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
  context.tails.set(room, seq);
  // What people do to messages reaches other processes through the layer; what a script does need not have one.
  if (told ?? by === null) await recordChange(context, { kind: "log", room, seq });
}
