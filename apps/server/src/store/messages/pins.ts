import { LIMITS, type LogEvent, type Message } from "@multichat/protocol";
import { sql } from "kysely";
import type { ActorRef } from "../actor-ref.ts";
import type { ReadContext, WriteContext } from "../database/context.ts";
import { prepared } from "../database/prepared.ts";
import { logEvent } from "../event-log/log-event.ts";
import { changeMessage } from "./change-message.ts";
import { toMessages } from "./find-messages.ts";
import { countFitting, MAX_PAGE_BYTES } from "./fitting-bodies.ts";
import { type SelectedMessage, selectMessages } from "./message-row.ts";
import type { MessageChangeResult, MessageRef } from "./message-types.ts";

const updatePin = prepared<{ n: number; at: number | null; seq: number }, never>((db, param) =>
  db
    .updateTable("message")
    .set({ pinned_at: param("at"), pin_seq: param("seq") })
    .where("n", "=", param("n")),
);

const selectPinned = prepared<{ room: string; limit: number }, SelectedMessage>((db, param) =>
  selectMessages(db)
    .where("m.room", "=", param("room"))
    .where("m.pinned_at", "is not", null)
    .orderBy("m.pin_seq", "desc")
    .limit(param("limit")),
);

/** Known without reading the bodies. */
const selectPinnedSizes = prepared<{ room: string }, { bytes: number }>((db, param) =>
  db
    .selectFrom("message")
    .select((e) => e.fn<number>("octet_length", ["body"]).as("bytes"))
    .where("room", "=", param("room"))
    .where("pinned_at", "is not", null)
    .orderBy("pin_seq", "desc")
    .limit(sql.lit(LIMITS.pinsPerRoom)),
);

export async function setPinned(
  context: WriteContext,
  { ref, pinned, by }: { ref: MessageRef; pinned: boolean; by: ActorRef },
): Promise<MessageChangeResult> {
  const { room } = ref;
  return changeMessage(context, ref, by, async (row) => {
    if (row.deleted_at !== null) return "unknown";
    if ((row.pinned_at !== null) === pinned) return { unchangedSince: row.pin_seq ?? row.seq };
    if (pinned && !hasSpace(row, await selectPinnedSizes(context, { room }))) return "full";
    const kind = pinned ? "message.pinned" : "message.unpinned";
    const write = async (seq: number): Promise<() => LogEvent> => {
      await Promise.all([
        updatePin(context, { n: row.n, at: pinned ? context.now : null, seq }),
        logEvent(context, { room, seq, kind, by, message: row.id }),
      ]);
      return () => ({ on: kind, room, seq, message: row.id, by });
    };
    return { write };
  });
}

export async function listPinned(
  context: ReadContext,
  { room, viewer }: { room: string; viewer: string },
): Promise<readonly Message[]> {
  const limit = countFitting(await selectPinnedSizes(context, { room }));
  return toMessages(context, await selectPinned(context, { room, limit }), viewer);
}

/** All pinned messages are one answer, so together they may not be longer than a page. */
function hasSpace({ body }: Pick<SelectedMessage, "body">, sizes: readonly { readonly bytes: number }[]): boolean {
  if (sizes.length >= LIMITS.pinsPerRoom) return false;
  const bytes = sizes.reduce((sum, size) => sum + size.bytes, Buffer.byteLength(body));
  return sizes.length === 0 || bytes <= MAX_PAGE_BYTES;
}

/** Returns the same messages as JSON: they would be copied to the main thread, and serialized there. */
export async function listPinnedJson(context: ReadContext, query: { room: string; viewer: string }): Promise<string> {
  return JSON.stringify(await listPinned(context, query));
}
