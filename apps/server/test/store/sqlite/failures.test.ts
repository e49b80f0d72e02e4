import { execFileSync } from "node:child_process";
import { chmod, readFile, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, test } from "vitest";
import { closePermissions } from "../../../src/store/sqlite/database-files.ts";
import { inspectSqlite } from "../../../src/store/sqlite/maintenance/inspect.ts";
import { SCHEMA_VERSION } from "../../../src/store/sqlite/migrations/migrate-schema.ts";
import { lockForServer } from "../../../src/store/sqlite/server-lock.ts";
import { migrate, openSqliteStore, renewEpoch } from "../../../src/store/sqlite/sqlite-store.ts";
import { childFor } from "../support/child-process.ts";
import { post, roomIn, tempFile, tempFolder, tempStore, until } from "../support/temp-store.ts";
import { expectWholeLog } from "../support/whole-log.ts";

describe("opening", () => {
  test("creates a missing folder and file for their owner alone", async () => {
    const folder = join(await tempFolder(), "a", "b");
    const file = join(folder, "chat.db");
    const store = await tempStore({ file });
    await roomIn(store);
    for (const path of [folder, file, `${file}-wal`, `${file}-shm`]) {
      expect((await stat(path)).mode & 0o077, path).toBe(0);
    }
  });

  test("rejects a database of a newer version, and leaves it unchanged", async () => {
    const file = await tempFile();
    await migrate({ file });
    const raw = new DatabaseSync(file);
    raw.prepare("update meta set value = '999' where key = 'schema'").run();
    raw.close();
    await expect(openSqliteStore({ file })).rejects.toMatchObject({
      code: "newer",
      message: expect.stringMatching(/schema 999.*run the newer version/s),
    });
    expect(inspectSqlite(file)).toMatchObject({ schema: 999, damage: [] });
  });

  test("rejects a file that is not a database, and leaves it unchanged", async () => {
    const file = await tempFile();
    await writeFile(file, "these are notes, not a database\n".repeat(100));
    await expect(openSqliteStore({ file })).rejects.toMatchObject({ code: "corrupt" });
    expect(await readFile(file, "utf8")).toContain("these are notes");
  });

  test("rejects a folder in place of the file", async () => {
    await expect(openSqliteStore({ file: await tempFolder() })).rejects.toMatchObject({
      code: "cannot-open",
      message: expect.stringContaining("EISDIR"),
    });
  });

  test("rejects a folder that cannot be created", async () => {
    const file = await tempFile();
    await writeFile(file, "");
    const below = join(file, "sub", "chat.db");
    await expect(openSqliteStore({ file: below })).rejects.toMatchObject({
      code: "cannot-open",
      message: expect.stringContaining("ENOTDIR"),
    });
  });

  test
    .skipIf(process.platform !== "linux")
    .each([
      "/proc/chat/chat.db",
      "/proc/chat.db",
      "/proc/self/a/b/c/chat.db",
      "/proc/self/fd/chat.db",
      "/proc/sys/chat/chat.db",
      "/proc/1/chat.db",
      "/sys/chat/chat.db",
      "/sys/kernel/a/b/chat.db",
      "/dev/full",
      "/dev/null",
      "/dev/zero",
      "/dev/full/chat.db",
      "/dev/null/a/chat.db",
    ])("rejects a path that is not on a disk at once, and says what to change: %s (Linux)", async (file) => {
    await expect(openSqliteStore({ file })).rejects.toMatchObject({
      code: "cannot-open",
      message: expect.stringMatching(/cannot create the database .* Set DATA_DIR to a folder on a disk/),
    });
  });

  test.skipIf(process.platform === "win32")("rejects a pipe, which would wait for its other end", async () => {
    const file = await tempFile();
    execFileSync("mkfifo", [file]);
    await expect(openSqliteStore({ file })).rejects.toMatchObject({ code: "cannot-open" });
  });

  test
    .skipIf(process.platform === "win32")
    .each([0o644, 0o666, 0o640, 0o660, 0o604, 0o777, 0o755, 0o622, 0o611, 0o620])(
    "closes the permissions of an existing database that others can open: %o",
    async (mode) => {
      const file = await tempFile();
      await migrate({ file });
      await chmod(file, mode);
      await writeFile(`${file}-wal`, "");
      await chmod(`${file}-wal`, mode);
      const text = mode.toString(8);
      expect(await closePermissions(file)).toEqual([
        { file, mode: text },
        { file: `${file}-wal`, mode: text },
      ]);
      expect((await stat(file)).mode & 0o777).toBe(mode & 0o700);
      expect(await closePermissions(file)).toEqual([]);
    },
  );

  test.skipIf(process.getuid?.() === 0).each([
    ["", 0o400],
    ["", 0],
    [".server-lock", 0o400],
    [".server-lock", 0],
    ["/..", 0o500],
  ])(
    "rejects what is not writable, and says whose it has to be (root can write to every file): %j",
    async (path, mode) => {
      const file = await tempFile();
      await migrate({ file });
      await (await lockForServer(file, { shared: false })).release();
      const denied = path === "/.." ? dirname(file) : `${file}${path}`;
      await chmod(denied, mode);
      await expect(lockForServer(file, { shared: false })).rejects.toMatchObject({
        code: "cannot-open",
        message: expect.stringMatching(/cannot open .* for writing: .*to the account that runs the server/),
      });
      await chmod(denied, 0o700);
    },
  );

  test.each([
    ["a letter", "x"],
    ["a line", "junk\n"],
    ["zeros", "\0".repeat(600)],
    ["the first bytes of a database", "SQLite format 3"],
    ["notes", "# notes\n".repeat(100)],
    ["other characters", "\u{1F512}".repeat(200)],
  ])("does not call the database damaged when the file of the lock holds %s", async (_name, content) => {
    const file = await tempFile();
    await migrate({ file });
    await writeFile(`${file}.server-lock`, content);
    const refused = await lockForServer(file, { shared: true, waitMs: 1 }).then(
      (lock) => lock.release(),
      (error: unknown) => error,
    );
    // SQLite takes some of these for an empty file, which does no harm.
    if (refused !== undefined) {
      expect(refused).toMatchObject({
        code: "cannot-open",
        message: expect.stringMatching(/expected an empty file at .*\.server-lock.*remove this one/),
      });
      await rm(`${file}.server-lock`);
    }
    await (await lockForServer(file, { shared: false })).release();
  });

  test.each([
    ["file", { file: "" }],
    ["file", { file: ":memory:" }],
    ["maxQueuedCalls", { maxQueuedCalls: 0 }],
    ["maxBatchSize", { maxBatchSize: 1.5 }],
    ["pollIntervalMs", { pollIntervalMs: Number.NaN }],
  ])("names an invalid %s", async (name, options) => {
    await expect(openSqliteStore({ file: await tempFile(), ...options })).rejects.toThrow(
      name === "file" ? "path" : name,
    );
  });

  test("opens a database again without migrating it, with its epoch and rooms", async () => {
    const file = await tempFile();
    expect(await migrate({ file })).toEqual({ from: 0, to: SCHEMA_VERSION });
    expect(await migrate({ file })).toEqual({ from: SCHEMA_VERSION, to: SCHEMA_VERSION });
    const first = await openSqliteStore({ file });
    const room = await roomIn(first);
    await first.close();
    const second = await tempStore({ file });
    expect(second.epoch).toBe(first.epoch);
    expect((await second.rooms.list()).map(({ id }) => id)).toEqual([room]);
  });

  test("gives a restored database a new epoch", async () => {
    const file = await tempFile();
    const before = await openSqliteStore({ file });
    await before.close();
    const renewed = await renewEpoch({ file });
    expect(renewed).not.toBe(before.epoch);
    expect((await tempStore({ file })).epoch).toBe(renewed);
  });
});

