import { randomUUID } from "node:crypto";
import { Client } from "pg";
import { expect, onTestFinished, test } from "vitest";
import { ConnectionSlot } from "../../../src/store/postgres/connection-slot.ts";
import { lockNumber } from "../../../src/store/postgres/database-locks.ts";
import { inspectPostgres } from "../../../src/store/postgres/maintenance.ts";
import { openConnection } from "../../../src/store/postgres/open-database.ts";
import { resolveOptions } from "../../../src/store/postgres/options.ts";
import { openPostgresStore } from "../../../src/store/postgres/postgres-store.ts";
import { textSearchIndex } from "../../../src/store/postgres/text-search-index.ts";
import { CutProxy } from "../support/cut-proxy.ts";
import { inSchema, POSTGRES, postgresUrl } from "../support/postgres-database.ts";
import { newPlace, openStore, post, roomIn, until } from "../support/temp-store.ts";
import { chooseDatabase } from "../support/test-database.ts";

chooseDatabase(POSTGRES);

async function openThroughProxy(options: {
  busyTimeoutMs: number;
  statementTimeoutMs?: number;
  maxQueuedCalls?: number;
}) {
  const place = await newPlace();
  const proxy = await CutProxy.start(new URL(postgresUrl()));
  onTestFinished(() => proxy.stop());
  const store = await openPostgresStore({ url: proxy.through(place), pollIntervalMs: 20, ...options });
  onTestFinished(() => store.close());
  return { store, proxy, place };
}

/** Adds settings of the session to those of a URL. */
function withSettings(url: string, settings: string): string {
  const located = new URL(url);
  located.searchParams.set("options", `${located.searchParams.get("options")} ${settings}`);
  return located.href.replaceAll("+", "%20");
}

test("a store is closed whose database has disappeared", async () => {
  const { store, proxy } = await openThroughProxy({ busyTimeoutMs: 1_000 });
  await roomIn(store);
  proxy.goSilent();
  await store.close();
});

test("calls to a database that has disappeared are refused, and a bounded number of them waits", async () => {
  const options = { busyTimeoutMs: 1_000, statementTimeoutMs: 1_000, maxQueuedCalls: 10 };
  const { store, proxy } = await openThroughProxy(options);
  const room = await roomIn(store);
  proxy.goSilent();
  // Waits for an answer from here on.
  store.changes.poll();
  const reads = Array.from({ length: 50 }, (_, i) => store.messages.find({ room, message: `${i}`, viewer: "a" }));
  const reasons = (await Promise.allSettled(reads)).map((each) => (each.status === "rejected" ? each.reason : each));
  for (const reason of reasons) expect(reason).toMatchObject({ name: "StoreError", isTransient: true });
  const refused = reasons.filter(({ message }) => /at most 10 waiting calls/.test(message));
  expect(refused.length).toBeGreaterThanOrEqual(reads.length - 10 - 4);
});

test("no more reads wait than may while the changes of others are read", async () => {
  const { store, place } = await openThroughProxy({ busyTimeoutMs: 60_000, maxQueuedCalls: 10 });
  const room = await roomIn(store);
  const other = new Client(place);
  await other.connect();
  onTestFinished(() => other.end());
  await other.query("begin; lock table change in access exclusive mode");
  const isWaiting = async (): Promise<boolean> => {
    const { rowCount } = await other.query("select from pg_locks where not granted and relation = 'change'::regclass");
    return rowCount === 1;
  };
  await until(isWaiting);
  const reads = Array.from({ length: 11 }, (_, i) => store.messages.find({ room, message: `${i}`, viewer: "a" }));
  await expect(reads[10]).rejects.toMatchObject({ code: "busy", message: expect.stringMatching(/at most 10/) });
  expect(await isWaiting(), "they still wait").toBe(true);
  await other.query("rollback");
  await Promise.all(reads.slice(0, 10));
});

test.each([
  ["the writers' lock", "select pg_advisory_xact_lock($1::bigint)"],
  ["the lock of a row", "select $1::bigint from room for update"],
])("a transaction that does not get %s in time is not tried again", async (_, statement) => {
  const { store, proxy, place } = await openThroughProxy({ busyTimeoutMs: 500 });
  const room = await roomIn(store);
  const other = new Client(place);
  await other.connect();
  onTestFinished(() => other.end());
  const run = async (sql: string, values: readonly unknown[] = []) => {
    const { command, rowCount, rows } = await other.query(sql, [...values]);
    return { command, rowCount, rows };
  };
  await run("begin");
  await run(statement, [await lockNumber({ run }, "write")]);
  const before = proxy.countSent("begin\0");
  await expect(post(store, room)).rejects.toMatchObject({
    code: "busy",
    message: expect.stringMatching(/lock timeout/),
  });
  expect(proxy.countSent("begin\0") - before).toBe(1);
});

test("a pooler can take the connections: nothing is asked for at their start that it would refuse", async () => {
  const { proxy } = await openThroughProxy({ busyTimeoutMs: 1_000 });
  // With the NUL of a parameter of the start.
  for (const name of ["statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"]) {
    expect(proxy.countSent(`${name}\0`), name).toBe(0);
  }
});

