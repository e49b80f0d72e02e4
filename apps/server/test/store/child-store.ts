import { openSqliteStore } from "../../src/store/sqlite/sqlite-store.ts";

/** A process of its own with a store on the given file; `child-process.ts` is its other end. */

export interface Acknowledged {
  readonly clientId: string;
  readonly seq: number;
}

/** An event that an answered change has made. */
export interface Made {
  readonly on: string;
  readonly seq: number;
  readonly message: string;
}

export type ToChild =
  | { kind: "call"; id: number; operation: string; args: unknown }
  | { kind: "flood"; room: string; author: string }
  | { kind: "stir"; room: string; author: string }
  | { kind: "stop" };

export type FromChild =
  | { kind: "open"; epoch: string }
  | { kind: "answer"; id: number; ok: unknown }
  | { kind: "answer"; id: number; error: string }
  | { kind: "acknowledged"; acknowledged: Acknowledged[] }
  | { kind: "changed"; changed: Made[] }
  | { kind: "refused"; message: string }
  | { kind: "stopped" };

/** Appends under way at once. */
const IN_FLIGHT = 60;

const tell = (message: FromChild): void => {
  process.send?.(message);
};
const [, , file = ""] = process.argv;
const store = await openSqliteStore({ file, pollIntervalMs: 20 });
let flooding = true;

process.on("message", (message: ToChild) => {
  if (message.kind === "call") void call(message);
  else if (message.kind === "flood") void flood(message.room, message.author);
  else if (message.kind === "stir") void stir(message.room, message.author);
  else flooding = false;
});
tell({ kind: "open", epoch: store.epoch });

async function call({ id, operation, args }: Extract<ToChild, { kind: "call" }>): Promise<void> {
  try {
    const [noun = "", name = ""] = operation.split(".");
    const method = (store as unknown as Record<string, Record<string, unknown>>)[noun]?.[name];
    if (typeof method !== "function") throw new Error(`the store has no operation ${operation}`);
    tell({ kind: "answer", id, ok: await method(args) });
  } catch (error) {
    tell({ kind: "answer", id, error: String(error) });
  }
}

async function flood(room: string, author: string): Promise<void> {
  await Promise.all(Array.from({ length: IN_FLIGHT }, (_, lane) => postOn(lane, room, author)));
  tell({ kind: "stopped" });
}

async function postOn(lane: number, room: string, author: string): Promise<void> {
  for (let i = 0; flooding; i += 1) {
    const clientId = `${process.pid}-${lane}-${i}`;
    try {
      const by = { id: author, username: author };
      const appended = await store.messages.append({
        room,
        accessVersion: 1,
        author: by,
        clientId,
        kind: "message",
        body: "x".repeat(500),
      });
      if (appended.outcome !== "appended") throw new Error(`expected appended, got ${appended.outcome}`);
      tell({ kind: "acknowledged", acknowledged: [{ clientId, seq: appended.message.seq }] });
    } catch (error) {
      tell({ kind: "refused", message: String(error) });
    }
  }
}

/** Posts messages and changes them in every way, until it is killed or stopped. */
async function stir(room: string, author: string): Promise<void> {
  const by = { id: author, username: author };
  const lane = async (lane: number): Promise<void> => {
    for (let i = 0; flooding; i += 1) {
      const clientId = `${process.pid}-${lane}-${i}`;
      const body = `stirred ${clientId}`;
      const posted = await store.messages.append({
        room,
        accessVersion: 1,
        author: by,
        clientId,
        kind: "message",
        body,
      });
      if (posted.outcome !== "appended") throw new Error(`expected appended, got ${posted.outcome}`);
      tell({ kind: "acknowledged", acknowledged: [{ clientId, seq: posted.message.seq }] });
      const on = { room, accessVersion: 1, message: posted.message.id };
      // In one turn: they share a transaction with others', and a kill comes between any two.
      const changes = await Promise.all([
        store.messages.setReaction({ ref: on, emoji: "👍", present: true, by }),
        store.messages.edit({ ref: on, body: `${body} and edited`, canMentionAll: false, by }),
        store.messages.setPinned({ ref: on, pinned: true, by }),
        store.messages.setReaction({ ref: on, emoji: "👍", present: false, by }),
        store.messages.setPinned({ ref: on, pinned: false, by }),
        ...(i % 3 === 0 ? [store.messages.delete({ ref: on, by })] : []),
      ]);
      const made = changes.flatMap((changed) => {
        if (changed.outcome !== "changed" || changed.event === undefined) return [];
        return [{ on: changed.event.on, seq: changed.seq, message: on.message }];
      });
      tell({ kind: "changed", changed: made });
    }
  };
  await Promise.all(Array.from({ length: 8 }, (_, i) => lane(i)));
  tell({ kind: "stopped" });
}