describe("inspecting", () => {
  test("distinguishes a missing file, an empty one and an intact one, and changes none", async () => {
    const file = await tempFile();
    expect(inspectSqlite(file)).toEqual({ found: "nothing" });
    await writeFile(file, "");
    expect(inspectSqlite(file)).toMatchObject({ found: "database", schema: 0, damage: [], bytes: 0 });
    expect((await stat(file)).size).toBe(0);
    await migrate({ file });
    expect(inspectSqlite(file)).toMatchObject({
      found: "database",
      schema: SCHEMA_VERSION,
      supportedSchema: SCHEMA_VERSION,
      damage: [],
    });
  });

  test("finds damage", async () => {
    const file = await tempFile();
    const store = await openSqliteStore({ file });
    const room = await roomIn(store);
    await Promise.all(Array.from({ length: 200 }, () => post(store, room, "x".repeat(500))));
    await store.close();
    const bytes = await readFile(file);
    bytes.fill(0xff, 4096 * 3, 4096 * 20);
    await writeFile(file, bytes);
    const inspected = inspectSqlite(file);
    expect(inspected.found === "database" && inspected.damage.length).toBeGreaterThan(0);
  });
});

test("a damaged page, wherever it is, never leads to the advice to restart", async () => {
  const file = await tempFile();
  const store = await openSqliteStore({ file });
  const room = await roomIn(store);
  await Promise.all(Array.from({ length: 200 }, () => post(store, room, "x".repeat(500))));
  await store.close();
  const intact = await readFile(file);
  const pages = intact.length / 4096;
  const advice: string[] = [];
  for (let page = 0; page < pages; page += Math.ceil(pages / 8)) {
    const bytes = Buffer.from(intact);
    bytes.fill(0xff, 4096 * page, 4096 * (page + 1));
    const damaged = await tempFile();
    await writeFile(damaged, bytes);
    try {
      const opened = await openSqliteStore({ file: damaged });
      const attempts = await Promise.allSettled([
        post(opened, room),
        opened.messages.readHistory({ room, limit: 100 }),
        opened.check(),
      ]);
      for (const attempt of attempts) if (attempt.status === "rejected") advice.push(String(attempt.reason));
      await opened.close();
    } catch (error) {
      advice.push(String(error));
    }
  }
  expect(advice).not.toEqual([]);
  for (const message of advice)
    expect(message).toMatch(/stop the server, run `multichat doctor`, and restore a backup/);
});

