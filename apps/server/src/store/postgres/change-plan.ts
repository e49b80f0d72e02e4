import type { LogEvent, Message } from "@multichat/protocol";
import type { ActorRef } from "../actor-ref.ts";
import type { WriteContext } from "../database/context.ts";
import type { IdempotencyKey } from "../event-log/idempotency-keys.ts";
import type { NewEvent } from "../event-log/log-event.ts";
import { type UnchangedMessage, withoutViewer } from "../messages/change-message.ts";
import { checkDeletion, type MessageDeletion } from "../messages/delete-message.ts";
import { checkEdit, type MessageEdit } from "../messages/edit-message.ts";
import { findMessageRowsById } from "../messages/find-messages.ts";
import { chooseMentions, findNamed } from "../messages/mentions.ts";
import type { SelectedMessage } from "../messages/message-row.ts";
import type { Mentions, MessageChangeResult } from "../messages/message-types.ts";
import {
  decideReaction,
  type ReactionChange,
  type ReactionState,
  type ReactionTotal,
} from "../messages/set-reaction.ts";
import type { QueuedCall } from "./call-queue.ts";
import type { RunStatement } from "./postgres-connection.ts";

/** A call that changes a message, and can share its statements with others. */
export type ChangeCall =
  | { readonly operation: "messages.setReaction"; readonly args: ReactionChange }
  | { readonly operation: "messages.edit"; readonly args: MessageEdit }
  | { readonly operation: "messages.delete"; readonly args: MessageDeletion };

const CHANGES: ReadonlySet<string> = new Set<ChangeCall["operation"]>([
  "messages.setReaction",
  "messages.edit",
  "messages.delete",
]);

/** The operations' table says that the calls have these arguments. */
export function isChange(call: QueuedCall): call is QueuedCall & ChangeCall {
  return CHANGES.has(call.operation);
}

/** What changes depend on, beside the heads of their rooms. */
export interface ChangeSurroundings {
  /** The messages that exist, by id. */
  readonly rows: ReadonlyMap<string, SelectedMessage>;
  /** The seqs of the changes that were made before, by `toKey` of their idempotency keys. */
  readonly seqs: Map<string, number>;
  /** By `toKey` of message, emoji and user. */
  readonly states: Map<string, ReactionState>;
  /** By `toKey` of message and emoji. */
  readonly totals: Map<string, ReactionTotal>;
  /** The ids of the users who may be mentioned, by name. */
  readonly users: ReadonlyMap<string, string>;
}

/** Makes a key of several parts. */
export function toKey(...parts: readonly string[]): string {
  return JSON.stringify(parts);
}

function toLedgerKey({ user, clientId }: IdempotencyKey): string {
  return toKey(user, clientId);
}

/** Reads in one round trip. */
export async function readChangeSurroundings(
  context: WriteContext,
  run: RunStatement,
  changes: readonly ChangeCall[],
): Promise<ChangeSurroundings> {
  const keys = changes.flatMap(({ args: { ref } }) => ref.idempotencyKey ?? []);
  const reactions = changes.flatMap((call) => (call.operation === "messages.setReaction" ? call.args : []));
  const names = changes.flatMap((call) =>
    call.operation === "messages.edit" ? (call.args.mentionCandidates ?? []) : [],
  );
  const emojis = new Map(reactions.map(({ ref: { message }, emoji }) => [toKey(message, emoji), { message, emoji }]));
  const none = { rows: [] };
  const [rows, known, states, totals, users] = await Promise.all([
    findMessageRowsById(context, [...new Set(changes.map(({ args }) => args.ref.message))]),
    keys.length === 0
      ? none
      : run(
          `select i."user", i.client_id, i.seq from unnest($1::text[], $2::text[]) as k ("user", client_id)
           join idempotency_key as i on i."user" = k."user" and i.client_id = k.client_id`,
          [keys.map(({ user }) => user), keys.map(({ clientId }) => clientId)],
        ),
    reactions.length === 0
      ? none
      : run(
          `select k.message, k.emoji, k."user", r.present, r.seq
           from unnest($1::text[], $2::text[], $3::text[]) as k (message, emoji, "user")
           join message as m on m.id = k.message
           join reaction as r on r.message = m.n and r.emoji = k.emoji and r."user" = k."user"`,
          [
            reactions.map(({ ref }) => ref.message),
            reactions.map(({ emoji }) => emoji),
            reactions.map(({ by }) => by.id),
          ],
        ),
    emojis.size === 0
      ? none
      : run(
          `select k.message, k.emoji, t.count, t.first_seq
           from unnest($1::text[], $2::text[]) as k (message, emoji)
           join message as m on m.id = k.message
           join reaction_total as t on t.message = m.n and t.emoji = k.emoji`,
          [[...emojis.values()].map(({ message }) => message), [...emojis.values()].map(({ emoji }) => emoji)],
        ),
    names.length === 0 ? new Map<string, string>() : findNamed(context, names.flat()),
  ]);
  // The columns of the statements above.
  const ledger = known.rows as { user: string; client_id: string; seq: number }[];
  const stateRows = states.rows as ({ message: string; emoji: string; user: string } & ReactionState)[];
  const totalRows = totals.rows as { message: string; emoji: string; count: number; first_seq: number }[];
  return {
    rows: new Map(rows.map((row) => [row.id, row])),
    seqs: new Map(ledger.map(({ user, client_id, seq }) => [toKey(user, client_id), seq])),
    states: new Map(
      stateRows.map(({ message, emoji, user, present, seq }) => [toKey(message, emoji, user), { present, seq }]),
    ),
    totals: new Map(
      totalRows.map(({ message, emoji, count, first_seq }) => [toKey(message, emoji), { count, firstSeq: first_seq }]),
    ),
    users,
  };
}

