import { copyFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Author, Message } from "@multichat/protocol";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { COPIED_TABLES, LEFT_OUT_TABLES } from "../../src/store/copy/copied-tables.ts";
import { SCHEMA_VERSION as POSTGRES_SCHEMA } from "../../src/store/postgres/migrations/migrate-schema.ts";
import { SCHEMA_VERSION as SQLITE_SCHEMA } from "../../src/store/sqlite/migrations/migrate-schema.ts";
import { SqliteDatabase } from "../../src/store/sqlite/sqlite-database.ts";
import type { ChatStore, Store } from "../../src/store/store.ts";
import { POSTGRES } from "../store/support/postgres-database.ts";
import { ALICE, BOB, person, post, posted, refTo, tempFolder, until } from "../store/support/temp-store.ts";
import { SQLITE } from "../store/support/test-database.ts";
import { CliProcess } from "../support/cli-process.ts";
import { TestShell } from "./test-terminal.ts";

/** More than two pages of rows that are read at once. */
const MESSAGES = 1_100;

let source: string;
beforeAll(async () => {
  source = await SQLITE.create();
  await fill();
});
afterAll(() => SQLITE.remove(source));

/** Creates a chat with rows in every table. */
async function fill(): Promise<void> {
  const store = await SQLITE.open(source);
  const [admin, carol] = [await person(store, "admin"), await person(store, "Carol")];
  const { room } = await store.rooms.create({ title: "General ✓", by: admin });
  const { room: quiet } = await store.rooms.create({ title: "Slow", by: admin, private: true });
  await store.rooms.create({ title: "Empty", by: null });
  const first = await posted(store, room.id, "the first, with ünïcode, 日本語 and 👍");
  await Promise.all(Array.from({ length: MESSAGES }, (_, n) => post(store, room.id, `number ${n}`, BOB)));
  await post(store, quiet.id, "@admin look");
  const ref = await refTo(store, first);
  await store.messages.edit({ ref, by: ALICE, body: "the first, edited", canMentionAll: false });
  await store.messages.setReaction({ ref, by: carol, emoji: "👍", present: true });
  await store.messages.setPinned({ ref, by: admin, pinned: true });
  const deleted = await posted(store, room.id, "soon gone");
  await store.messages.delete({ ref: await refTo(store, deleted), by: ALICE });
  await store.messages.delete({ ref: await refTo(store, await postedFile(store, room.id, "gone")), by: ALICE });
  await postedFile(store, room.id, "beach");
  await store.markers.move({ user: carol.id, room: room.id, seq: 5 });
  await store.preferences.set({ user: carol.id, room: room.id, notify: "mentions", starred: true });
  await invite(store, carol);
  await store.audit.append({
    action: "settings.change",
    outcome: "success",
    actor: null,
    target: null,
    address: "192.0.2.1",
    request: null,
    details: { title: "ä" },
  });
  await store.settings.update({ roomCreators: "everybody" });
  await store.close();
}

async function invite({ people }: ChatStore, person: Author): Promise<void> {
  const by = { actor: null, address: null, request: null };
  const tokenHash = "hash of an invitation";
  const invitation = { id: "i1", tokenHash, createdBy: null, expiresAt: null, maxUses: 2, staff: false, rooms: [] };
  await people.createInvitation({ ...invitation, by });
  const guest = { id: "guest", username: "guest", email: "guest@nobody.invalid", password: "hash" };
  await people.acceptInvitation({ tokenHash, person: guest, rooms: [], by });
  await people.createResetLink({ user: person.id, tokenHash: "hash of a link", expiresAt: 1, by });
}

