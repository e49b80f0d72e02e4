import { type Author, LIMITS, type LogEvent } from "@multichat/protocol";
import type { WriteContext } from "../database/context.ts";
import { prepared } from "../database/prepared.ts";
import { logEvent } from "../event-log/log-event.ts";
import { changeMessage } from "./change-message.ts";
import type { SelectedMessage } from "./message-row.ts";
import type { MessageChangeResult, MessageRef } from "./message-types.ts";

/** An emoji on a message, by its row id. */
interface EmojiKey {
  message: number;
  emoji: string;
}

/** Whether a user has reacted with an emoji, and since which seq. */
export interface ReactionState {
  present: number;
  seq: number;
}

/** How many users have reacted with an emoji, and since which seq. */
export interface ReactionTotal {
  readonly count: number;
  readonly firstSeq: number;
}

export interface ReactionChange {
  readonly ref: MessageRef;
  readonly emoji: string;
  readonly present: boolean;
  readonly by: Author;
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

interface ReactionSurroundings {
  readonly row: SelectedMessage;
  /** The different emoji of the message. */
  readonly emojis: number;
  /** Undefined: the user has never reacted with this emoji. */
  readonly state: ReactionState | undefined;
  /** Undefined: no user reacts with this emoji. */
  readonly total: Pick<ReactionTotal, "count"> | undefined;
}

type DecidedReaction =
  | { readonly unchangedSince: number }
  | "unknown"
  | "full"
  /** The new count of this emoji, and the difference that it makes to the number of different emoji. */
  | { readonly count: number; readonly difference: number };

/** Decides what a reaction, or its removal, comes to. */
export function decideReaction({ row, emojis, state, total }: ReactionSurroundings, present: boolean): DecidedReaction {
  if (row.deleted_at !== null) return "unknown";
  // Without a row the user has never reacted, which was so when the message was posted.
  if ((state?.present === 1) === present) return { unchangedSince: state?.seq ?? row.seq };
  if (present && total === undefined && emojis >= LIMITS.reactionsPerMessage) return "full";
  const count = (total?.count ?? 0) + (present ? 1 : -1);
  return { count, difference: (count === 0 ? 0 : 1) - (total === undefined ? 0 : 1) };
}

export async function setReaction(
  context: WriteContext,
  { ref, emoji, present, by }: ReactionChange,
): Promise<MessageChangeResult> {
  const { room } = ref;
  return changeMessage(context, ref, by, async (row) => {
    const key = { message: row.n, emoji };
    const [[state], [total]] = await Promise.all([
      selectState(context, { ...key, user: by.id }),
      selectCount(context, key),
    ]);
    const decided = decideReaction({ row, emojis: row.emojis, state, total }, present);
    if (typeof decided === "string" || "unchangedSince" in decided) return decided;
    const { count, difference } = decided;
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