describe("limits", () => {
  test("a full queue rejects at once, and queued calls are completed", async () => {
    const store = await tempStore({ maxQueuedCalls: 10 });
    const room = await roomIn(store);
    const settled = await Promise.allSettled(Array.from({ length: 15 }, () => post(store, room)));
    // `post` finds the room in memory, so all of them call the writer in the same turn.
    const rejected = settled.filter(({ status }) => status === "rejected");
    expect(rejected).toHaveLength(5);
    for (const rejection of rejected) expect(rejection).toMatchObject({ reason: { code: "busy", isTransient: true } });
    await expectWholeLog(store, room, []);
    expect((await store.rooms.find(room))?.lastSeq).toBe(11);
    expect((await post(store, room)).outcome).toBe("appended");
  });

  test("a call waits for another process's lock, and is then rejected as busy", async () => {
    const file = await tempFile();
    const store = await tempStore({ file, busyTimeoutMs: 50 });
    const room = await roomIn(store);
    const other = new DatabaseSync(file);
    other.exec("begin immediate");
    await expect(post(store, room)).rejects.toMatchObject({ code: "busy", isTransient: true });
    await expect(store.check()).rejects.toMatchObject({ code: "busy" });
    expect((await store.messages.readHistory({ room, limit: 10 })).messages, "reads continue").toEqual([]);
    other.exec("rollback");
    other.close();
    expect((await post(store, room)).outcome).toBe("appended");
    await store.check();
  });

  test("closing completes pending calls, and later ones are rejected", async () => {
    const file = await tempFile();
    const store = await openSqliteStore({ file });
    const room = await roomIn(store);
    const appends = Promise.all(Array.from({ length: 200 }, () => post(store, room)));
    // One turn of the microtasks: the appends are sent, and none is done.
    await Promise.resolve();
    const closed = store.close();
    expect((await appends).every(({ outcome }) => outcome === "appended")).toBe(true);
    await closed;
    await store.close();
    await expect(store.settings.get()).rejects.toMatchObject({ code: "closed" });
    await expect(store.check()).rejects.toMatchObject({ code: "closed" });
    const again = await tempStore({ file });
    expect((await again.rooms.find(room))?.lastSeq).toBe(201);
  });
});

test.skipIf(process.platform !== "linux")(
  "a full disk rejects, loses no acknowledged message, and is used again once there is space (prlimit: Linux)",
  async () => {
    const file = await tempFile();
    const store = await openSqliteStore({ file });
    const room = await roomIn(store);
    await store.close();
    const child = await childFor(file);
    child.flood(room, "flooder");
    await until(() => child.acknowledged.length >= 100);
    // From now on no file can grow beyond the present size of the write-ahead log.
    const limit = (await stat(`${file}-wal`)).size;
    execFileSync("prlimit", ["--pid", String(child.pid), `--fsize=${limit}:unlimited`]);
    await until(() => child.refused.length >= 100);
    const before = child.acknowledged.length;
    execFileSync("prlimit", ["--pid", String(child.pid), "--fsize=unlimited:unlimited"]);
    await until(() => child.acknowledged.length >= before + 100);
    await child.stop();
    expect(new Set(child.refused.map((message) => message.replace(/:.*/s, "")))).toEqual(new Set(["StoreError"]));
    await child.kill();
    const after = await tempStore({ file });
    await expectWholeLog(after, room, child.acknowledged);
  },
);
