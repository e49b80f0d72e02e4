import fc from "fast-check";
import { Client } from "pg";
import { expect, test } from "vitest";
import type { ChatStore } from "../../../src/store/store.ts";
import { POSTGRES } from "../support/postgres-database.ts";
import { ALICE, newPlace, openStore, roomIn, until } from "../support/temp-store.ts";
import { chooseDatabase } from "../support/test-database.ts";

chooseDatabase(POSTGRES);

/** Reads what grows again and again, in transactions of its own, and remembers everything that it has seen. */
class Observer {
  readonly #client: Client;
  readonly #query: string;
  /** In the order in which they were seen. */
  readonly seen: number[] = [];
  #isDone = false;
  readonly #running: Promise<void>;

  /** @param query selects the numbers above `$1` in their order. */
  private constructor(client: Client, query: string) {
    this.#client = client;
    this.#query = query;
    this.#running = this.#observe();
  }

  static async start(place: string, query: string): Promise<Observer> {
    const client = new Client(place);
    await client.connect();
    return new Observer(client, query);
  }

  /** Reads to the end of what is committed now. */
  async stop(): Promise<void> {
    this.#isDone = true;
    await this.#running;
    await this.#client.end();
  }

  async #observe(): Promise<void> {
    for (let isLast = false; !isLast; ) {
      isLast = this.#isDone;
      // A client that has seen a number asks for those above it alone.
      const { rows } = await this.#client.query(this.#query, [this.seen.at(-1) ?? 0]);
      this.seen.push(...rows.map(({ n }: { n: string }) => Number(n)));
    }
  }
}

const load = fc.record({
  rooms: fc.integer({ min: 1, max: 3 }),
  lanes: fc.integer({ min: 1, max: 8 }),
  posts: fc.integer({ min: 20, max: 60 }),
  maxBatchSizes: fc.tuple(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 50 })),
});

test("a reader that has seen a number never finds a smaller one later, however many stores write", async () => {
  await fc.assert(
    fc.asyncProperty(load, async ({ rooms, lanes, posts, maxBatchSizes }) => {
      const place = await newPlace();
      const stores = await Promise.all(maxBatchSizes.map((maxBatchSize) => openStore({ place, maxBatchSize })));
      const [first] = stores;
      if (first === undefined) throw new Error("expected a store");
      const ids = await Promise.all(Array.from({ length: rooms }, () => roomIn(first)));
      for (const store of stores) await until(async () => (await store.rooms.list()).length === rooms);
      const observers = new Map<string, Observer>();
      for (const id of ids) {
        const query = `select seq as n from event where room = '${id}' and seq > $1 order by seq`;
        observers.set(id, await Observer.start(place, query));
      }
      const changes = await Observer.start(place, "select id as n from change where id > $1 order by id");
      const queued = await Observer.start(place, "select n from message where n > $1 order by n");

      await Promise.all(
        stores.flatMap((store, index) =>
          Array.from({ length: lanes }, (_, lane) => writeLane(store, ids, `${index}-${lane}`, posts)),
        ),
      );
      for (const observer of [...observers.values(), changes, queued]) await observer.stop();

      for (const [room, { seen }] of observers) {
        const lastSeq = (await first.rooms.find(room))?.lastSeq ?? 0;
        expect(seen, "every event once, in order").toEqual(Array.from({ length: lastSeq }, (_, i) => i + 1));
      }
      for (const [table, column, { seen }] of [
        ["change", "id", changes],
        ["message", "n", queued],
      ] as const) {
        const all = (await POSTGRES.execute(place, `select ${column} as n from ${table} order by 1`)) as {
          n: string;
        }[];
        expect(seen, table).toEqual(all.map(({ n }) => Number(n)));
      }
    }),
    { numRuns: 8 },
  );
});

/** Posts, edits, reacts and pins, several at a time, so that transactions hold operations of every kind. */
async function writeLane(store: ChatStore, rooms: readonly string[], name: string, posts: number): Promise<void> {
  for (let i = 0; i < posts; i += 1) {
    const room = rooms[i % rooms.length] ?? "";
    const clientId = `${name}-${i}`;
    const message = { room, accessVersion: 1, author: ALICE, clientId, kind: "message", body: clientId } as const;
    const appended = await store.messages.append(message);
    if (appended.outcome !== "appended") throw new Error(`expected appended, got ${appended.outcome}`);
    const ref = { room, accessVersion: 1, message: appended.message.id };
    await Promise.all([
      store.messages.edit({ ref, body: `${clientId} edited`, canMentionAll: false, by: ALICE }),
      i % 5 === 0 ? store.settings.update({ roomCreators: "staff" }) : undefined,
    ]);
  }
}

test("every store learns of every change of the others, in order", async () => {
  const place = await newPlace();
  const stores = await Promise.all([1, 2, 3].map(() => openStore({ place })));
  const [first] = stores;
  if (first === undefined) throw new Error("expected a store");
  const room = await roomIn(first);
  for (const store of stores) await until(async () => (await store.rooms.find(room)) !== undefined);
  const grown = stores.map((store) => {
    const heads: number[] = [];
    store.changes.onLogGrown((id, seq) => id === room && heads.push(seq));
    return heads;
  });
  await Promise.all(stores.map((store, index) => writeLane(store, [room], `${index}`, 50)));
  const lastSeq = 1 + 3 * 50 * 2;
  for (const store of stores) await until(async () => (await store.rooms.find(room))?.lastSeq === lastSeq);
  for (const heads of grown) expect(heads).toEqual(heads.toSorted((a, b) => a - b));
  const logs = await Promise.all(stores.map((store) => store.eventLog.readSince({ room, since: 0, limit: 1_000 })));
  expect(logs[0]?.map(({ seq }) => seq)).toEqual(Array.from({ length: lastSeq }, (_, i) => i + 1));
  expect(logs[1]).toEqual(logs[0]);
  expect(logs[2]).toEqual(logs[0]);
});
