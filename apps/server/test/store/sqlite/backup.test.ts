import { copyFile, lstat, readdir, readFile, realpath, stat, symlink, writeFile } from "node:fs/promises";
import { basename, dirname, join, relative } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { copyDatabase } from "../../../src/store/sqlite/maintenance/copy.ts";
import { restoreSqlite } from "../../../src/store/sqlite/maintenance/restore.ts";
import { migrate, openSqliteStore } from "../../../src/store/sqlite/sqlite-store.ts";
import { childFor } from "../support/child-process.ts";
import { ALICE, post, posted, roomIn, tempFile, tempFolder, tempStore, until } from "../support/temp-store.ts";
import { expectWholeLog } from "../support/whole-log.ts";

test("backs up a database in use, completely, and for its owner alone", async () => {
  const file = await tempFile();
  const store = await tempStore({ file });
  const room = await roomIn(store);
  const before = await Promise.all(Array.from({ length: 300 }, () => posted(store, room, "findable")));
  let writing = true;
  const during = (async () => {
    while (writing) await post(store, room);
  })();
  const to = join(await tempFolder(), "backup.db");
  const { bytes } = await store.backup(to);
  writing = false;
  await during;
  expect((await stat(to)).size).toBe(bytes);
  expect((await stat(to)).mode & 0o077).toBe(0);
  expect(await readdir(dirname(to))).toEqual(["backup.db"]);
  const copy = await tempStore({ file: to });
  expect(await expectWholeLog(copy, room, before)).toBeGreaterThan(300);
  const terms = [{ text: "findable", kind: "word" as const }];
  const found = await copy.search.find({ terms, rooms: [room], limit: 50, viewer: ALICE.id });
  expect(found?.found).toHaveLength(50);
});

test("a backup replaces no file, and leaves none when it fails", async () => {
  const file = await tempFile();
  await migrate({ file });
  const folder = await tempFolder();
  const to = join(folder, "notes.txt");
  await writeFile(to, "mine");
  await expect(copyDatabase(file, to)).rejects.toMatchObject({ code: "cannot-open" });
  expect(await readFile(to, "utf8")).toBe("mine");
  await expect(copyDatabase(file, join(folder, "no", "folder.db"))).rejects.toMatchObject({ code: "cannot-open" });
  await expect(copyDatabase(join(folder, "nothing.db"), join(folder, "b.db"))).rejects.toThrow(/nothing\.db/);
  expect(await readdir(folder)).toEqual(["notes.txt"]);
});

test("restores a backup under a new epoch, and moves the previous database aside", async () => {
  const file = await tempFile();
  const store = await openSqliteStore({ file });
  const room = await roomIn(store);
  const saved = await posted(store, room, "saved");
  const backup = join(await tempFolder(), "backup.db");
  await store.backup(backup);
  await posted(store, room, "lost");
  await store.close();

  await expect(restoreSqlite({ backup, file, replaceExisting: false })).rejects.toMatchObject({ code: "cannot-open" });
  const { epoch, previousFile } = await restoreSqlite({ backup, file, replaceExisting: true });
  expect(epoch).not.toBe(store.epoch);
  const restored = await tempStore({ file });
  expect(restored.epoch).toBe(epoch);
  expect((await restored.messages.readHistory({ room, limit: 10 })).messages).toEqual([saved]);
  expect(bodiesIn(previousFile ?? "")).toEqual(["saved", "lost"]);

  const elsewhere = join(await tempFolder(), "a", "chat.db");
  expect(await restoreSqlite({ backup, file: elsewhere })).toMatchObject({ previousFile: undefined });
  expect((await stat(elsewhere)).mode & 0o077).toBe(0);
  expect(bodiesIn(elsewhere)).toEqual(["saved"]);
});

