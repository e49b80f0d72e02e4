import { uuidv7 } from "uuidv7";
import { recordChange } from "../change-feed/record-change.ts";
import type { WriteContext } from "../database/context.ts";
import { appendMessage, toQuote } from "../messages/append/append-message.ts";
import { remainingMs } from "../messages/append/slow-mode.ts";
import { findMessageRowsById } from "../messages/find-messages.ts";
import { chooseMentions, findNamed, NO_MENTIONS, toMentionsColumn } from "../messages/mentions.ts";
import type { SelectedMessage } from "../messages/message-row.ts";
import type { AppendOutcome, Mentions, NewMessage } from "../messages/message-types.ts";
import type { QueuedCall } from "./call-queue.ts";
import type { RunStatement } from "./postgres-connection.ts";

/** A message that is posted together with others, with what the database knows of its surroundings. */
interface Posted {
  readonly message: NewMessage;
  readonly id: string;
  readonly seq: number;
  readonly quoted: SelectedMessage | undefined;
  readonly mentions: Mentions;
  /** Whether its time is recorded for slow mode. */
  readonly isRecorded: boolean;
}

interface Surroundings {
  /** The rooms that exist, by id. */
  readonly heads: ReadonlyMap<string, Head>;
  /** The keys of the messages that are there already. */
  readonly repeated: ReadonlySet<string>;
  /** The ids of the users who may be mentioned, by name. */
  readonly users: ReadonlyMap<string, string>;
  /** The messages that are replied to, by id. */
  readonly quoted: ReadonlyMap<string, SelectedMessage>;
  /** When the authors last posted in rooms in slow mode, by `postKeyOf`. */
  readonly lastPosts: Map<string, number>;
}

interface Head {
  readonly id: string;
  readonly access_version: number;
  readonly archived_at: number | null;
  readonly slow_mode: number;
  last_seq: number;
}

export function isAppend({ operation }: QueuedCall): boolean {
  return operation === "messages.append";
}

/**
 * Posts messages like `appendMessage`, with the same outcomes, in a few statements for all of them: a statement for each would
 * take a round trip for each. Those that need more than a row (a repeat, a room that has changed) are posted one by one after the
 * others; they take no seq.
 *
 * @throws StoreError; the transaction cannot continue then.
 */
export async function appendMessages(
  context: WriteContext,
  run: RunStatement,
  messages: readonly NewMessage[],
): Promise<readonly AppendOutcome[]> {
  const outcomes: AppendOutcome[] = [];
  for (const group of groupWithoutRepeats(messages)) outcomes.push(...(await appendGroup(context, run, group)));
  return outcomes;
}

/** Splits the messages where one has the key of an earlier one: which of the two is the repeat depends on the first's outcome. */
function groupWithoutRepeats(messages: readonly NewMessage[]): readonly (readonly NewMessage[])[] {
  const groups: NewMessage[][] = [[]];
  const keys = new Set<string>();
  for (const message of messages) {
    const key = keyOf(message);
    if (keys.has(key)) {
      groups.push([]);
      keys.clear();
    }
    keys.add(key);
    groups.at(-1)?.push(message);
  }
  return groups;
}

async function appendGroup(
  context: WriteContext,
  run: RunStatement,
  messages: readonly NewMessage[],
): Promise<readonly AppendOutcome[]> {
  await context.roomHeads.store(context);
  context.roomHeads.forget();
  const { posted, slow } = choosePlain(context, messages, await readSurroundings(context, run, messages));
  if (posted.length > 0) await insertAll(context, run, posted);
  const outcomes = new Map<NewMessage, AppendOutcome>(slow);
  for (const each of posted) outcomes.set(each.message, toOutcome(each, context.now));
  const all: AppendOutcome[] = [];
  for (const message of messages) all.push(outcomes.get(message) ?? (await appendMessage(context, message)));
  await context.roomHeads.store(context);
  return all;
}

