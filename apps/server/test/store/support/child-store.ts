import { openSqliteStore } from "../../../src/store/sqlite/sqlite-store.ts";

// A process with a store on the given file; `child-process.ts` is its other end.

export interface Acknowledged {
  readonly clientId: string;
  readonly seq: number;
}

/** The event of an acknowledged change. */
export interface ChangeEvent {
  readonly on: string;
  readonly seq: number;
  readonly message: string;
}

export type ToChild =
  | { kind: "call"; id: number; operation: string; args: unknown }
  | { kind: "flood"; room: string; author: string }
  | { kind: "churn"; room: string; author: string }
  | { kind: "stop" };

export type FromChild =
  | { kind: "open"; epoch: string }
  | { kind: "answer"; id: number; ok: unknown }
  | { kind: "answer"; id: number; error: string }
  | { kind: "acknowledged"; acknowledged: Acknowledged[] }
  | { kind: "changed"; changed: ChangeEvent[] }
  | { kind: "refused"; message: string }
  | { kind: "stopped" };

/** Appends that are pending at the same time. */
const MAX_PENDING = 60;

const send = (message: FromChild): void => {
  process.send?.(message);
};
const [, , file = ""] = process.argv;
const store = await openSqliteStore({ file, pollIntervalMs: 20 });
let isRunning = true;

process.on("message", (message: ToChild) => {
  if (message.kind === "call") void call(message);
  else if (message.kind === "flood") void flood(message.room, message.author);
  else if (message.kind === "churn") void churn(message.room, message.author);
  else isRunning = false;
});
send({ kind: "open", epoch: store.epoch });

async function call({ id, operation, args }: Extract<ToChild, { kind: "call" }>): Promise<void> {
  try {
    const [noun = "", name = ""] = operation.split(".");
    // The name comes from the parent; whether there is such an operation is checked below.
    const method = (store as unknown as Record<string, Record<string, unknown>>)[noun]?.[name];
    if (typeof method !== "function") throw new Error(`expected an operation of the store, got ${operation}`);
    send({ kind: "answer", id, ok: await method(args) });
  } catch (error) {
    send({ kind: "answer", id, error: String(error) });
  }
}

async function flood(room: string, author: string): Promise<void> {
  await Promise.all(Array.from({ length: MAX_PENDING }, (_, lane) => postInLane(lane, room, author)));
  send({ kind: "stopped" });
}

async function postInLane(lane: number, room: string, author: string): Promise<void> {
  for (let i = 0; isRunning; i += 1) {
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
      send({ kind: "acknowledged", acknowledged: [{ clientId, seq: appended.message.seq }] });
    } catch (error) {
      send({ kind: "refused", message: String(error) });
    }
  }
}

/** Posts messages and changes them in every way, until the process is killed or stopped. */
async function churn(room: string, author: string): Promise<void> {
  const by = { id: author, username: author };
  const lane = async (lane: number): Promise<void> => {
    for (let i = 0; isRunning; i += 1) {
      const clientId = `${process.pid}-${lane}-${i}`;
      const body = `body of ${clientId}`;
      const posted = await store.messages.append({
        room,
        accessVersion: 1,
        author: by,
        clientId,
        kind: "message",
        body,
      });
      if (posted.outcome !== "appended") throw new Error(`expected appended, got ${posted.outcome}`);
      send({ kind: "acknowledged", acknowledged: [{ clientId, seq: posted.message.seq }] });
      const ref = { room, accessVersion: 1, message: posted.message.id };
      // In one turn, so that they share transactions with other lanes, and a kill can come between any two.
      const changes = await Promise.all([
        store.messages.setReaction({ ref, emoji: "👍", present: true, by }),
        store.messages.edit({ ref, body: `${body} and edited`, canMentionAll: false, by }),
        store.messages.setPinned({ ref, pinned: true, by }),
        store.messages.setReaction({ ref, emoji: "👍", present: false, by }),
        store.messages.setPinned({ ref, pinned: false, by }),
        ...(i % 3 === 0 ? [store.messages.delete({ ref, by })] : []),
      ]);
      const changed = changes.flatMap((result) => {
        if (result.outcome !== "changed" || result.event === undefined) return [];
        return [{ on: result.event.on, seq: result.seq, message: ref.message }];
      });
      send({ kind: "changed", changed });
    }
  };
  await Promise.all(Array.from({ length: 8 }, (_, i) => lane(i)));
  send({ kind: "stopped" });
}