interface PlannedEdit {
  readonly row: SelectedMessage;
  readonly seq: number;
  readonly body: string;
  readonly mentions: Mentions;
  readonly by: ActorRef;
}

interface PlannedDeletion {
  readonly row: SelectedMessage;
  readonly seq: number;
}

/** A change that was made now or before, or that changes nothing. */
interface Planned {
  readonly seq: number;
  readonly isRepeat?: boolean;
  /** Makes the event of the message as everyone sees it afterwards. @default the message was in this state already */
  readonly toEvent?: (message: Message) => LogEvent;
}

/** What changes of different messages come to, and what has to be written for all of them. */
export class ChangePlan {
  readonly now: number;
  readonly reactions = new Map<string, ReactionState & { n: number; emoji: string; user: string }>();
  readonly totals = new Map<string, ReactionTotal & { n: number; emoji: string }>();
  /** How many different emoji a message has, by its row id. */
  readonly emojis = new Map<number, number>();
  readonly edits: PlannedEdit[] = [];
  readonly deletions: PlannedDeletion[] = [];
  readonly keys = new Map<string, IdempotencyKey & { readonly seq: number }>();
  /** The messages whose state is part of a result, by id, with the users who see it. */
  readonly viewers: { readonly n: number; readonly id: string; readonly user: string | undefined }[] = [];
  readonly #surroundings: ChangeSurroundings;
  readonly #planned = new Map<ChangeCall, Planned | MessageChangeResult>();

  constructor(surroundings: ChangeSurroundings, now: number) {
    this.#surroundings = surroundings;
    this.now = now;
  }

  /**
   * Decides on a change like `changeMessage`.
   *
   * @param head of the room; undefined: it does not exist.
   * @param takeSeq returns the next seq of the room.
   * @returns the event that has to be written.
   */
  add(
    call: ChangeCall,
    head: { readonly access_version: number } | undefined,
    takeSeq: () => number,
  ): NewEvent | undefined {
    const { ref, by } = call.args;
    const row = this.#surroundings.rows.get(ref.message);
    if (head === undefined || head.access_version !== ref.accessVersion) return this.#refuse(call, "stale");
    if (row === undefined || row.room !== ref.room) return this.#refuse(call, "unknown");
    const key = ref.idempotencyKey;
    const firstSeq = key && this.#surroundings.seqs.get(toLedgerKey(key));
    const decided: Decided =
      firstSeq === undefined ? this.#decide(call, row) : { unchangedSince: firstSeq, isRepeat: true };
    if (typeof decided === "string") return this.#refuse(call, decided);
    this.viewers.push({ n: row.n, id: row.id, user: by?.id });
    if ("unchangedSince" in decided) {
      const { unchangedSince: seq, isRepeat = false } = decided;
      this.#planned.set(call, { seq, isRepeat });
      this.#remember(key, seq);
      return undefined;
    }
    const seq = takeSeq();
    this.#planned.set(call, { seq, toEvent: decided.apply(seq) });
    this.#remember(key, seq);
    const { kind, data } = decided;
    return { room: row.room, seq, kind, by, message: row.id, ...(data === undefined ? {} : { data }) };
  }

