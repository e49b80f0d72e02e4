import { type Author, LIMITS } from "@multichat/protocol";
import type { WriteContext } from "../database/context.ts";
import { prepared } from "../database/prepared.ts";
import { logEvent } from "../event-log/log-event.ts";
import type { MessageChangeResult, MessageRef } from "../store.ts";
import { changeMessage } from "./change-message.ts";

interface Place {
  message: number;
  emoji: string;
}

const stateOf = prepared<Place & { user: string }, { present: number; seq: number }>((db, hole) =>
  db
    .selectFrom("reaction")
    .select(["present", "seq"])
    .where("message", "=", hole("message"))
    .where("emoji", "=", hole("emoji"))
    .where("user", "=", hole("user")),
);

const putState = prepared<Place & { user: string; present: number; seq: number }, never>((db, hole) =>
  db
    .insertInto("reaction")
    .values({
      message: hole("message"),
      emoji: hole("emoji"),
      user: hole("user"),
      present: hole("present"),
      seq: hole("seq"),
    })
    .onConflict((c) =>
      c.columns(["message", "emoji", "user"]).doUpdateSet({
        present: (e) => e.ref("excluded.present"),
        seq: (e) => e.ref("excluded.seq"),
      }),
    ),
);

const countOf = prepared<Place, { count: number }>((db, hole) =>
  db
    .selectFrom("reaction_total")
    .select("count")
    .where("message", "=", hole("message"))
    .where("emoji", "=", hole("emoji")),
);

const putCount = prepared<Place & { count: number; seq: number }, never>((db, hole) =>
  db
    .insertInto("reaction_total")
    .values({ message: hole("message"), emoji: hole("emoji"), count: hole("count"), first_seq: hole("seq") })
    .onConflict((c) => c.columns(["message", "emoji"]).doUpdateSet({ count: (e) => e.ref("excluded.count") })),
);

const dropCount = prepared<Place, never>((db, hole) =>
  db.deleteFrom("reaction_total").where("message", "=", hole("message")).where("emoji", "=", hole("emoji")),
);

const growEmojis = prepared<{ message: number; by: number }, never>((db, hole) =>
  db
    .updateTable("message")
    .set((e) => ({ emojis: e("emojis", "+", hole("by")) }))
    .where("n", "=", hole("message")),
);

export async function react(
  context: WriteContext,
  { on, emoji, add, by }: { on: MessageRef; emoji: string; add: boolean; by: Author },
): Promise<MessageChangeResult> {
  const { db } = context;
  const { room } = on;
  return changeMessage(context, on, by, async (row, seq) => {
    if (row.deleted_at !== null) return "unknown";
    const place = { message: row.n, emoji };
    const [before] = await stateOf(db, { ...place, user: by.id });
    // Who never reacted: it has been so since the message was posted.
    if ((before?.present === 1) === add) return { since: before?.seq ?? row.seq };
    const [total] = await countOf(db, place);
    if (add && total === undefined && row.emojis >= LIMITS.reactionsPerMessage) return "full";
    const count = (total?.count ?? 0) + (add ? 1 : -1);
    await putState(db, { ...place, user: by.id, present: add ? 1 : 0, seq });
    if (count === 0) await dropCount(db, place);
    else await putCount(db, { ...place, count, seq });
    if (total === undefined) await growEmojis(db, { message: row.n, by: 1 });
    else if (count === 0) await growEmojis(db, { message: row.n, by: -1 });
    const kind = add ? "reaction.added" : "reaction.removed";
    await logEvent(context, { room, seq, kind, by, message: row.id, data: { emoji } });
    return { event: () => ({ on: kind, room, seq, message: row.id, emoji, user: by, count }) };
  });
}
