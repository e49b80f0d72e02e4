import type { WriteContext } from "../database/context.ts";
import { toQuote } from "../messages/append/append-message.ts";
import { remainingMs } from "../messages/append/slow-mode.ts";
import { findMessageRowsById } from "../messages/find-messages.ts";
import { chooseMentions, findNamed, NO_MENTIONS, toMentionsColumn } from "../messages/mentions.ts";
import type { SelectedMessage } from "../messages/message-row.ts";
import type { AppendOutcome, Mentions, NewMessage } from "../messages/message-types.ts";
import type { BatchHead } from "./batch-heads.ts";
import { insertMentionRows } from "./change-messages.ts";
import type { RunStatement } from "./postgres-connection.ts";

/** A message that is posted together with others. */
export interface PlannedPost {
  readonly message: NewMessage;
  readonly quoted: SelectedMessage | undefined;
  readonly mentions: Mentions;
  /** Whether its time is recorded for slow mode. */
  readonly isRecorded: boolean;
}

export interface Posted extends PlannedPost {
  readonly id: string;
  readonly seq: number;
}

/** What posts depend on, beside the heads of their rooms. */
export interface PostSurroundings {
  /** The keys of the messages that are there already. */
  readonly repeated: ReadonlySet<string>;
  /** The ids of the users who may be mentioned, by name. */
  readonly users: ReadonlyMap<string, string>;
  /** The messages that are replied to, by id. */
  readonly quoted: ReadonlyMap<string, SelectedMessage>;
  /** When the authors last posted in rooms in slow mode, by `postKeyOf`. */
  readonly lastPosts: Map<string, number>;
}

/** Reads in one round trip. */
export async function readPostSurroundings(
  context: WriteContext,
  run: RunStatement,
  messages: readonly NewMessage[],
): Promise<PostSurroundings> {
  const names = messages.flatMap(({ mentionCandidates = [] }) => mentionCandidates.flat());
  const replies = messages.flatMap(({ replyTo }) => replyTo ?? []);
  const slow = messages.filter(isSlowed);
  const [repeated, users, quoted, posts] = await Promise.all([
    messages.length === 0
      ? { rows: [] }
      : run(
          `select m.client_id, m.room, coalesce(m.author, '') as author
           from unnest($1::text[], $2::text[], $3::text[]) as k (client_id, room, author)
           join message as m on m.client_id = k.client_id and m.room = k.room and coalesce(m.author, '') = k.author`,
          [
            messages.map(({ clientId }) => clientId),
            messages.map(({ room }) => room),
            messages.map(({ author }) => author?.id ?? ""),
          ],
        ),
    names.length === 0 ? new Map<string, string>() : findNamed(context, names),
    findMessageRowsById(context, replies),
    slow.length === 0
      ? { rows: [] }
      : run(
          `select p.room, p.author, p.at from unnest($1::text[], $2::text[]) as k (room, author)
           join slow_mode_post as p on p.room = k.room and p.author = k.author`,
          [slow.map(({ room }) => room), slow.map(({ author }) => author?.id ?? "")],
        ),
  ]);
  // The columns of the statements above.
  const keys = repeated.rows as { client_id: string; room: string; author: string }[];
  return {
    repeated: new Set(
      keys.map(({ room, author, client_id }) => keyOfPost({ room, author: { id: author }, clientId: client_id })),
    ),
    users,
    quoted: new Map(quoted.map((row) => [row.id, row])),
    lastPosts: new Map((posts.rows as Post[]).map((post) => [postKeyOf(post), post.at])),
  };
}

/** When a user last posted in a room in slow mode. */
interface Post {
  readonly room: string;
  readonly author: string;
  readonly at: number;
}

function postKeyOf({ room, author }: Omit<Post, "at">): string {
  return JSON.stringify([room, author]);
}

/** Whether slow mode slows its author down. */
function isSlowed({ author, slowModeSeconds = 0 }: NewMessage): boolean {
  return author !== null && slowModeSeconds > 0;
}

/** Returns the same for a message and its repeats. */
export function keyOfPost({
  room,
  author,
  clientId,
}: {
  readonly room: string;
  readonly author: { readonly id: string } | null;
  readonly clientId: string;
}): string {
  return JSON.stringify([room, author?.id ?? "", clientId]);
}

/**
 * Decides on a post like `appendMessage`.
 *
 * @param head of its room; undefined: it does not exist.
 * @returns undefined for a post that needs more than its surroundings: `appendMessage` decides, and takes no seq.
 */
