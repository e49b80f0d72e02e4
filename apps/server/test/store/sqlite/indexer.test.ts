import { wordsIn } from "@multichat/protocol/search";
import fc from "fast-check";
import { describe, expect, onTestFinished, test } from "vitest";
import { countUnindexed, indexQueued } from "../../../src/store/search/index-queue.ts";
import { roomLabel } from "../../../src/store/search/labels.ts";
import { type Connection, connect } from "../../../src/store/sqlite/connection.ts";
import { FullTextMerges } from "../../../src/store/sqlite/full-text-merges.ts";
import { migrate, openSqliteStore } from "../../../src/store/sqlite/sqlite-store.ts";
import { Indexer } from "../../../src/store/sqlite/threads/indexer.ts";
import { openBeside } from "../support/raw-database.ts";
import { roomIn, tempFile } from "../support/temp-store.ts";

/** More than a message can have. */
const EVERYTHING = { maxMessages: 10_000, maxChars: 100_000_000 };

/** Every slice does the least that it can, however fast the machine is. */
const STEPS = { sliceMs: 0 };

interface TestDatabase {
  readonly file: string;
  readonly connection: Connection;
  readonly room: string;
}

/** Opens a new database without the threads that would index by themselves. */
async function openDirectly(): Promise<TestDatabase> {
  const file = await tempFile();
  const store = await openSqliteStore({ file });
  const room = await roomIn(store);
  await store.close();
  const connection = connect({ file, readOnly: false, busyTimeoutMs: 1_000 });
  onTestFinished(() => connection.raw.close());
  return { file, connection, room };
}

const queue = ({ connection }: TestDatabase, n: number) =>
  connection.raw.prepare("insert into search_queue (n) values (?) on conflict do nothing").run(n);

function post(database: TestDatabase, n: number, body: string): void {
  database.connection.raw
    .prepare(
      `insert into message (n, id, room, seq, author, author_name, client_id, kind, body, created_at)
       values (?, ?, ?, ?, 'alice-id', 'alice', ?, 'message', ?, 1770000000000)`,
    )
    .run(n, `m${n}`, database.room, n, `c${n}`, body);
  queue(database, n);
}

/** Edits a message as the writer does: its old words are not found from then on. */
function edit(database: TestDatabase, n: number, body: string, seq: number): void {
  const { raw } = database.connection;
  raw.prepare("update message set body = ?, edited_seq = ? where n = ? and deleted_at is null").run(body, seq, n);
  raw.prepare("delete from message_search where rowid = ?").run(n);
  queue(database, n);
}

function remove({ connection: { raw } }: TestDatabase, n: number): void {
  raw.prepare("update message set body = '', deleted_at = 1 where n = ?").run(n);
  raw.prepare("delete from message_search where rowid = ?").run(n);
}

/** Returns every word of the index with its place, as the index itself lists them, whatever the room. */
function contentsOf({ connection: { raw }, room }: TestDatabase): readonly string[] {
  raw.exec("create virtual table if not exists temp.words using fts5vocab(main, message_search, instance)");
  return raw
    .prepare<[], { row: string }>(
      "select doc || ' ' || col || ' ' || \"offset\" || ' ' || term as row from temp.words order by row",
    )
    .all()
    .map(({ row }) => row.replace(roomLabel(room), "room"));
}

async function indexAtOnce(database: TestDatabase): Promise<void> {
  const { raw } = database.connection;
  raw.exec("begin immediate");
  while ((await indexQueued(database.connection, EVERYTHING)).hasMore);
  raw.exec("commit");
}

async function runToEnd(indexer: Indexer): Promise<void> {
  indexer.checkQueue();
  while (indexer.hasWork) await indexer.runSlice();
}

const checkIntegrity = ({ connection: { raw } }: TestDatabase) =>
  raw.exec("insert into message_search (message_search) values ('integrity-check')");

const someWord = fc.oneof(
  fc.constantFrom("hello", "world", "天气", "한국어", "🎉", "ﷺ", "Straße", "ภาษาไทย", "a\u0301\u0327"),
  fc.string({ unit: "grapheme", minLength: 1, maxLength: 8 }),
);
const someBody = fc.oneof(
  { weight: 4, arbitrary: fc.array(someWord, { minLength: 1, maxLength: 30 }).map((words) => words.join(" ")) },
  // Longer than a slice: thousands of different words.
  fc
    .tuple(fc.integer({ min: 0x4e00, max: 0x8000 }), fc.integer({ min: 1_000, max: 6_000 }))
    .map(([from, length]) => Array.from({ length }, (_, index) => String.fromCodePoint(from + index)).join("")),
);
const someChange = fc.oneof(
  fc.record({ kind: fc.constant("post" as const), body: someBody }),
  fc.record({ kind: fc.constant("edit" as const), at: fc.nat(), body: someBody }),
  fc.record({ kind: fc.constant("remove" as const), at: fc.nat() }),
  fc.record({ kind: fc.constant("slices" as const), count: fc.integer({ min: 1, max: 40 }) }),
  fc.record({ kind: fc.constant("restart" as const) }),
);