test.each(["a link to the file", "a link to a link to it", "a relative link to it", "a link to its folder"])(
  "restores where the database is, behind %s",
  async (kind) => {
    const real = await tempFile();
    await migrate({ file: real });
    const backup = join(await tempFolder(), "backup.db");
    await copyDatabase(real, backup);
    const folder = await tempFolder();
    const name = basename(real);
    const link = kind === "a link to its folder" ? join(folder, "data") : join(folder, name);
    if (kind === "a link to its folder") await symlink(dirname(real), link);
    else if (kind === "a relative link to it") await symlink(relative(folder, real), link);
    else {
      const first = kind === "a link to a link to it" ? join(folder, "first") : real;
      if (first !== real) await symlink(real, first);
      await symlink(first, link);
    }
    const file = kind === "a link to its folder" ? join(link, name) : link;
    const { previousFile } = await restoreSqlite({ backup, file, replaceExisting: true });
    expect(dirname(previousFile ?? "")).toBe(await realpath(dirname(real)));
    expect((await lstat(link)).isSymbolicLink()).toBe(true);
    expect((await lstat(real)).isFile()).toBe(true);
    await (await openSqliteStore({ file })).close();
  },
);

function bodiesIn(file: string): string[] {
  const raw = new DatabaseSync(file, { readOnly: true });
  const rows = raw.prepare("select body from message order by seq").all();
  raw.close();
  return rows.map(({ body }) => String(body));
}

test("rejects a restore while a server has the database open, and changes nothing", async () => {
  const file = await tempFile();
  await migrate({ file });
  const backup = join(await tempFolder(), "backup.db");
  await copyDatabase(file, backup);
  const child = await childFor(file);
  const { room } = (await child.call("rooms.create", { title: "General", by: null })) as { room: { id: string } };
  await expect(restoreSqlite({ backup, file, replaceExisting: true })).rejects.toMatchObject({
    code: "busy",
    message: /stop the server/,
  });
  child.flood(room.id, "flooder");
  await until(() => child.acknowledged.length >= 10);
  await child.stop();
  expect(child.refused).toEqual([]);
  await child.kill();
  expect((await readdir(dirname(file))).filter((name) => !name.startsWith("chat.db-")).sort()).toEqual([
    "chat.db",
    "chat.db.server-lock",
  ]);
  await restoreSqlite({ backup, file, replaceExisting: true });
  expect(bodiesIn(file)).toEqual([]);
});

test("replaces a damaged database, but never by a damaged backup", async () => {
  const file = await tempFile();
  const store = await openSqliteStore({ file });
  const room = await roomIn(store);
  await Promise.all(Array.from({ length: 200 }, () => posted(store, room, "x".repeat(500))));
  const backup = join(await tempFolder(), "backup.db");
  await store.backup(backup);
  await store.close();
  const damage = async (path: string) => {
    const bytes = await readFile(path);
    bytes.fill(0xff, 4096 * 3, 4096 * 20);
    await writeFile(path, bytes);
  };
  await writeFile(file, "these are notes, not a database\n".repeat(100));
  await restoreSqlite({ backup, file, replaceExisting: true });
  expect(bodiesIn(file)).toHaveLength(200);

  await damage(backup);
  await expect(restoreSqlite({ backup, file, replaceExisting: true })).rejects.toMatchObject({ code: "corrupt" });
  await expect(restoreSqlite({ backup: `${backup}.missing`, file, replaceExisting: true })).rejects.toMatchObject({
    code: "cannot-open",
  });
  const empty = await tempFile();
  await writeFile(empty, "");
  await expect(restoreSqlite({ backup: empty, file, replaceExisting: true })).rejects.toMatchObject({
    code: "corrupt",
  });
  const newer = await tempFile();
  await copyFile(file, newer);
  const raw = new DatabaseSync(newer);
  raw.prepare("update meta set value = '999' where key = 'schema'").run();
  raw.close();
  await expect(restoreSqlite({ backup: newer, file, replaceExisting: true })).rejects.toMatchObject({ code: "newer" });
  expect(bodiesIn(file)).toHaveLength(200);
});