export function planPost(
  { now }: Pick<WriteContext, "now">,
  message: NewMessage,
  head: BatchHead | undefined,
  { repeated, users, quoted, lastPosts }: PostSurroundings,
): PlannedPost | Extract<AppendOutcome, { readonly outcome: "slow" }> | undefined {
  const { room, author, replyTo, slowModeSeconds = 0 } = message;
  if (head === undefined || head.archived_at !== null || head.access_version !== message.accessVersion)
    return undefined;
  if (repeated.has(keyOfPost(message))) return undefined;
  const postKey = postKeyOf({ room, author: author?.id ?? "" });
  const retryAfterMs = isSlowed(message) ? remainingMs(lastPosts.get(postKey), { now, slowModeSeconds }) : 0;
  if (retryAfterMs > 0) return { outcome: "slow", retryAfterMs };
  const quotedRow = replyTo === undefined ? undefined : quoted.get(replyTo);
  if (replyTo !== undefined && (quotedRow?.room !== room || quotedRow.deleted_at !== null)) return undefined;
  // Also of those whom slow mode does not slow down now: their role may change.
  const isRecorded = author !== null && (head.slow_mode > 0 || slowModeSeconds > 0);
  if (isRecorded) lastPosts.set(postKey, now);
  const mentions = chooseMentions(users, {
    candidates: message.mentionCandidates ?? [],
    author: author?.id ?? null,
    canMentionAll: message.canMentionAll ?? false,
  });
  return { message, quoted: quotedRow, mentions, isRecorded };
}

/** Sends what posts come to, without their events and the heads of their rooms. */
export function insertPosts(
  { now, unindexed }: Pick<WriteContext, "now" | "unindexed">,
  run: RunStatement,
  posted: readonly Posted[],
): readonly Promise<unknown>[] {
  if (posted.length === 0) return [];
  const mentioned = posted.flatMap(({ message: { room }, seq, mentions }) =>
    mentions.people.map((user) => ({ user, room, seq })),
  );
  const recorded = new Map(
    posted.flatMap(({ message: { room, author }, isRecorded }) =>
      isRecorded && author !== null ? [[postKeyOf({ room, author: author.id }), { room, author: author.id }]] : [],
    ),
  );
  const inserted = insertMessages(run, posted, now).then(({ rows }) => {
    // The column of the statement.
    for (const { n } of rows as { n: number }[]) unindexed.add(n);
  });
  return [
    inserted,
    ...(mentioned.length === 0 ? [] : [insertMentionRows(run, mentioned)]),
    ...(recorded.size === 0
      ? []
      : [
          run(
            `insert into slow_mode_post (room, author, at) select room, author, $1::bigint
             from unnest($2::text[], $3::text[]) as k (room, author)
             on conflict (room, author) do update set at = excluded.at`,
            [now, [...recorded.values()].map(({ room }) => room), [...recorded.values()].map(({ author }) => author)],
          ),
        ]),
  ];
}

function insertMessages(run: RunStatement, posted: readonly Posted[], now: number) {
  const messages = posted.map(({ message }) => message);
  return run(
    `insert into message (
       id, room, seq, author, author_name, client_id, kind, body, created_at, reply_to, mentions, mention_names, mentions_all
     )
     select id, room, seq, author, author_name, client_id, kind, body, $1::bigint, reply_to, mentions, mention_names, to_all
     from unnest(
       $2::text[], $3::text[], $4::bigint[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::bigint[],
       $11::text[], $12::text[], $13::integer[]
     ) as posted (
       id, room, seq, author, author_name, client_id, kind, body, reply_to, mentions, mention_names, to_all
     )
     returning n`,
    [
      now,
      posted.map(({ id }) => id),
      messages.map(({ room }) => room),
      posted.map(({ seq }) => seq),
      messages.map(({ author }) => author?.id ?? null),
      messages.map(({ author }) => author?.username ?? null),
      messages.map(({ clientId }) => clientId),
      messages.map(({ kind }) => kind),
      messages.map(({ body }) => body),
      posted.map(({ quoted }) => quoted?.n ?? null),
      posted.map(({ mentions }) => toMentionsColumn(mentions.people)),
      posted.map(({ mentions }) => toMentionsColumn(mentions.names)),
      posted.map(({ mentions }) => (mentions.all ? 1 : 0)),
    ],
  );
}

/** Returns what `appendMessage` does. */
export function toOutcome({ id, seq, quoted, mentions }: Posted, createdAt: number): AppendOutcome {
  return {
    outcome: "appended",
    id,
    seq,
    createdAt,
    ...(quoted === undefined ? {} : { replyTo: toQuote(quoted) }),
    ...(mentions === NO_MENTIONS ? {} : { mentions }),
  };
}
