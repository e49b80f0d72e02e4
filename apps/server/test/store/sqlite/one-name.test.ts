import { link, mkdir, rename, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { isMountPoint } from "../../../src/store/sqlite/database-files.ts";
import { SCHEMA_VERSION } from "../../../src/store/sqlite/migrations/migrate-schema.ts";
import { lockForServer } from "../../../src/store/sqlite/server-lock.ts";
import { SqliteDatabase } from "../../../src/store/sqlite/sqlite-database.ts";
import { migrate, openSqliteStore } from "../../../src/store/sqlite/sqlite-store.ts";
import { tempFile } from "../support/temp-store.ts";
import { undoMigrationsAfter } from "../support/undo-migrations.ts";

const ALONE = { shared: false, waitMs: 1 } as const;
const SHARED = { shared: true, waitMs: 1 } as const;

/** Creates a database, and an empty folder beside it. */
async function createDatabase() {
  const file = await tempFile();
  await migrate({ file });
  const folder = join(dirname(file), "other");
  await mkdir(folder);
  return { file, folder, other: join(folder, "multichat.db") };
}

/** Undoes the last migration. */
function setPreviousSchema(file: string): void {
  const raw = new SqliteDatabase(file);
  for (const statement of undoMigrationsAfter(SCHEMA_VERSION - 1)) raw.exec(statement);
  raw.exec(`update meta set value = '${SCHEMA_VERSION - 1}' where key = 'schema'`);
  raw.close();
}

describe("two servers on one database, by another name of the file, are refused", () => {
  test.each([ALONE, SHARED])("a hard link, for any use of the database: %j", async (options) => {
    const { file, other } = await createDatabase();
    const lock = await lockForServer(file, options);
    await link(file, other);
    for (const name of [file, other]) {
      await expect(lockForServer(name, options)).rejects.toThrow(
        /one name for the database.*it has 2.*multichat backup/,
      );
      await expect(openSqliteStore({ file: name })).rejects.toThrow(/one name for the database/);
      await expect(migrate({ file: name })).rejects.toThrow(/one name for the database/);
    }
    await lock.release();
  });

  test("a symbolic link to the file, to a link to it, and to a folder above it", async () => {
    const { file, folder, other } = await createDatabase();
    const lock = await lockForServer(file, ALONE);
    await symlink(file, other);
    await symlink(other, join(folder, "second.db"));
    await symlink(dirname(file), join(folder, "folder"));
    for (const name of [
      other,
      join(folder, "second.db"),
      join(folder, "folder", file.slice(dirname(file).length + 1)),
    ]) {
      await expect(lockForServer(name, ALONE), name).rejects.toThrow(/no other server/);
      await expect(lockForServer(name, SHARED), name).rejects.toThrow(/without REDIS_URL/);
    }
    await lock.release();
    await (await lockForServer(other, ALONE)).release();
  });

  test("a relative path, and one with detours", async () => {
    const { file, folder } = await createDatabase();
    const lock = await lockForServer(file, ALONE);
    const name = file.slice(dirname(file).length + 1);
    const relative = join("..".concat("/..".repeat(30)), file);
    for (const path of [`${folder}/../${name}`, `${dirname(file)}/./${name}`, `${dirname(file)}//${name}`, relative]) {
      await expect(lockForServer(path, ALONE), path).rejects.toThrow(/no other server/);
    }
    await lock.release();
  });

  test("the database behind a link works as the file itself does, with its log beside the file", async () => {
    const { file, other } = await createDatabase();
    await symlink(file, other);
    const store = await openSqliteStore({ file: other });
    await store.check();
    await store.close();
    await rename(file, `${file}.moved`);
    await rename(`${file}.moved`, file);
    await (await openSqliteStore({ file })).close();
  });

  test.each([
    ["36 35 98:0 /x /data/multichat.db rw,noatime master:1 - ext4 /dev/root rw", "/data/multichat.db", true],
    ["36 35 98:0 /x /data rw - ext4 /dev/root rw", "/data/multichat.db", false],
    ["36 35 98:0 /x /my\\040data/multichat.db rw - ext4 /dev/root rw", "/my data/multichat.db", true],
    ["36 35 98:0 /x /a\\134b\\012c rw - ext4 /dev/root rw\n", "/a\\b\nc", true],
    ["", "/data/multichat.db", false],
    ["nonsense", "/data/multichat.db", false],
  ])("a file that is mounted alone is recognized: %j", (mountInfo, path, expected) => {
    expect(isMountPoint(path, mountInfo)).toBe(expected);
  });
});

describe("a database of an older version is not upgraded under a server that still runs", () => {
  test.each([ALONE, SHARED])(
    "%j",
    async (options) => {
      const { file } = await createDatabase();
      setPreviousSchema(file);
      const running = await lockForServer(file, options);
      const refused = /no server on .* while its schema is upgraded.*older version is running.*Stop every server/;
      await expect(migrate({ file })).rejects.toThrow(refused);
      await expect(openSqliteStore({ file })).rejects.toThrow(refused);
      if (options.shared) {
        const second = await lockForServer(file, SHARED);
        await expect(openSqliteStore({ file }, second)).rejects.toThrow(refused);
      }
      await running.release();
      expect(await migrate({ file })).toEqual({ from: SCHEMA_VERSION - 1, to: SCHEMA_VERSION });
    },
    30_000,
  );

  test("but by the only server, which shares the database again afterwards", async () => {
    for (const options of [ALONE, SHARED]) {
      const { file } = await createDatabase();
      setPreviousSchema(file);
      const lock = await lockForServer(file, options);
      const store = await openSqliteStore({ file }, lock);
      await expect(lockForServer(file, ALONE)).rejects.toThrow(/no other server/);
      if (options.shared) await (await lockForServer(file, SHARED)).release();
      await store.close();
      await lock.release();
    }
  });

  test("by one of several that start at the same moment, and the others go on with what it did", async () => {
    for (const count of [2, 4]) {
      const { file } = await createDatabase();
      setPreviousSchema(file);
      const locks = await Promise.all(
        Array.from({ length: count }, () => lockForServer(file, { shared: true, waitMs: 20_000 })),
      );
      const stores = await Promise.all(locks.map((lock) => openSqliteStore({ file }, lock)));
      // Each shares the database, so none of them has it alone.
      for (const [index, store] of stores.entries()) {
        await expect(lockForServer(file, ALONE)).rejects.toThrow(/no other server/);
        await store.close();
        await locks[index]?.release();
      }
      await (await lockForServer(file, ALONE)).release();
    }
  }, 60_000);

  test("nor by two commands at the same moment, of which one finds it upgraded", async () => {
    const { file } = await createDatabase();
    setPreviousSchema(file);
    const results = await Promise.all([migrate({ file }), migrate({ file }), migrate({ file })]);
    for (const { to } of results) expect(to).toBe(SCHEMA_VERSION);
  });
});
