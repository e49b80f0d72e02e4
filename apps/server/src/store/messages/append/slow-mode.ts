import { sql } from "kysely";
import type { ReadContext, WriteContext } from "../../database/context.ts";
import { prepared } from "../../database/prepared.ts";

/**
 * When each user last posted in a room that is in slow mode. A table of its own, because an index on the authors of all
 * messages is the one whose cost grows with the chat: every post would change a page of it that no other post has touched.
 */

/** Messages that are examined when slow mode begins; of a room with more in that time, the latest ones count. */
const PAGE_SIZE = 1_000;
const MAX_PAGES = 100;

const selectPost = prepared<{ room: string; author: string }, { at: number }>((db, param) =>
  db.selectFrom("slow_mode_post").select("at").where("room", "=", param("room")).where("author", "=", param("author")),
);

const upsertPost = prepared<{ room: string; author: string; at: number }, never>((db, param) =>
  db
    .insertInto("slow_mode_post")
    .values({ room: param("room"), author: param("author"), at: param("at") })
    .onConflict((conflict) => conflict.columns(["room", "author"]).doUpdateSet((e) => ({ at: e.ref("excluded.at") }))),
);

const deletePosts = prepared<{ room: string }, never>((db, param) =>
  db.deleteFrom("slow_mode_post").where("room", "=", param("room")),
);

const selectPage = prepared<
  { room: string; before: number },
  { seq: number; author: string | null; created_at: number }
>((db, param) =>
  db
    .selectFrom("message")
    .select(["seq", "author", "created_at"])
    .where("room", "=", param("room"))
    .where("seq", "<", param("before"))
    .orderBy("seq", "desc")
    .limit(sql.lit(PAGE_SIZE)),
);

interface Post {
  readonly room: string;
  readonly author: string;
}

/** Returns the milliseconds that the author has to wait; 0: none. */
export async function remainingSlowModeMs(
  context: ReadContext & Pick<WriteContext, "now">,
  { room, author }: Post,
  slowModeSeconds: number,
): Promise<number> {
  const [last] = await selectPost(context, { room, author });
  return remainingMs(last?.at, { now: context.now, slowModeSeconds });
}

/** Returns the milliseconds that an author has to wait who last posted at this time; 0 or less: none. */
export function remainingMs(
  lastPostAt: number | undefined,
  { now, slowModeSeconds }: { readonly now: number; readonly slowModeSeconds: number },
): number {
  if (lastPostAt === undefined) return 0;
  const slowModeMs = slowModeSeconds * 1_000;
  // After the clock was set back, nobody waits longer than slow mode lasts.
  return Math.min(lastPostAt + slowModeMs - now, slowModeMs);
}

/** Records a post in a room that is in slow mode. */
export async function recordPost(context: WriteContext, { room, author }: Post): Promise<void> {
  await upsertPost(context, { room, author, at: context.now });
}

/** Begins, changes or ends (0) slow mode. What users posted before it began counts too. */
export async function changeSlowMode(
  context: WriteContext,
  { room, lastSeq, slowModeSeconds }: { room: string; lastSeq: number; slowModeSeconds: number },
): Promise<void> {
  await deletePosts(context, { room });
  if (slowModeSeconds === 0) return;
  const since = context.now - slowModeSeconds * 1_000;
  const latest = await findLatestPosts(context, { room, lastSeq, since });
  for (const [author, at] of latest) await upsertPost(context, { room, author, at });
}

/** Returns when each author last posted after `since`. */
async function findLatestPosts(
  context: ReadContext,
  { room, lastSeq, since }: { room: string; lastSeq: number; since: number },
): Promise<ReadonlyMap<string, number>> {
  const latest = new Map<string, number>();
  let before = lastSeq + 1;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const rows = await selectPage(context, { room, before });
    for (const { seq, author, created_at } of rows) {
      before = seq;
      if (created_at <= since) return latest;
      if (author !== null && !latest.has(author)) latest.set(author, created_at);
    }
    if (rows.length < PAGE_SIZE) break;
  }
  return latest;
}
