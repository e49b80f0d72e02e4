import { execFileSync } from "node:child_process";
import { chmod, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import Database from "better-sqlite3";
import { describe, expect, test } from "vitest";
import { inspectSqlite } from "../../src/store/sqlite/maintenance/inspect.ts";
import { SCHEMA_VERSION } from "../../src/store/sqlite/migrations/migrate-schema.ts";
import { migrate, openSqliteStore, renewEpoch } from "../../src/store/sqlite/sqlite-store.ts";
import { childFor } from "./child-process.ts";
import { post, roomIn, tempFile, tempFolder, tempStore, until } from "./temp-store.ts";
import { expectWholeLog } from "./whole-log.ts";

describe("opening", () => {
  test("a missing folder and file are made, and nobody else may read them", async () => {
    const folder = join(await tempFolder(), "a", "b");
    const file = join(folder, "chat.db");
    const store = await tempStore({ file });
    await roomIn(store);
    for (const path of [folder, file, `${file}-wal`, `${file}-shm`]) {
      expect((await stat(path)).mode & 0o077, path).toBe(0);
    }
  });

  test("a database of a newer version is refused and left as it was", async () => {
    const file = await tempFile();
    await migrate({ file });
    const raw = new Database(file);
    raw.prepare("update meta set value = '999' where key = 'schema'").run();
    raw.close();
    await expect(openSqliteStore({ file })).rejects.toMatchObject({
      code: "newer",
      message: expect.stringMatching(/schema 999.*run the newer version/s),
    });
    expect(inspectSqlite(file)).toMatchObject({ schema: 999, damage: [] });
  });

  test("a file that is no database is refused and left as it was", async () => {
    const file = await tempFile();
    await writeFile(file, "these are notes, not a database\n".repeat(100));
    await expect(openSqliteStore({ file })).rejects.toMatchObject({ code: "corrupt" });
    expect(await readFile(file, "utf8")).toContain("these are notes");
  });

  test("a folder in the file's place is refused", async () => {
    await expect(openSqliteStore({ file: await tempFolder() })).rejects.toMatchObject({
      code: "cannot-open",
      message: expect.stringContaining("EISDIR"),
    });
  });

  test("a folder that cannot be made is refused", async () => {
    const file = await tempFile();
    await writeFile(file, "");
    const below = join(file, "sub", "chat.db");
    await expect(openSqliteStore({ file: below })).rejects.toMatchObject({
      code: "cannot-open",
      message: expect.stringContaining("ENOTDIR"),
    });
  });

  test.skipIf(process.getuid?.() === 0)(
    "a file that may not be written to is refused (root may write to it)",
    async () => {
      const file = await tempFile();
      await migrate({ file });
      await chmod(file, 0o400);
      await expect(openSqliteStore({ file })).rejects.toMatchObject({ code: "cannot-open" });
    },
  );

  test.each([
    ["file", { file: "" }],
    ["file", { file: ":memory:" }],
    ["maxQueuedCalls", { maxQueuedCalls: 0 }],
    ["maxBatchSize", { maxBatchSize: 1.5 }],
    ["pollIntervalMs", { pollIntervalMs: Number.NaN }],
  ])("a wrong %s is named", async (name, options) => {
    await expect(openSqliteStore({ file: await tempFile(), ...options })).rejects.toThrow(
      name === "file" ? "path" : name,
    );
  });

  test("a second opening migrates nothing, keeps the epoch and the rooms", async () => {
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

  test("a restored database gets a new epoch", async () => {
    const file = await tempFile();
    const before = await openSqliteStore({ file });
    await before.close();
    const renewed = await renewEpoch({ file });
    expect(renewed).not.toBe(before.epoch);
    expect((await tempStore({ file })).epoch).toBe(renewed);
  });
});

describe("inspecting", () => {
  test("tells a missing file, an empty one and a whole one apart, and changes none", async () => {
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

describe("limits", () => {
  test("a full queue refuses at once, and what was taken is done", async () => {
    const store = await tempStore({ maxQueuedCalls: 10 });
    const room = await roomIn(store);
    const settled = await Promise.allSettled(Array.from({ length: 15 }, () => post(store, room)));
    // `post` looks the room up first, in memory; each then asks the writer in the same turn.
    const refused = settled.filter(({ status }) => status === "rejected");
    expect(refused).toHaveLength(5);
    for (const refusal of refused) expect(refusal).toMatchObject({ reason: { code: "busy", isTransient: true } });
    await expectWholeLog(store, room, []);
    expect((await store.rooms.find(room))?.lastSeq).toBe(11);
    expect((await post(store, room)).outcome).toBe("appended");
  });

  test("another process's lock is waited for, and then refused as busy", async () => {
    const file = await tempFile();
    const store = await tempStore({ file, busyTimeoutMs: 50 });
    const room = await roomIn(store);
    const other = new Database(file);
    other.exec("begin immediate");
    await expect(post(store, room)).rejects.toMatchObject({ code: "busy", isTransient: true });
    await expect(store.check()).rejects.toMatchObject({ code: "busy" });
    expect((await store.messages.readHistory({ room, limit: 10 })).messages, "reads go on").toEqual([]);
    other.exec("rollback");
    other.close();
    expect((await post(store, room)).outcome).toBe("appended");
    await store.check();
  });

  test("closing finishes what was asked, then nothing can be asked", async () => {
    const file = await tempFile();
    const store = await openSqliteStore({ file });
    const room = await roomIn(store);
    const asked = Promise.all(Array.from({ length: 200 }, () => post(store, room)));
    // One turn of the microtasks: the appends have been asked for, none is done.
    await Promise.resolve();
    const closed = store.close();
    expect((await asked).every(({ outcome }) => outcome === "appended")).toBe(true);
    await closed;
    await store.close();
    await expect(store.settings.get()).rejects.toMatchObject({ code: "closed" });
    await expect(store.check()).rejects.toMatchObject({ code: "closed" });
    const again = await tempStore({ file });
    expect((await again.rooms.find(room))?.lastSeq).toBe(201);
  });
});

test.skipIf(process.platform !== "linux")(
  "a disk that takes no more rejects, loses nothing that was acknowledged, and is used again when it does (prlimit: Linux)",
  async () => {
    const file = await tempFile();
    const store = await openSqliteStore({ file });
    const room = await roomIn(store);
    await store.close();
    const child = await childFor(file);
    child.flood(room, "flooder");
    await until(() => child.acknowledged.length >= 100);
    // From now on no file may grow beyond what the write-ahead log has already.
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
