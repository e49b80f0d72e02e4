import type { Message, Reaction } from "@multichat/protocol";
import type { WriteContext } from "../database/context.ts";
import { findMessageRowsById } from "../messages/find-messages.ts";
import { toMentionsColumn } from "../messages/mentions.ts";
import { type SelectedMessage, toMessage } from "../messages/message-row.ts";
import { findReactions } from "../messages/reactions.ts";
import { type ChangePlan, toKey } from "./change-plan.ts";
import type { RunStatement } from "./postgres-connection.ts";

/** Sends what a plan comes to, without the events and the heads of the rooms. Its statements run in this order. */
export function writeChanges(
  { unindexed }: Pick<WriteContext, "unindexed">,
  run: RunStatement,
  plan: ChangePlan,
): readonly Promise<unknown>[] {
  const { edits, deletions } = plan;
  const changed = [...edits, ...deletions].map(({ row }) => row);
  for (const { row } of edits) unindexed.add(row.n);
  return [
    ...writeReactions(run, plan),
    ...(changed.length === 0 ? [] : replaceBodies(run, changed)),
    ...(edits.length === 0 ? [] : writeEdits(run, plan)),
    ...(deletions.length === 0 ? [] : writeDeletions(run, plan)),
    ...writeKeys(run, plan),
  ];
}

function writeReactions(run: RunStatement, plan: ChangePlan): readonly Promise<unknown>[] {
  if (plan.reactions.size === 0) return [];
  const states = [...plan.reactions.values()];
  const totals = [...plan.totals.values()];
  const counted = totals.filter(({ count }) => count > 0);
  const gone = totals.filter(({ count }) => count === 0);
  const deleted = new Set(plan.deletions.map(({ row }) => row.n));
  const emojis = [...plan.emojis].filter(([n]) => !deleted.has(n));
  return [
    run(
      `insert into reaction (message, emoji, "user", present, seq)
       select * from unnest($1::bigint[], $2::text[], $3::text[], $4::integer[], $5::bigint[])
       on conflict (message, emoji, "user") do update set present = excluded.present, seq = excluded.seq`,
      [
        states.map(({ n }) => n),
        states.map(({ emoji }) => emoji),
        states.map(({ user }) => user),
        states.map(({ present }) => present),
        states.map(({ seq }) => seq),
      ],
    ),
    run(
      `insert into reaction_total (message, emoji, count, first_seq)
       select * from unnest($1::bigint[], $2::text[], $3::integer[], $4::bigint[])
       on conflict (message, emoji) do update set count = excluded.count, first_seq = excluded.first_seq`,
      [
        counted.map(({ n }) => n),
        counted.map(({ emoji }) => emoji),
        counted.map(({ count }) => count),
        counted.map(({ firstSeq }) => firstSeq),
      ],
    ),
    run(
      `delete from reaction_total as t using unnest($1::bigint[], $2::text[]) as k (message, emoji)
       where t.message = k.message and t.emoji = k.emoji`,
      [gone.map(({ n }) => n), gone.map(({ emoji }) => emoji)],
    ),
    run(
      `update message set emojis = k.emojis from unnest($1::bigint[], $2::integer[]) as k (n, emojis)
       where message.n = k.n and message.emojis <> k.emojis`,
      [emojis.map(([n]) => n), emojis.map(([, count]) => count)],
    ),
  ];
}

/** Copies the bodies before they change; takes the messages out of the unread mentions and out of the search. */
function replaceBodies(run: RunStatement, rows: readonly SelectedMessage[]): readonly Promise<unknown>[] {
  const ns = rows.map(({ n }) => n);
  const mentioning = rows.filter(({ mentions }) => mentions !== null);
  return [
    run(
      `insert into message_version (message, version, body, at, by, by_name)
       select
         m.n, (select coalesce(max(version), 0) + 1 from message_version where message = m.n), m.body,
         coalesce(m.edited_at, m.created_at),
         case when m.edited_at is null then m.author else m.edited_by end,
         case when m.edited_at is null then m.author_name else m.edited_by_name end
       from message as m where m.n = any($1::bigint[])`,
      [ns],
    ),
    ...(mentioning.length === 0
      ? []
      : [
          run(
            `delete from mention as d
             using unnest($1::text[], $2::bigint[], $3::text[]) as k (room, seq, people),
               json_array_elements_text(k.people::json) as person
             where d."user" = person and d.room = k.room and d.seq = k.seq`,
            [
              mentioning.map(({ room }) => room),
              mentioning.map(({ seq }) => seq),
              mentioning.map(({ mentions }) => mentions),
            ],
          ),
        ]),
    run(`delete from message_search where n = any($1::bigint[])`, [ns]),
  ];
}