async function postedFile(store: Store, room: string, name: string): Promise<Message> {
  await store.files.add({
    id: name,
    room,
    author: ALICE.id,
    client_id: name,
    hash: `hash of ${name}`,
    key: `key of ${name}`,
    name: `${name}.jpg`,
    type: "image/jpeg",
    bytes: 3_000_000_000,
    width: 40,
    height: 30,
    maxAuthorBytes: null,
    maxTotalBytes: null,
  });
  const accessVersion = (await store.rooms.find(room))?.accessVersion ?? 0;
  const message = { room, accessVersion, author: ALICE, clientId: `with ${name}`, kind: "message", body: "" } as const;
  const appended = await store.messages.append({ ...message, files: [name] });
  if (appended.outcome !== "appended") throw new Error(`expected a message, got ${appended.outcome}`);
  return appended.message;
}

interface CopyOutput {
  readonly equal: boolean;
  readonly resumed: boolean;
  readonly differences: readonly string[];
  readonly source: { readonly tables: Record<string, { rows: number }>; readonly rooms: Record<string, unknown> };
}

/** A Postgres schema that is removed after the test. */
async function newTarget(): Promise<string> {
  const url = await POSTGRES.create();
  onTestFinished(() => POSTGRES.remove(url));
  return url;
}

async function newSource(): Promise<string> {
  const file = join(await tempFolder(), "source.db");
  await copyFile(source, file);
  return file;
}

async function migrate(
  from: string,
  to: string,
): Promise<{ code: number; stderr: string; output: CopyOutput | undefined }> {
  await using shell = await TestShell.open();
  const { code, stdout, stderr } = await shell.run(["migrate-database", "--from", from, "--to", to, "--json"]);
  return { code, stderr, output: stdout === "" ? undefined : JSON.parse(stdout) };
}

test("a chat is the same after it was copied to Postgres and back, and goes on there", async () => {
  const [postgres, folder] = [await newTarget(), await tempFolder()];
  const there = await migrate(`sqlite:${source}`, postgres);
  expect([there.code, there.stderr]).toEqual([0, ""]);
  const tables = there.output?.source.tables ?? {};
  expect(tables).toMatchObject({
    message: { rows: MESSAGES + 5 },
    file: { rows: 1 },
    file_removal: { rows: 1 },
    user: { rows: 3 },
    room: { rows: 3 },
  });
  // What this chat has nothing of is in the other tests of the contract.
  const empty = Object.keys(tables).filter((table) => tables[table]?.rows === 0);
  expect(empty).toEqual(["session", "verification", "departure", "slow_mode_post", "idempotency_key"]);

  const original = await SQLITE.open(source);
  const copied = await POSTGRES.open(postgres);
  expect(copied.epoch).toBe(original.epoch);
  const [room] = await copied.rooms.list();
  const page = { room: room?.id ?? "", limit: 50 };
  expect(await copied.rooms.list()).toEqual(await original.rooms.list());
  expect(await copied.messages.readHistory(page)).toEqual(await original.messages.readHistory(page));
  // The log goes on from its head, with the entry of the copy.
  const { entries, head } = await original.audit.verify({});
  const { damage, entries: copiedEntries } = await copied.audit.verify({ expectedHead: head ?? "" });
  expect([damage, copiedEntries]).toEqual([undefined, entries + 1]);
  const [newest] = await copied.audit.read({ limit: 1 });
  expect(newest).toMatchObject({
    action: "database.copy",
    outcome: "success",
    actor: { id: "operator" },
    target: expect.stringMatching(/^PostgreSQL /),
    details: { from: source, rows: Object.values(tables).reduce((sum, { rows }) => sum + rows, 0) },
  });
  await original.close();
  const lastSeq = room?.lastSeq ?? 0;
  expect(await posted(copied, room?.id ?? "", "goes on")).toMatchObject({ seq: lastSeq + 1 });
  await copied.close();

  const back = join(folder, "back.db");
  const again = await migrate(postgres, `sqlite:${back}`);
  expect([again.code, again.stderr]).toEqual([0, ""]);
  expect(again.output?.source.tables.message?.rows).toBe(MESSAGES + 6);
  const store = await SQLITE.open(back);
  expect(await posted(store, room?.id ?? "", "and on")).toMatchObject({ seq: lastSeq + 2 });
  await store.close();
});

