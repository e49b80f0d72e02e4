import Database from "better-sqlite3";
import { expect, test } from "vitest";
import { openSqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import { childFor } from "./child-process.ts";
import type { Acknowledged, Made } from "./child-store.ts";
import { roomIn, tempFile, until } from "./temp-store.ts";
import { inOrder, View } from "./view.ts";
import { expectWholeLog } from "./whole-log.ts";

test("what was acknowledged survives kill -9 in the middle of a flood, and the log has no gap", async () => {
  const { file, room } = await emptyRoom();
  const acknowledged: Acknowledged[] = [];
  for (let round = 1; round <= 5; round += 1) {
    const child = await childFor(file);
    child.flood(room, "flooder");
    await until(() => child.acknowledged.length >= 150 * round);
    await child.kill();
    acknowledged.push(...child.acknowledged);
    const store = await openSqliteStore({ file });
    const lastSeq = await expectWholeLog(store, room, acknowledged);
    expect(lastSeq).toBeGreaterThan(acknowledged.length);
    await store.close();
  }
});

test("after kill -9 in the middle of edits, reactions, pins and deletions, log, messages and search agree", async () => {
  const { file, room } = await emptyRoom();
  const acknowledged: Acknowledged[] = [];
  const changed: Made[] = [];
  for (let round = 1; round <= 3; round += 1) {
    const child = await childFor(file);
    child.stir(room, "stirrer");
    await until(() => child.changed.length >= 150 * round);
    await child.kill();
    acknowledged.push(...child.acknowledged);
    changed.push(...child.changed);
    expect(child.refused).toEqual([]);
  }
  const store = await openSqliteStore({ file });
  const lastSeq = await expectWholeLog(store, room, acknowledged);
  const events = (await store.eventLog.readSince({ room, since: 0, limit: lastSeq })) ?? [];
  for (const { on, seq, message } of changed) {
    const event = events[seq - 1];
    const id = event !== undefined && "message" in event ? event.message : undefined;
    expect({ on: event?.on, id: typeof id === "object" ? id.id : id }).toEqual({ on, id: message });
  }
  const view = new View([]);
  for (const event of events) view.take(event);
  const messages = (await store.messages.readHistory({ room, limit: lastSeq })).messages;
  expect(view.messages()).toEqual(messages.map(inOrder));
  await store.close();

  const raw = new Database(file);
  raw.prepare("insert into message_search (message_search) values ('integrity-check')").run();
  const indexed = raw.prepare("select id as n from message_search_docsize order by id").all();
  const there = raw.prepare("select n from message where deleted_at is null order by n").all();
  raw.close();
  expect(there.length).toBeGreaterThan(100);
  expect(indexed).toEqual(there);
});

/** A database that nobody has open, with a room in which nothing was said. */
async function emptyRoom(): Promise<{ file: string; room: string }> {
  const file = await tempFile();
  const store = await openSqliteStore({ file });
  const room = await roomIn(store);
  await store.close();
  return { file, room };
}