test("a connection has its settings, whatever those of the database, the user and the URL are", async () => {
  const place = withSettings(
    await newPlace(),
    "-c default_transaction_isolation=serializable -c idle_session_timeout=60s -c statement_timeout=60s -c synchronous_commit=off",
  );
  const options = resolveOptions({ url: `${place}&lock_timeout=7&client_encoding=latin1` });
  for (const [role, planning, idleMs] of [
    ["writer", "auto", "0"],
    ["searcher", "force_custom_plan", "0"],
    // A machine that lost its power must not keep the lock of the server for hours.
    ["lock", "auto", "15000"],
  ] as const) {
    const slot = new ConnectionSlot(() => openConnection(options, role));
    onTestFinished(() => slot.close());
    await slot.connect();
    const { rows } = await slot.run("select name, setting from pg_settings");
    const settings = new Map((rows as { name: string; setting: string }[]).map(({ name, setting }) => [name, setting]));
    expect(settings.get("default_transaction_isolation")).toBe("read committed");
    expect(settings.get("idle_session_timeout")).toBe(idleMs);
    expect(settings.get("statement_timeout")).toBe(`${role === "searcher" ? 10_000 : 15_000}`);
    expect(settings.get("lock_timeout")).toBe("5000");
    expect(settings.get("client_encoding")).toBe("UTF8");
    expect(settings.get("synchronous_commit")).toBe("on");
    expect(settings.get("plan_cache_mode")).toBe(planning);
  }
});

test("a URL that names a file which is not there is refused with what to check", async () => {
  const url = `${await newPlace()}&sslmode=verify-full&sslrootcert=/missing.pem`;
  await expect(openPostgresStore({ url })).rejects.toMatchObject({
    code: "cannot-open",
    message: expect.stringMatching(/missing\.pem.*DATABASE_URL/),
  });
});

test("a user who cannot create the tables is refused with what to grant", async () => {
  const place = await newPlace();
  const role = `weak_${randomUUID().replaceAll("-", "")}`;
  await POSTGRES.execute(postgresUrl(), `create role ${role} login`);
  onTestFinished(async () => {
    await POSTGRES.execute(place, `drop owned by ${role}; drop role ${role}`);
  });
  await POSTGRES.execute(
    place,
    `do $$ begin execute format('grant usage on schema %I to ${role}', current_schema()); end $$`,
  );
  const url = Object.assign(new URL(place), { username: role }).href;
  await expect(inspectPostgres({ url })).rejects.toMatchObject({
    code: "readonly",
    message: expect.stringMatching(/grant create on schema/),
  });
});

test("a database that takes no writes now may take them later", async () => {
  const place = withSettings(await newPlace(), "-c default_transaction_read_only=on");
  await expect(openPostgresStore({ url: place })).rejects.toMatchObject({
    code: "unreachable",
    isTransient: true,
    message: expect.stringMatching(/primary/),
  });
});

test.each(["s".repeat(30), 'we"ird'])("a schema can have any name: %j", async (name) => {
  // As long as a name can be.
  const schema = `${name}_${randomUUID()}`.padEnd(63, "_");
  const quoted = `"${schema.replaceAll('"', '""')}"`;
  await POSTGRES.execute(postgresUrl(), `create schema ${quoted}`);
  onTestFinished(async () => {
    await POSTGRES.execute(postgresUrl(), `drop schema ${quoted} cascade`);
  });
  const place = inSchema(postgresUrl(), quoted);
  const one = await openStore({ place });
  const two = await openPostgresStore({ url: place, pollIntervalMs: 600_000 });
  onTestFinished(() => two.close());
  const room = await roomIn(one);
  // Only a notification arrives in time.
  await until(async () => (await two.rooms.find(room)) !== undefined);
});

test("words that never follow each other are candidates of a phrase, of which a limited number is read", async () => {
  const place = await newPlace();
  const store = await openStore({ place });
  const room = await roomIn(store);
  for (const body of ["of the", "the of", "of the", "of the"]) await post(store, room, body);
  const terms = [{ text: "the of", kind: "phrase" }] as const;
  await until(
    async () => (await store.search.find({ terms, rooms: [room], limit: 5, viewer: "a" }))?.found.length === 1,
  );
  const slot = new ConnectionSlot(() => openConnection(resolveOptions({ url: place }), "searcher"));
  onTestFinished(() => slot.close());
  await slot.connect();
  const candidates = await textSearchIndex.findCandidates(slot.context, {
    phrases: [{ words: ["the", "of"], isPrefix: false }],
    labels: [],
    below: Number.MAX_SAFE_INTEGER,
    limit: 3,
    filter: { rooms: [room], author: undefined, after: 0, before: Number.MAX_SAFE_INTEGER },
  });
  expect(candidates.map(({ isMatch }) => isMatch)).toEqual([false, false, true]);
});

test("an audit entry is hashed as it is stored", async () => {
  const store = await openStore();
  const texts = { target: "a\0b", address: "\0", request: "r\0" };
  const appended = await store.audit.append({
    action: "sign-in",
    outcome: "failure",
    actor: { id: "a", username: "n\0" },
    ...texts,
    details: { name: "x\0" },
  });
  const { head, damage } = await store.audit.verify({});
  expect(damage).toBeUndefined();
  expect(head).toBe(`1:${appended.hash}`);
});