async function readSurroundings(
  context: WriteContext,
  run: RunStatement,
  messages: readonly NewMessage[],
): Promise<Surroundings> {
  const names = messages.flatMap(({ mentionCandidates = [] }) => mentionCandidates.flat());
  const replies = messages.flatMap(({ replyTo }) => replyTo ?? []);
  const slow = messages.filter(isSlowed);
  const [heads, repeated, users, quoted, posts] = await Promise.all([
    run(
      `select id, access_version, archived_at, slow_mode, last_seq from room
       where id = any($1::text[]) and deleted_at is null`,
      [[...new Set(messages.map(({ room }) => room))]],
    ),
    run(
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
    replies.length === 0 ? [] : findMessageRowsById(context, replies),
    slow.length === 0
      ? { rows: [] }
      : run(
          `select p.room, p.author, p.at from unnest($1::text[], $2::text[]) as k (room, author)
           join slow_mode_post as p on p.room = k.room and p.author = k.author`,
          [slow.map(({ room }) => room), slow.map(({ author }) => author?.id ?? "")],
        ),
  ]);
  // The columns of the statements above.
  const headRows = heads.rows as Head[];
  const keys = repeated.rows as { client_id: string; room: string; author: string }[];
  return {
    heads: new Map(headRows.map((head) => [head.id, head])),
    repeated: new Set(
      keys.map(({ room, author, client_id }) => keyOf({ room, author: { id: author }, clientId: client_id })),
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

function keyOf({ room, author, clientId }: { room: string; author: { id: string } | null; clientId: string }): string {
  return JSON.stringify([room, author?.id ?? "", clientId]);
}

interface Chosen {
  readonly posted: readonly Posted[];
  readonly slow: ReadonlyMap<NewMessage, AppendOutcome>;
}

/** Chooses the messages that are posted together, and gives them their seqs; and those for which it is too early. */
function choosePlain({ now }: WriteContext, messages: readonly NewMessage[], surroundings: Surroundings): Chosen {
  const { heads, repeated, users, quoted, lastPosts } = surroundings;
  const slow = new Map<NewMessage, AppendOutcome>();
  const posted = messages.flatMap((message): Posted | readonly Posted[] => {
    const { room, author, replyTo, slowModeSeconds = 0 } = message;
    const head = heads.get(room);
    if (head === undefined || head.archived_at !== null || head.access_version !== message.accessVersion) return [];
    if (repeated.has(keyOf(message))) return [];
    const postKey = postKeyOf({ room, author: author?.id ?? "" });
    const retryAfterMs = isSlowed(message) ? remainingMs(lastPosts.get(postKey), { now, slowModeSeconds }) : 0;
    if (retryAfterMs > 0) {
      slow.set(message, { outcome: "slow", retryAfterMs });
      return [];
    }
    const quotedRow = replyTo === undefined ? undefined : quoted.get(replyTo);
    if (replyTo !== undefined && (quotedRow?.room !== room || quotedRow.deleted_at !== null)) return [];
    head.last_seq += 1;
    // Also of those whom slow mode does not slow down now: their role may change.
    const isRecorded = author !== null && (head.slow_mode > 0 || slowModeSeconds > 0);
    if (isRecorded) lastPosts.set(postKey, now);
    const mentions = chooseMentions(users, {
      candidates: message.mentionCandidates ?? [],
      author: author?.id ?? null,
      canMentionAll: message.canMentionAll ?? false,
    });
    return { message, id: uuidv7(), seq: head.last_seq, quoted: quotedRow, mentions, isRecorded };
  });
  return { posted, slow };
}

async function insertAll(context: WriteContext, run: RunStatement, posted: readonly Posted[]): Promise<void> {
  const { now, unindexed, logHeads } = context;
  const heads = new Map(posted.map(({ message, seq }) => [message.room, seq]));
  const mentioned = posted.flatMap(({ message: { room }, seq, mentions }) =>
    mentions.people.map((user) => ({ user, room, seq })),
  );
  const recorded = new Map(
    posted.flatMap(({ message: { room, author }, isRecorded }) =>
      isRecorded && author !== null ? [[postKeyOf({ room, author: author.id }), { room, author: author.id }]] : [],
    ),
  );
  const notices = posted.filter(({ message }) => message.author === null || message.kind !== "message");
  const [inserted] = await Promise.all([
    insertMessages(run, posted, now),
    insertEvents(run, posted, now),
    run(
      `update room set last_seq = k.seq from unnest($1::text[], $2::bigint[]) as k (id, seq)
       where room.id = k.id`,
      [[...heads.keys()], [...heads.values()]],
    ),
    mentioned.length > 0 &&
      run(
        `insert into mention ("user", room, seq)
         select * from unnest($1::text[], $2::text[], $3::bigint[])`,
        [mentioned.map(({ user }) => user), mentioned.map(({ room }) => room), mentioned.map(({ seq }) => seq)],
      ),
    recorded.size > 0 &&
      run(
        `insert into slow_mode_post (room, author, at) select room, author, $1::bigint
         from unnest($2::text[], $3::text[]) as k (room, author)
         on conflict (room, author) do update set at = excluded.at`,
        [now, [...recorded.values()].map(({ room }) => room), [...recorded.values()].map(({ author }) => author)],
      ),
    ...notices.map(({ message: { room }, seq }) => recordChange(context, { kind: "log", room, seq })),
  ]);
  for (const [room, seq] of heads) logHeads.set(room, seq);
  // The column of the statement.
  for (const { n } of inserted.rows as { n: number }[]) unindexed.add(n);
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

function insertEvents(run: RunStatement, posted: readonly Posted[], now: number) {
  return run(
    `insert into event (room, seq, kind, actor, actor_name, message, at)
     select room, seq, 'message.posted', actor, actor_name, message, $1::bigint
     from unnest($2::text[], $3::bigint[], $4::text[], $5::text[], $6::text[])
       as posted (room, seq, actor, actor_name, message)`,
    [
      now,
      posted.map(({ message }) => message.room),
      posted.map(({ seq }) => seq),
      posted.map(({ message: { author } }) => author?.id ?? null),
      posted.map(({ message: { author } }) => author?.username ?? null),
      posted.map(({ id }) => id),
    ],
  );
}

function toOutcome({ id, seq, quoted, mentions }: Posted, createdAt: number): AppendOutcome {
  return {
    outcome: "appended",
    id,
    seq,
    createdAt,
    ...(quoted === undefined ? {} : { replyTo: toQuote(quoted) }),
    ...(mentions === NO_MENTIONS ? {} : { mentions }),
  };
}
