import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { openSqliteStore } from "../../../src/store/sqlite/sqlite-store.ts";
import { childFor } from "../support/child-process.ts";
import type { Acknowledged, ChangeEvent } from "../support/child-store.ts";
import { roomIn, tempFile, until } from "../support/temp-store.ts";
import { View, withSortedReactions } from "../support/view.ts";
import { expectWholeLog } from "../support/whole-log.ts";

test("keeps acknowledged messages through kill -9 during a flood, and the log has no gaps", async () => {
  const { file, room } = await createEmptyRoom();
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

test("log, messages and search agree after kill -9 during edits, reactions, pins and deletions", async () => {
  const { file, room } = await createEmptyRoom();
  const acknowledged: Acknowledged[] = [];
  const changed: ChangeEvent[] = [];
  for (let round = 1; round <= 3; round += 1) {
    const child = await childFor(file);
    child.churn(room, "churner");
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
  for (const event of events) view.apply(event);
  const messages = (await store.messages.readHistory({ room, limit: lastSeq })).messages;
  expect(view.messages()).toEqual(messages.map(withSortedReactions));
  // What the killed processes had committed and not indexed yet.
  await until(async () => !(await store.search.hasUnindexed()));
  await store.close();

  const raw = new DatabaseSync(file);
  raw.prepare("insert into message_search (message_search) values ('integrity-check')").run();
  const indexed = raw.prepare("select id as n from message_search_docsize order by id").all();
  const existing = raw.prepare("select n from message where deleted_at is null order by n").all();
  raw.close();
  expect(existing.length).toBeGreaterThan(100);
  expect(indexed).toEqual(existing);
});

/** Creates a database with an empty room, and closes it. */
async function createEmptyRoom(): Promise<{ file: string; room: string }> {
  const file = await tempFile();
  const store = await openSqliteStore({ file });
  const room = await roomIn(store);
  await store.close();
  return { file, room };
}
