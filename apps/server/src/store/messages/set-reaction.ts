import { type Author, LIMITS, type LogEvent } from "@multichat/protocol";
import type { WriteContext } from "../database/context.ts";
import { prepared } from "../database/prepared.ts";
import { logEvent } from "../event-log/log-event.ts";
import { changeMessage } from "./change-message.ts";
import type { MessageChangeResult, MessageRef } from "./message-types.ts";

/** An emoji on a message, by its row id. */
interface EmojiKey {
  message: number;
  emoji: string;
}

interface ReactionState {
  present: number;
  seq: number;
}

const selectState = prepared<EmojiKey & { user: string }, ReactionState>((db, param) =>
  db
    .selectFrom("reaction")
    .select(["present", "seq"])
    .where("message", "=", param("message"))
    .where("emoji", "=", param("emoji"))
    .where("user", "=", param("user")),
);

const upsertState = prepared<EmojiKey & { user: string } & ReactionState, never>((db, param) =>
  db
    .insertInto("reaction")
    .values({
      message: param("message"),
      emoji: param("emoji"),
      user: param("user"),
      present: param("present"),
      seq: param("seq"),
    })
    .onConflict((conflict) =>
      conflict.columns(["message", "emoji", "user"]).doUpdateSet({
        present: (e) => e.ref("excluded.present"),
        seq: (e) => e.ref("excluded.seq"),
      }),
    ),
);

const selectCount = prepared<EmojiKey, { count: number }>((db, param) =>
  db
    .selectFrom("reaction_total")
    .select("count")
    .where("message", "=", param("message"))
    .where("emoji", "=", param("emoji")),
);

const upsertCount = prepared<EmojiKey & { count: number; seq: number }, never>((db, param) =>
  db
    .insertInto("reaction_total")
    .values({ message: param("message"), emoji: param("emoji"), count: param("count"), first_seq: param("seq") })
    .onConflict((conflict) =>
      conflict.columns(["message", "emoji"]).doUpdateSet({ count: (e) => e.ref("excluded.count") }),
    ),
);

const deleteCount = prepared<EmojiKey, never>((db, param) =>
  db.deleteFrom("reaction_total").where("message", "=", param("message")).where("emoji", "=", param("emoji")),
);

const addToEmojis = prepared<{ message: number; difference: number }, never>((db, param) =>
  db
    .updateTable("message")
    .set((e) => ({ emojis: e("emojis", "+", param("difference")) }))
    .where("n", "=", param("message")),
);

export async function setReaction(
  context: WriteContext,
  { ref, emoji, present, by }: { ref: MessageRef; emoji: string; present: boolean; by: Author },
): Promise<MessageChangeResult> {
  const { room } = ref;
  return changeMessage(context, ref, by, async (row) => {
    if (row.deleted_at !== null) return "unknown";
    const key = { message: row.n, emoji };
    const [[state], [total]] = await Promise.all([
      selectState(context, { ...key, user: by.id }),
      selectCount(context, key),
    ]);
    // Without a row the user has never reacted, which was so when the message was posted.
    if ((state?.present === 1) === present) return { unchangedSince: state?.seq ?? row.seq };
    if (present && total === undefined && row.emojis >= LIMITS.reactionsPerMessage) return "full";
    const count = (total?.count ?? 0) + (present ? 1 : -1);
    const difference = (count === 0 ? 0 : 1) - (total === undefined ? 0 : 1);
    const kind = present ? "reaction.added" : "reaction.removed";
    const write = async (seq: number): Promise<() => LogEvent> => {
      await Promise.all([
        upsertState(context, { ...key, user: by.id, present: present ? 1 : 0, seq }),
        count === 0 ? deleteCount(context, key) : upsertCount(context, { ...key, count, seq }),
        difference === 0 ? undefined : addToEmojis(context, { message: row.n, difference }),
        logEvent(context, { room, seq, kind, by, message: row.id, data: { emoji } }),
      ]);
      return () => ({ on: kind, room, seq, message: row.id, emoji, user: by, count });
    };
    return { write };
  });
}
