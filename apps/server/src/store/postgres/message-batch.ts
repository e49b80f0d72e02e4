import { uuidv7 } from "uuidv7";
import { recordChange } from "../change-feed/record-change.ts";
import type { WriteContext } from "../database/context.ts";
import type { NewEvent } from "../event-log/log-event.ts";
import { appendMessage } from "../messages/append/append-message.ts";
import type { NewMessage } from "../messages/message-types.ts";
import { insertPosts, keyOfPost, type Posted, planPost, readPostSurroundings, toOutcome } from "./append-messages.ts";
import { readHeads, takeSeq } from "./batch-heads.ts";
import type { QueuedCall } from "./call-queue.ts";
import { readAfterChanges, writeChanges } from "./change-messages.ts";
import { type ChangeCall, ChangePlan, isChange, readChangeSurroundings } from "./change-plan.ts";
import type { RunStatement } from "./postgres-connection.ts";

type AppendCall = QueuedCall & { readonly operation: "messages.append"; readonly args: NewMessage };
type MessageCall = AppendCall | (QueuedCall & ChangeCall);

/** Their messages are read as a whole, with up to 100 users for each emoji. */
const MAX_CHANGES = 100;

function isAppend(call: QueuedCall): call is AppendCall {
  return call.operation === "messages.append";
}

/**
 * Whether a call posts a message or changes one, so that it can share its statements with others. A message with files is rare,
 * and runs alone.
 */
export function isMessageCall(call: QueuedCall): call is MessageCall {
  return isAppend(call) ? call.args.files === undefined : isChange(call);
}

/** Chooses the calls that can share their statements, because none depends on what another one writes beside its seq. */
export class MessageBatch {
  readonly #posts = new Set<string>();
  /** The messages that are read: they are reacted or replied to. */
  readonly #shared = new Set<string>();
  /** The messages that are edited or deleted, in this one call. */
  readonly #exclusive = new Set<string>();
  #changes = 0;

  /** Returns false where the call has to wait for the next batch. */
  add(call: MessageCall): boolean {
    return isAppend(call) ? this.#addPost(call.args) : this.#addChange(call);
  }

  #addPost(message: NewMessage): boolean {
    const { replyTo } = message;
    const key = keyOfPost(message);
    // Which of the two is the repeat depends on the outcome of the first.
    if (this.#posts.has(key) || (replyTo !== undefined && this.#exclusive.has(replyTo))) return false;
    this.#posts.add(key);
    if (replyTo !== undefined) this.#shared.add(replyTo);
    return true;
  }

  #addChange({ operation, args: { ref } }: ChangeCall): boolean {
    const { message } = ref;
    if (this.#changes === MAX_CHANGES || this.#exclusive.has(message)) return false;
    if (operation === "messages.setReaction") {
      this.#shared.add(message);
    } else {
      if (this.#shared.has(message)) return false;
      this.#exclusive.add(message);
    }
    this.#changes += 1;
    return true;
  }
}

/**
 * Posts and changes messages like the operations of the calls, with the same results, in two round trips for all of them: one reads
 * what they depend on, one writes, and reads the changed messages. Seqs are given in the order of the calls. Posts that need more
 * (a repeat, a room that has changed) run one by one after the others; they take no seq.
 *
 * @param calls of one `MessageBatch`
 * @returns the results in the order of the calls.
 * @throws StoreError; the transaction cannot continue then.
 */
export async function runMessageBatch(
  context: WriteContext,
  run: RunStatement,
  calls: readonly MessageCall[],
): Promise<readonly unknown[]> {
  const posts = calls.filter(isAppend).map(({ args }) => args);
  const changes = calls.filter(isChange);
  const [heads, postSurroundings, changeSurroundings] = await Promise.all([
    readHeads(run, [...posts.map(({ room }) => room), ...changes.map(({ args }) => args.ref.room)]),
    readPostSurroundings(context, run, posts),
    readChangeSurroundings(context, run, changes),
  ]);
  const plan = new ChangePlan(changeSurroundings, context.now);
  const posted: Posted[] = [];
  const events: NewEvent[] = [];
  const results = new Map<MessageCall, unknown>();
  for (const call of calls) {
    if (!isAppend(call)) {
      const head = heads.get(call.args.ref.room);
      const event = plan.add(call, head, () => takeSeq(head));
      if (event !== undefined) events.push(event);
      continue;
    }
    const head = heads.get(call.args.room);
    const planned = planPost(context, call.args, head, postSurroundings);
    if (planned === undefined) continue;
    if ("outcome" in planned) {
      results.set(call, planned);
      continue;
    }
    const post = { ...planned, id: uuidv7(), seq: takeSeq(head) };
    posted.push(post);
    events.push(toPostedEvent(post));
    results.set(call, toOutcome(post, context.now));
  }
  // Sent together, and run in this order.
  const written = [
    ...insertPosts(context, run, posted),
    ...writeChanges(context, run, plan),
    ...writeEvents(context, run, events),
  ];
  const [after] = await Promise.all([readAfterChanges(context, run, plan), ...written]);
  for (const call of changes) results.set(call, plan.toResult(call, after));
  const all: unknown[] = [];
  for (const call of calls) {
    all.push(results.get(call) ?? (isAppend(call) ? await appendMessage(context, call.args) : undefined));
  }
  return all;
}

function toPostedEvent({ message: { room, author, kind }, id, seq }: Posted): NewEvent {
  const viaChangeFeed = author === null || kind !== "message";
  return { room, seq, kind: "message.posted", by: author, message: id, viaChangeFeed };
}

/** Sends the events and the new heads of their rooms, like `logEvent`. */
function writeEvents(
  context: WriteContext,
  run: RunStatement,
  events: readonly NewEvent[],
): readonly Promise<unknown>[] {
  if (events.length === 0) return [];
  // In the order of their seqs, so that the last one of a room remains.
  const heads = new Map(events.map(({ room, seq }) => [room, seq]));
  for (const [room, seq] of heads) context.logHeads.set(room, seq);
  const fed = events.filter(({ by, viaChangeFeed = by === null }) => viaChangeFeed);
  return [
    run(
      `insert into event (room, seq, kind, actor, actor_name, message, data, at)
       select room, seq, kind, actor, actor_name, message, data, $1::bigint
       from unnest($2::text[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[])
         as logged (room, seq, kind, actor, actor_name, message, data)`,
      [
        context.now,
        events.map(({ room }) => room),
        events.map(({ seq }) => seq),
        events.map(({ kind }) => kind),
        events.map(({ by }) => by?.id ?? null),
        events.map(({ by }) => by?.username ?? null),
        events.map(({ message }) => message ?? null),
        events.map(({ data }) => (data === undefined ? null : JSON.stringify(data))),
      ],
    ),
    run(
      `update room set last_seq = k.seq from unnest($1::text[], $2::bigint[]) as k (id, seq)
       where room.id = k.id`,
      [[...heads.keys()], [...heads.values()]],
    ),
    ...fed.map(({ room, seq }) => recordChange(context, { kind: "log", room, seq })),
  ];
}
