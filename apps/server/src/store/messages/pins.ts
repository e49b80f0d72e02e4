import { LIMITS, type Message } from "@multichat/protocol";
import { type Kysely, sql } from "kysely";
import type { WriteContext } from "../database/context.ts";
import { prepared } from "../database/prepared.ts";
import type { Tables } from "../database/tables.ts";
import { logEvent } from "../event-log/log-event.ts";
import type { ActorRef, MessageChangeResult, MessageRef } from "../store.ts";
import { changeMessage } from "./change-message.ts";
import { toMessages } from "./find-messages.ts";
import { type MessageShape, messageRows } from "./message-row.ts";

const setPin = prepared<{ n: number; at: number | null; seq: number }, never>((db, hole) =>
  db
    .updateTable("message")
    .set({ pinned_at: hole("at"), pin_seq: hole("seq") })
    .where("n", "=", hole("n")),
);

const pinned = prepared<{ room: string }, MessageShape>((db, hole) =>
  messageRows(db)
    .where("m.room", "=", hole("room"))
    .where("m.pinned_at", "is not", null)
    .orderBy("m.pin_seq", "desc")
    .limit(sql.lit(LIMITS.pinsPerRoom)),
);

const countPins = prepared<{ room: string }, { count: number }>((db, hole) =>
  db
    .selectFrom("message")
    .select((e) => e.fn.countAll<number>().as("count"))
    .where("room", "=", hole("room"))
    .where("pinned_at", "is not", null),
);

export async function pinMessage(
  context: WriteContext,
  { on, pinned, by }: { on: MessageRef; pinned: boolean; by: ActorRef },
): Promise<MessageChangeResult> {
  const { db, now } = context;
  const { room } = on;
  return changeMessage(context, on, by, async (row, seq) => {
    if (row.deleted_at !== null) return "unknown";
    if ((row.pinned_at !== null) === pinned) return { since: row.pin_seq ?? row.seq };
    const [pins] = pinned ? await countPins(db, { room }) : [];
    if (pins !== undefined && pins.count >= LIMITS.pinsPerRoom) return "full";
    await setPin(db, { n: row.n, at: pinned ? now : null, seq });
    const kind = pinned ? "message.pinned" : "message.unpinned";
    await logEvent(context, { room, seq, kind, by, message: row.id });
    return { event: () => ({ on: kind, room, seq, message: row.id, by }) };
  });
}

/** Newest pin first. */
export async function pins(db: Kysely<Tables>, { room, viewer }: { room: string; viewer: string }): Promise<Message[]> {
  return toMessages(db, await pinned(db, { room }), viewer);
}