describe("a copy that was killed goes on where it was", () => {
  test("to Postgres", async () => {
    const postgres = await newTarget();
    await (await POSTGRES.open(postgres)).close();
    await expectResumed(postgres, "share", ["--from", `sqlite:${source}`, "--to", postgres]);
    const store = await POSTGRES.open(postgres);
    expect(await store.rooms.list()).toHaveLength(3);
    await store.close();
  });

  test("from Postgres", async () => {
    const [postgres, folder] = [await newTarget(), await tempFolder()];
    expect((await migrate(`sqlite:${source}`, postgres)).code).toBe(0);
    await expectResumed(postgres, "access exclusive", ["--from", postgres, "--to", `sqlite:${folder}/target.db`]);
  });

  /** Kills a copy while it waits to write or to read the table of events, after it has copied the messages. */
  async function expectResumed(postgres: string, mode: string, args: readonly string[]): Promise<void> {
    const holder = new Client(postgres);
    await holder.connect();
    await holder.query("begin");
    await holder.query(`lock table event in ${mode} mode`);
    const env = { DATA_DIR: await tempFolder() };
    const copy = new CliProcess(["migrate-database", ...args], env);
    const waiting = "select from pg_locks where not granted and relation = 'event'::regclass";
    await until(async () => (await POSTGRES.execute(postgres, waiting)).length > 0);
    await copy.end("SIGKILL");
    await holder.end();
    const to = args[3] ?? "";
    const isPostgres = to.startsWith("postgres");
    const file = to.replace("sqlite:", "");
    const database = isPostgres ? POSTGRES : SQLITE;
    await expect(database.open(isPostgres ? to : file)).rejects.toMatchObject({
      code: "cannot-open",
      message: expect.stringMatching(/not finished.*run the same command again/),
    });
    const resumed = await migrate(args[1] ?? "", to);
    expect([resumed.code, resumed.stderr]).toEqual([0, ""]);
    expect(resumed.output).toMatchObject({ equal: true, resumed: true, differences: [] });
  }
});

describe("a worker or command that writes meanwhile", () => {
  test("is refused on SQLite, or refuses the copy where it has the database already", async () => {
    const [postgres, from] = [await newTarget(), await newSource()];
    await (await POSTGRES.open(postgres)).close();
    const store = await SQLITE.open(from);
    const refused = await migrate(`sqlite:${from}`, postgres);
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringMatching(/stop every server and worker/)]);
    await store.close();
    await whileCopying(postgres, "share", ["--from", `sqlite:${from}`, "--to", postgres], () => {
      const command = new SqliteDatabase(from, { busyTimeoutMs: 0 });
      expect(() => command.exec("begin immediate")).toThrow(/locked/);
      command.close();
    });
  });

  test("waits on Postgres", async () => {
    const [postgres, folder] = [await newTarget(), await tempFolder()];
    expect((await migrate(`sqlite:${source}`, postgres)).code).toBe(0);
    const store = await POSTGRES.open(postgres);
    const [room] = await store.rooms.list();
    let posting: Promise<unknown> | undefined;
    await whileCopying(
      postgres,
      "access exclusive",
      ["--from", postgres, "--to", `sqlite:${folder}/target.db`],
      async () => {
        // Waits for the end of the copy, or gives up.
        posting = posted(store, room?.id ?? "", "meanwhile").catch((error: unknown) => {
          expect(error).toMatchObject({ code: "busy" });
        });
        const fenced = "select from pg_locks where not granted and locktype = 'advisory'";
        await until(async () => (await POSTGRES.execute(postgres, fenced)).length > 0);
      },
    );
    await posting;
    await store.close();
  });

  /** Runs some work while a copy waits for the table of events, and lets the copy end. */
  async function whileCopying(
    postgres: string,
    mode: string,
    args: readonly string[],
    work: () => void | Promise<void>,
  ): Promise<void> {
    const holder = new Client(postgres);
    await holder.connect();
    await holder.query("begin");
    await holder.query(`lock table event in ${mode} mode`);
    const copy = new CliProcess(["migrate-database", ...args], { DATA_DIR: await tempFolder() });
    const waiting = "select from pg_locks where not granted and relation = 'event'::regclass";
    await until(async () => (await POSTGRES.execute(postgres, waiting)).length > 0);
    try {
      await work();
    } finally {
      await holder.end();
    }
    expect(await copy.finished()).toBe(0);
  }
});