describe("indexing in slices", () => {
  test("ends with the index that indexing at once makes, whatever changes or restarts between the slices", {
    timeout: 300_000,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(someChange, { minLength: 3, maxLength: 25 }), async (changes) => {
        const [sliced, whole] = [await openDirectly(), await openDirectly()];
        const both = [sliced, whole];
        let indexer = new Indexer(sliced.connection, STEPS);
        let posts = 0;
        for (const [index, change] of changes.entries()) {
          if (change.kind === "slices") {
            indexer.checkQueue();
            for (let slice = 0; slice < change.count; slice += 1) await indexer.runSlice();
          } else if (change.kind === "restart") {
            // As after `kill -9`: what is in memory is lost.
            indexer = new Indexer(sliced.connection, STEPS);
          } else if (change.kind === "post") {
            posts += 1;
            for (const database of both) post(database, posts, change.body);
          } else if (posts > 0) {
            const n = 1 + (change.at % posts);
            for (const database of both) {
              if (change.kind === "edit") edit(database, n, change.body, 1_000 + index);
              else remove(database, n);
            }
          }
        }
        await runToEnd(indexer);
        await indexAtOnce(whole);
        expect(await countUnindexed(sliced.connection)).toBe(0);
        expect(contentsOf(sliced)).toEqual(contentsOf(whole));
        checkIntegrity(sliced);
      }),
      { numRuns: 25 },
    );
  });

  test("keeps a message in the queue until all of its words are stored", async () => {
    const database = await openDirectly();
    const body = Array.from({ length: 10_000 }, (_, index) => String.fromCodePoint(0x4e00 + index)).join("");
    post(database, 1, body);
    const indexer = new Indexer(database.connection, STEPS);
    let slices = 0;
    while ((await countUnindexed(database.connection)) > 0) {
      expect(contentsOf(database)).toEqual([]);
      await indexer.runSlice();
      slices += 1;
    }
    expect(slices).toBeGreaterThan(50);
    expect(contentsOf(database).filter((row) => row.startsWith("1 said "))).toHaveLength(wordsIn(body).length);
  });

  test("reads the words of a message again that was edited between two slices", async () => {
    const database = await openDirectly();
    post(database, 1, "天".repeat(10_000));
    const indexer = new Indexer(database.connection, STEPS);
    for (let slice = 0; slice < 10; slice += 1) await indexer.runSlice();
    expect(contentsOf(database)).toEqual([]);
    edit(database, 1, "afterwards", 2);
    await runToEnd(indexer);
    expect(contentsOf(database).filter((row) => row.startsWith("1 said "))).toEqual(["1 said 0 afterwards"]);
  });

  test("merges segments, so that a search never has to look into many", async () => {
    const database = await openDirectly();
    const indexer = new Indexer(database.connection);
    const merges = new FullTextMerges(database.connection.raw);
    let most = 0;
    for (let n = 1; n <= 150; n += 1) {
      post(database, n, Array.from({ length: 600 }, (_, word) => `w${(n * 31 + word) % 9_000}`).join(" "));
      indexer.checkQueue();
      while ((await countUnindexed(database.connection)) > 0) await indexer.runSlice();
      most = Math.max(most, merges.countSegments());
    }
    expect(most).toBeLessThan(48);
    await runToEnd(indexer);
    // Fewer than are merged of each level.
    expect(merges.countSegments()).toBeLessThan(12);
    checkIntegrity(database);
  });

  test("counts the segments that the index lists", async () => {
    const database = await openDirectly();
    const merges = new FullTextMerges(database.connection.raw);
    expect(merges.countSegments()).toBe(0);
    for (let n = 1; n <= 10; n += 1) {
      post(database, n, `word${n}`);
      await indexAtOnce(database);
      expect(merges.countSegments()).toBe(n);
    }
  });
});

test("an upgrade that indexes many messages at once leaves few segments", async () => {
  const database = await openDirectly();
  for (let n = 1; n <= 300; n += 1) post(database, n, `a message, number ${n}`);
  await migrate({ file: database.file });
  const raw = openBeside(database.file);
  expect(raw.prepare("select count(*) as count from search_queue").get()).toEqual({ count: 0 });
  raw.close();
  expect(new FullTextMerges(database.connection.raw).countSegments()).toBeLessThan(64);
  expect(contentsOf(database).filter((row) => row.endsWith(" message"))).toHaveLength(300);
});