  /** @param after what `readAfterChanges` found. */
  toResult(call: ChangeCall, after: ReadonlyMap<string, Message>): MessageChangeResult {
    const planned = this.#planned.get(call);
    if (planned === undefined) throw new Error("expected a change that was planned");
    if ("outcome" in planned) return planned;
    const { seq, isRepeat, toEvent } = planned;
    const { ref, by } = call.args;
    const message = after.get(toKey(ref.message, by?.id ?? ""));
    if (message === undefined) throw new Error(`expected message ${ref.message} in room ${ref.room} after its change`);
    if (toEvent === undefined) return { outcome: "changed", seq, isRepeat: isRepeat ?? false, message };
    return { outcome: "changed", seq, event: toEvent(withoutViewer(message)), message };
  }

  #refuse(call: ChangeCall, outcome: "stale" | "unknown" | "conflict" | "full"): undefined {
    this.#planned.set(call, { outcome });
  }

  #remember(key: IdempotencyKey | undefined, seq: number): void {
    if (key === undefined) return;
    const ledgerKey = toLedgerKey(key);
    if (this.#surroundings.seqs.has(ledgerKey)) return;
    this.#surroundings.seqs.set(ledgerKey, seq);
    this.keys.set(ledgerKey, { ...key, seq });
  }

  #decide(call: ChangeCall, row: SelectedMessage): Decided {
    switch (call.operation) {
      case "messages.setReaction":
        return this.#decideReaction(call.args, row);
      case "messages.edit":
        return checkEdit(row, call.args) ?? this.#edit(call.args, row);
      case "messages.delete":
        return checkDeletion(row) ?? this.#delete(call.args, row);
    }
  }

  #decideReaction({ emoji, present, by }: ReactionChange, row: SelectedMessage): Decided {
    const { n, id, room } = row;
    const { states, totals } = this.#surroundings;
    const stateKey = toKey(id, emoji, by.id);
    const totalKey = toKey(id, emoji);
    const emojis = this.emojis.get(n) ?? row.emojis;
    const total = totals.get(totalKey);
    const decided = decideReaction({ row, emojis, state: states.get(stateKey), total }, present);
    if (typeof decided === "string" || "unchangedSince" in decided) return decided;
    const { count, difference } = decided;
    const kind = present ? "reaction.added" : "reaction.removed";
    const apply = (seq: number) => {
      const state = { present: present ? 1 : 0, seq };
      const changed = { count, firstSeq: total?.firstSeq ?? seq };
      states.set(stateKey, state);
      if (count === 0) totals.delete(totalKey);
      else totals.set(totalKey, changed);
      this.reactions.set(stateKey, { ...state, n, emoji, user: by.id });
      this.totals.set(totalKey, { ...changed, n, emoji });
      this.emojis.set(n, emojis + difference);
      return (): LogEvent => ({ on: kind, room, seq, message: id, emoji, user: by, count });
    };
    return { kind, data: { emoji }, apply };
  }

  #edit({ body, mentionCandidates: candidates = [], canMentionAll, by }: MessageEdit, row: SelectedMessage): Decided {
    const { room, author } = row;
    const mentions = chooseMentions(this.#surroundings.users, { candidates, author, canMentionAll });
    const apply = (seq: number) => {
      this.edits.push({ row, seq, body, mentions, by });
      return (message: Message): LogEvent => ({ on: "message.edited", room, seq, message, by });
    };
    return { kind: "message.edited", apply };
  }

  #delete({ by }: MessageDeletion, row: SelectedMessage): Decided {
    const { room, id } = row;
    const apply = (seq: number) => {
      this.deletions.push({ row, seq });
      this.emojis.set(row.n, 0);
      return (): LogEvent => ({ on: "message.deleted", room, seq, message: id, deletedAt: this.now, by });
    };
    return { kind: "message.deleted", apply };
  }
}

type Decided =
  | UnchangedMessage
  | {
      readonly kind: LogEvent["on"];
      readonly data?: object;
      readonly apply: (seq: number) => (message: Message) => LogEvent;
    };