test("a copy that is not equal fails, says where, and is not opened", async () => {
  const [postgres, from] = [await newTarget(), await newSource()];
  await (await POSTGRES.open(postgres)).close();
  const stopFailing = await POSTGRES.failInserts(postgres, { table: "audit" });
  const failed = await migrate(`sqlite:${from}`, postgres);
  expect([failed.code, failed.stderr]).toEqual([1, expect.stringContaining("injected")]);
  await stopFailing();
  await POSTGRES.execute(postgres, "update message set body = 'another' where n = 7");
  await POSTGRES.execute(postgres, "delete from mention");
  const { code, stderr, output } = await migrate(`sqlite:${from}`, postgres);
  expect(code).toBe(1);
  expect(output?.equal).toBe(false);
  const room = Object.keys(output?.source.rooms ?? {}).find((id) =>
    output?.differences.includes(`room ${id}: messages`),
  );
  expect(output?.differences).toEqual(["table message", `room ${room}: messages`]);
  expect(stderr).toContain("table message");
  await expect(POSTGRES.open(postgres)).rejects.toMatchObject({ code: "cannot-open" });
});

test("a copy is refused where it would mix or lose something", async () => {
  const [postgres, from] = [await newTarget(), await newSource()];
  const stopFailing = await (async () => {
    await (await POSTGRES.open(postgres)).close();
    return POSTGRES.failInserts(postgres, { table: "audit" });
  })();
  expect((await migrate(`sqlite:${from}`, postgres)).code).toBe(1);
  await stopFailing();
  const store = await SQLITE.open(from);
  const [room] = await store.rooms.list();
  await post(store, room?.id ?? "");
  await store.close();
  const changed = await migrate(`sqlite:${from}`, postgres);
  expect([changed.code, changed.stderr]).toEqual([1, expect.stringContaining("has changed since")]);

  const full = join(await tempFolder(), "full.db");
  await copyFile(source, full);
  const [damaged, notes] = [join(await tempFolder(), "damaged.db"), join(await tempFolder(), "notes.db")];
  const bytes = await readFile(source);
  await writeFile(damaged, bytes.fill(0x55, 8_192, 24_576));
  await writeFile(notes, "no database");
  for (const [places, reason] of [
    [[`sqlite:${source}`, `sqlite:${full}`], /expected an empty database/],
    [[`sqlite:${source}`, `sqlite:${source}`], /the same one/],
    [[`sqlite:${damaged}`, `sqlite:${full}.new`], /damaged/],
    [[`sqlite:${notes}`, `sqlite:${full}.new`], /damaged|not a database/],
    [[`sqlite:${full}.missing`, `sqlite:${full}.new`], /found none/],
    [[await newTarget(), `sqlite:${full}.new`], /it has no chat/],
  ] as const) {
    const [from = "", to = ""] = places;
    const refused = await migrate(from, to);
    expect([places, refused.code, refused.stderr]).toEqual([places, 1, expect.stringMatching(reason)]);
  }
});

test("every table is copied or left out on purpose, and both databases have the same schema number", async () => {
  expect(POSTGRES_SCHEMA).toBe(SQLITE_SCHEMA);
  const named = [...COPIED_TABLES.map(({ name }) => name), ...LEFT_OUT_TABLES, "meta"].sort();
  const isOurs = (name: string) => !name.startsWith("sqlite_");
  expect((await SQLITE.tables(source)).filter(isOurs).sort()).toEqual(named);
  const postgres = await newTarget();
  await (await POSTGRES.open(postgres)).close();
  expect([...(await POSTGRES.tables(postgres))].sort()).toEqual(named);
});
