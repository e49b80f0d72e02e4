import { expect, onTestFinished, test } from "vitest";
import { openPostgresStore } from "../../../src/store/postgres/postgres-store.ts";
import type { ChatStore, StoreChange } from "../../../src/store/store.ts";
import type { Acknowledged } from "../support/child-store.ts";
import { CutProxy } from "../support/cut-proxy.ts";
import { POSTGRES, postgresUrl } from "../support/postgres-database.ts";
import { ALICE, newPlace, openStore, post, roomIn, until } from "../support/temp-store.ts";
import { chooseDatabase } from "../support/test-database.ts";
import { expectWholeLog } from "../support/whole-log.ts";

chooseDatabase(POSTGRES);

/** A store whose connections lead through a proxy, and one beside it. */
async function openBoth(busyTimeoutMs = 60_000) {
  const place = await newPlace();
  const proxy = await CutProxy.start(new URL(postgresUrl()));
  onTestFinished(() => proxy.stop());
  const store = await openPostgresStore({ url: proxy.through(place), pollIntervalMs: 20, busyTimeoutMs });
  onTestFinished(() => store.close());
  return { store, proxy, place, beside: await openStore({ place }) };
}

/** Posts while it is running, and repeats what failed. */
async function flood(store: ChatStore, room: string, lane: number, isRunning: () => boolean) {
  const acknowledged: Acknowledged[] = [];
  let failures = 0;
  for (let i = 0; isRunning(); i += 1) {
    const clientId = `${lane}-${i}`;
    const message = { room, accessVersion: 1, author: ALICE, clientId, kind: "message", body: "x" } as const;
    for (let isAcknowledged = false; !isAcknowledged; ) {
      try {
        const appended = await store.messages.append(message);
        if (!("message" in appended)) throw new TypeError(`expected a message, got ${appended.outcome}`);
        acknowledged.push({ clientId, seq: appended.message.seq });
        isAcknowledged = true;
      } catch (error) {
        expect(error, String(error)).toMatchObject({ name: "StoreError", isTransient: true });
        failures += 1;
      }
    }
  }
  return { acknowledged, failures };
}

test("nothing that was acknowledged is lost or there twice, whenever connections are cut", async () => {
  const { store, proxy, place, beside } = await openBoth();
  const room = await roomIn(store);
  let isRunning = true;
  const lanes = Promise.all(Array.from({ length: 20 }, (_, lane) => flood(store, room, lane, () => isRunning)));
  for (let cut = 0; cut < 30; cut += 1) {
    const before = (await beside.rooms.find(room))?.lastSeq ?? 0;
    // A lane ends early only by an error.
    await Promise.race([lanes, until(async () => ((await beside.rooms.find(room))?.lastSeq ?? 0) > before + 20)]);
    // Half of them at any moment, half of them after a commit whose answer is lost.
    if (cut % 2 === 0) proxy.cutAll();
    else proxy.cutBeforeAnswer = "COMMIT";
  }
  isRunning = false;
  const results = await lanes;
  expect(
    results.reduce((sum, { failures }) => sum + failures, 0),
    "premise: some calls failed",
  ).toBeGreaterThan(0);
  expect(proxy.cuts, "premise: answers of commits were lost").toBeGreaterThan(0);
  const acknowledged = results.flatMap((result) => result.acknowledged);
  const again = await openStore({ place });
  const lastSeq = await expectWholeLog(again, room, acknowledged);
  await until(async () => (await store.rooms.find(room))?.lastSeq === lastSeq);
});

test("a change whose commit was not answered reaches the room cache and the listeners of its own store", async () => {
  const { store, proxy } = await openBoth();
  const room = await roomIn(store);
  const changes: StoreChange[] = [];
  store.changes.onChange((change) => changes.push(change));
  proxy.cutBeforeAnswer = "COMMIT";
  const renaming = store.rooms.change({ room, changes: { title: "Renamed" }, by: ALICE });
  // A read also ends with COMMIT, and may be the one that is cut.
  const outcome = await renaming.catch((error: unknown) => error);
  if (outcome instanceof Error) expect(outcome).toMatchObject({ code: "unreachable", isTransient: true });
  await until(async () => (await store.rooms.find(room))?.title === "Renamed");
  if (outcome instanceof Error) await until(() => changes.some((change) => change.kind === "room"));
});

test("calls wait for a database that is unavailable for a moment, and are rejected when it stays so", async () => {
  const { store, proxy } = await openBoth(1_000);
  const room = await roomIn(store);
  proxy.goAway();
  const [reading, posting] = await Promise.allSettled([
    store.eventLog.readSince({ room, since: 0, limit: 10 }),
    post(store, room),
  ]);
  for (const settled of [reading, posting]) {
    expect(settled).toMatchObject({ status: "rejected", reason: { name: "StoreError", isTransient: true } });
  }
  const waiting = Promise.all([store.eventLog.readSince({ room, since: 0, limit: 10 }), post(store, room)]);
  proxy.comeBack();
  const [, posted] = await waiting;
  expect(posted.outcome).toBe("appended");
});

test("a server that is cut off in a transaction keeps the others from writing for seconds only", async () => {
  const { store, proxy, place } = await openBoth();
  const room = await roomIn(store);
  const beside = await openPostgresStore({ url: place, busyTimeoutMs: 12_000 });
  onTestFinished(() => beside.close());
  proxy.silentBeforeAnswer = "BEGIN";
  const cutOff = post(store, room);
  // It fails with the connection.
  cutOff.catch(() => {});
  await until(() => proxy.isSilent);
  expect((await post(beside, room)).outcome).toBe("appended");
  proxy.cutAll();
});

test("a change of another store is learned of after the connection that listens was lost", async () => {
  const { store, proxy, beside } = await openBoth();
  const room = await roomIn(store);
  proxy.goAway();
  await until(async () => (await beside.rooms.find(room)) !== undefined);
  await beside.rooms.change({ room, changes: { title: "Meanwhile" }, by: ALICE });
  proxy.comeBack();
  await until(async () => (await store.rooms.find(room))?.title === "Meanwhile");
});
