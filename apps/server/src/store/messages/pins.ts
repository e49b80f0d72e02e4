import { LIMITS, type Message } from "@multichat/protocol";
import { sql } from "kysely";
import type { ActorRef } from "../actor-ref.ts";
import type { ReadContext, WriteContext } from "../database/context.ts";
import { prepared } from "../database/prepared.ts";
import { logEvent } from "../event-log/log-event.ts";
import { changeMessage } from "./change-message.ts";
import { toMessages } from "./find-messages.ts";
import { type SelectedMessage, selectMessages } from "./message-row.ts";
import type { MessageChangeResult, MessageRef } from "./message-types.ts";

const updatePin = prepared<{ n: number; at: number | null; seq: number }, never>((db, param) =>
  db
    .updateTable("message")
    .set({ pinned_at: param("at"), pin_seq: param("seq") })
    .where("n", "=", param("n")),
);

const selectPinned = prepared<{ room: string }, SelectedMessage>((db, param) =>
  selectMessages(db)
    .where("m.room", "=", param("room"))
    .where("m.pinned_at", "is not", null)
    .orderBy("m.pin_seq", "desc")
    .limit(sql.lit(LIMITS.pinsPerRoom)),
);

const countPinned = prepared<{ room: string }, { count: number }>((db, param) =>
  db
    .selectFrom("message")
    .select((e) => e.fn.countAll<number>().as("count"))
    .where("room", "=", param("room"))
    .where("pinned_at", "is not", null),
);

export async function setPinned(
  context: WriteContext,
  { ref, pinned, by }: { ref: MessageRef; pinned: boolean; by: ActorRef },
): Promise<MessageChangeResult> {
  const { room } = ref;
  return changeMessage(context, ref, by, async (row, seq) => {
    if (row.deleted_at !== null) return "unknown";
    if ((row.pinned_at !== null) === pinned) return { unchangedSince: row.pin_seq ?? row.seq };
    const [pins] = pinned ? await countPinned(context, { room }) : [];
    if (pins !== undefined && pins.count >= LIMITS.pinsPerRoom) return "full";
    await updatePin(context, { n: row.n, at: pinned ? context.now : null, seq });
    const kind = pinned ? "message.pinned" : "message.unpinned";
    await logEvent(context, { room, seq, kind, by, message: row.id });
    return { event: () => ({ on: kind, room, seq, message: row.id, by }) };
  });
}

export async function listPinned(
  context: ReadContext,
  { room, viewer }: { room: string; viewer: string },
): Promise<readonly Message[]> {
  return toMessages(context, await selectPinned(context, { room }), viewer);
}

/** Returns the same messages as JSON: fifty of the longest are 1.5 MB, which would be copied and serialized in the main thread. */
export async function listPinnedJson(context: ReadContext, query: { room: string; viewer: string }): Promise<string> {
  return JSON.stringify(await listPinned(context, query));
}
