import { copyFile, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { restoreSqlite } from "../../../src/store/sqlite/maintenance/restore.ts";
import { lockForServer } from "../../../src/store/sqlite/server-lock.ts";
import { SqliteDatabase } from "../../../src/store/sqlite/sqlite-database.ts";
import { toStoreError } from "../../../src/store/sqlite/sqlite-errors.ts";
import { openSqliteStore } from "../../../src/store/sqlite/sqlite-store.ts";
import { RestoreProcess } from "../support/restore-process.ts";
import { posted, roomIn, tempFile, tempFolder } from "../support/temp-store.ts";

/** Made once: a small backup, a larger one, and a database whose latest changes are in its write-ahead log alone. */
let folder: string;
let small: string;
let large: string;
let previous: string;
const LARGE = 100;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "multichat-restore-"));
  small = await create(join(folder, "small.db"), ["small"]);
  large = await create(join(folder, "large.db"), Array(LARGE).fill("large ".repeat(100)));
  const file = join(folder, "open.db");
  const store = await openSqliteStore({ file });
  await posted(store, await roomIn(store), "previous");
  previous = join(folder, "previous.db");
  for (const suffix of ["", "-wal"]) await copyFile(`${file}${suffix}`, `${previous}${suffix}`);
  await store.close();
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function create(file: string, bodies: readonly string[]): Promise<string> {
  const store = await openSqliteStore({ file: `${file}.source` });
  const room = await roomIn(store);
  for (const body of bodies) await posted(store, room, body);
  await store.backup(file);
  await store.close();
  return file;
}

/** Copies the previous database with its log into a folder of its own. */
async function copyPrevious(): Promise<string> {
  const file = await tempFile();
  for (const suffix of ["", "-wal"]) await copyFile(`${previous}${suffix}`, `${file}${suffix}`);
  return file;
}

/** Writes a file that is no database. */
async function copyDamaged(): Promise<string> {
  const file = await tempFile();
  await writeFile(`${file}-wal`, "of another");
  await writeFile(file, "these are notes, not a database\n".repeat(1_000));
  return file;
}

function bodiesIn(file: string): string[] {
  const raw = new DatabaseSync(file);
  try {
    expect(raw.prepare("pragma integrity_check").all()).toMatchObject([{ integrity_check: "ok" }]);
    return raw
      .prepare("select body from message order by seq")
      .all()
      .map(({ body }) => String(body));
  } finally {
    raw.close();
  }
}

async function namesBeside(file: string): Promise<string[]> {
  return (await readdir(dirname(file))).map((name) => name.replace(basename(file), "DB"));
}

/** The databases that restores have moved aside. */
async function findPrevious(file: string): Promise<string[]> {
  const names = await readdir(dirname(file));
  return names.filter((name) => /\.before-[^-]*-\d\d-[^-]*Z$/.test(name)).map((name) => join(dirname(file), name));
}

/** Opens a database as the next command does. Returns what it is refused with, or the bodies of the messages. */
async function openNext(file: string): Promise<string | string[]> {
  try {
    await (await openSqliteStore({ file })).close();
  } catch (error) {
    return toStoreError(error).message;
  }
  return bodiesIn(file);
}

/** Before each change of a name; the last one makes the backup the database. */
const STEPS = ["rename DB.restored.part", "link DB", "rename DB.restored"];
const SWAP = "rename DB.restored";

describe("a restore that is killed leaves the old or the new database, and can be repeated", () => {
  test.each([
    ...STEPS.map((step) => ({ kind: "a database", createFile: copyPrevious, step })),
    { kind: "a damaged database", createFile: copyDamaged, step: SWAP },
    { kind: "none", createFile: tempFile, step: SWAP },
    { kind: "a database without hard links", createFile: copyPrevious, step: "rename DB", fault: "no links" as const },
    { kind: "a database without hard links", createFile: copyPrevious, step: SWAP, fault: "no links" as const },
  ])("in place of $kind, before $step", async ({ kind, createFile, step, ...options }) => {
    const file = await createFile();
    const restore = new RestoreProcess({ backup: small, file, ...options });
    const passed: string[] = [];
    for (;;) {
      const next = (await restore.next())?.replaceAll(basename(file), "DB");
      if (next === step) break;
      passed.push(next ?? expect.unreachable(`ended before ${step}`));
      restore.continue();
    }
    if (kind === "a database") expect(passed).toEqual(STEPS.slice(0, STEPS.indexOf(step)));
    await restore.kill();

    const found = await openNext(file);
    if (typeof found === "string") expect(found).toMatch(/Run the same multichat restore again/);
    else expect([[], ["previous"]]).toContainEqual(found);
    // The first change that leaves no single database is the last but one.
    const isReplacing = step === SWAP && kind !== "none";
    expect(typeof found === "string").toBe(isReplacing);
    await restoreSqlite({ backup: small, file, replaceExisting: true });
    expect(bodiesIn(file)).toEqual(["small"]);
    expect(await namesBeside(file)).not.toContainEqual(expect.stringMatching(/restored|^DB-wal|^DB-journal/));
    const aside = await findPrevious(file);
    if (kind === "none") return;
    expect(aside).toHaveLength(1);
    if (kind === "a damaged database") expect(await readFile(aside[0] ?? "", "latin1")).toMatch(/^these are notes/);
    else expect(aside.map(bodiesIn)).toEqual([["previous"]]);
  });
});