function writeEdits(run: RunStatement, { edits, now }: ChangePlan): readonly Promise<unknown>[] {
  const mentioned = edits.flatMap(({ row: { room, seq }, mentions }) =>
    // A mention is unread at the seq of the message, not at that of the edit.
    mentions.people.map((user) => ({ user, room, seq })),
  );
  return [
    run(
      `update message set
         body = k.body, edited_at = $1::bigint, edited_by = k.by, edited_by_name = k.by_name, edited_seq = k.seq,
         mentions = k.mentions, mention_names = k.mention_names, mentions_all = k.to_all
       from unnest(
         $2::bigint[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::text[], $8::text[], $9::integer[]
       ) as k (n, body, by, by_name, seq, mentions, mention_names, to_all)
       where message.n = k.n`,
      [
        now,
        edits.map(({ row }) => row.n),
        edits.map(({ body }) => body),
        edits.map(({ by }) => by?.id ?? null),
        edits.map(({ by }) => by?.username ?? null),
        edits.map(({ seq }) => seq),
        edits.map(({ mentions }) => toMentionsColumn(mentions.people)),
        edits.map(({ mentions }) => toMentionsColumn(mentions.names)),
        edits.map(({ mentions }) => (mentions.all ? 1 : 0)),
      ],
    ),
    ...(mentioned.length === 0 ? [] : [insertMentionRows(run, mentioned)]),
  ];
}

/** Adds unread mentions of messages at their seqs. */
export function insertMentionRows(
  run: RunStatement,
  mentioned: readonly { readonly user: string; readonly room: string; readonly seq: number }[],
): Promise<unknown> {
  return run(
    `insert into mention ("user", room, seq)
     select * from unnest($1::text[], $2::text[], $3::bigint[])`,
    [mentioned.map(({ user }) => user), mentioned.map(({ room }) => room), mentioned.map(({ seq }) => seq)],
  );
}

function writeDeletions(run: RunStatement, { deletions, now }: ChangePlan): readonly Promise<unknown>[] {
  const ns = deletions.map(({ row }) => row.n);
  const withFiles = deletions.flatMap(({ row }) => (row.files === null ? [] : row.n));
  return [
    run(
      `update message set
         body = '', deleted_at = $1::bigint, deleted_seq = k.seq, reply_to = null, mentions = null, mentions_all = 0,
         pinned_at = null, emojis = 0, files = null
       from unnest($2::bigint[], $3::bigint[]) as k (n, seq)
       where message.n = k.n`,
      [now, ns, deletions.map(({ seq }) => seq)],
    ),
    run(`delete from reaction where message = any($1::bigint[])`, [ns]),
    run(`delete from reaction_total where message = any($1::bigint[])`, [ns]),
    ...(withFiles.length === 0
      ? []
      : [
          run(
            `insert into file_removal (key, at) select distinct key, $1::bigint from file
             where message = any($2::bigint[]) on conflict do nothing`,
            [now, withFiles],
          ),
          run(`delete from file where message = any($1::bigint[])`, [withFiles]),
        ]),
  ];
}

function writeKeys(run: RunStatement, plan: ChangePlan): readonly Promise<unknown>[] {
  if (plan.keys.size === 0) return [];
  const keys = [...plan.keys.values()];
  return [
    run(
      `insert into idempotency_key ("user", client_id, seq, at)
       select "user", client_id, seq, $1::bigint
       from unnest($2::text[], $3::text[], $4::bigint[]) as k ("user", client_id, seq)
       on conflict do nothing`,
      [plan.now, keys.map(({ user }) => user), keys.map(({ clientId }) => clientId), keys.map(({ seq }) => seq)],
    ),
  ];
}

/** Reads the messages of the results, by `toKey` of their id and their viewer, in one round trip. */
export async function readAfterChanges(
  context: WriteContext,
  run: RunStatement,
  { viewers, emojis }: ChangePlan,
): Promise<ReadonlyMap<string, Message>> {
  if (viewers.length === 0) return new Map();
  const ns = [...new Set(viewers.map(({ n }) => n))].filter((n) => emojis.get(n) !== 0);
  const [rows, reactions, mine] = await Promise.all([
    findMessageRowsById(context, [...new Set(viewers.map(({ id }) => id))]),
    findReactions(context, ns, undefined),
    run(
      `select t.message, t.emoji, k."user" from unnest($1::bigint[], $2::text[]) as k (message, "user")
       join reaction_total as t on t.message = k.message
       join reaction as r on r.message = t.message and r.emoji = t.emoji and r."user" = k."user"
       where r.present = 1`,
      [viewers.map(({ n }) => n), viewers.map(({ user }) => user ?? "")],
    ),
  ]);
  const rowsById = new Map(rows.map((row) => [row.id, row]));
  // The columns of the statement above.
  const mineRows = mine.rows as { message: number; emoji: string; user: string }[];
  const isMine = new Set(mineRows.map(({ message, emoji, user }) => toKey(`${message}`, emoji, user)));
  const view = (n: number, user: string): readonly Reaction[] =>
    (reactions.get(n) ?? []).map((each) => ({ ...each, mine: isMine.has(toKey(`${n}`, each.emoji, user)) }));
  return new Map(
    viewers.flatMap(({ n, id, user = "" }): readonly (readonly [string, Message])[] => {
      const row = rowsById.get(id);
      return row === undefined ? [] : [[toKey(id, user), toMessage(row, view(n, user))]];
    }),
  );
}