test("another backup is restored whole after a restore that was killed while its copy had a write-ahead log", async () => {
  const file = await copyPrevious();
  const killed = new RestoreProcess({ backup: small, file, fault: "killed with a log" });
  await killed.reach();
  expect(await killed.ended()).toBe(null);
  expect(await namesBeside(file)).toContain("DB.restored-wal");
  await restoreSqlite({ backup: large, file, replaceExisting: true });
  expect(bodiesIn(file)).toHaveLength(LARGE);
});

test("a write-ahead log without its database stays in the folder, and is not applied to the backup", async () => {
  const file = await tempFile();
  await copyFile(`${previous}-wal`, `${file}-wal`);
  await restoreSqlite({ backup: large, file });
  expect(bodiesIn(file)).toHaveLength(LARGE);
  const log = (await readdir(dirname(file))).find((name) => name.endsWith("-wal"));
  expect(await readFile(join(dirname(file), log ?? ""))).toEqual(await readFile(`${previous}-wal`));
});

test("a backup gets no name beside which the log of another database is", async () => {
  const [file, to] = [await copyPrevious(), join(await tempFolder(), "backup.db")];
  await writeFile(`${to}-wal`, "of another");
  const store = await openSqliteStore({ file });
  await expect(store.backup(to)).rejects.toThrow(/expected no file at .*backup\.db-wal/);
  await store.close();
});

describe("what starts beside a restore", () => {
  test.each([
    { kind: "a database", createFile: copyPrevious },
    { kind: "none", createFile: tempFile },
  ])("gets nothing of what is replaced: $kind", async ({ kind, createFile }) => {
    const file = await createFile();
    const restore = new RestoreProcess({ backup: small, file });
    // The backup is still copied.
    await restore.reach(/rename .*\.part/);
    await expect(lockForServer(file, { shared: true, waitMs: 0 })).rejects.toThrow(/restored/);
    await expect(restoreSqlite({ backup: large, file, replaceExisting: true })).rejects.toMatchObject({ code: "busy" });
    // What a command does, which takes no lock of a server: one that gives up, and one that waits until it is replaced.
    const [command, waiting] = [new SqliteDatabase(file, { busyTimeoutMs: 0 }), new SqliteDatabase(file)];
    expect(toStoreErrorOf(() => command.exec("begin immediate"))).toMatchObject({ code: "busy" });
    command.close();
    await restore.reach();
    expect(await restore.ended()).toBe(0);
    expect(toStoreErrorOf(() => waiting.exec("pragma journal_mode = WAL"))).toMatchObject({
      code: "busy",
      message: expect.stringMatching(/was replaced.*try again/),
    });
    waiting.close();
    expect(await namesBeside(file)).not.toContain("DB-wal");
    expect(bodiesIn(file)).toEqual(["small"]);
    expect((await findPrevious(file)).map(bodiesIn)).toEqual(kind === "none" ? [] : [["previous"]]);
  });

  test("a server that has a damaged database keeps it", async () => {
    const file = await copyDamaged();
    const lock = await lockForServer(file, { shared: false, waitMs: 0 });
    const restore = new RestoreProcess({ backup: small, file });
    await restore.reach(/link/);
    expect(await restore.ended()).not.toBe(0);
    expect((await readFile(file, "latin1")).slice(0, 5)).toBe("these");
    await lock.release();
  });
});

function toStoreErrorOf(run: () => void): unknown {
  try {
    run();
    return undefined;
  } catch (error) {
    return toStoreError(error);
  }
}

test("a restore that fails into an empty place leaves no database there", async () => {
  const file = await tempFile();
  await expect(restoreSqlite({ backup: file, file })).rejects.toThrow(/no backup/);
  const backup = join(dirname(file), "backup.db");
  await copyFile(small, backup);
  const toEntry = () => {
    throw new Error("injected");
  };
  await expect(restoreSqlite({ backup, file, toEntry })).rejects.toThrow("injected");
  expect((await namesBeside(file)).sort()).toEqual(["DB.server-lock", "backup.db"]);
  await expect(restoreSqlite({ backup, file: backup })).rejects.toThrow(/the database itself/);
});
