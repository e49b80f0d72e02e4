import { existsSync } from "node:fs";
import { copyFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { resultCode, SqliteDatabase, type SqlValue } from "../../../src/store/sqlite/sqlite-database.ts";
import { toStoreError } from "../../../src/store/sqlite/sqlite-errors.ts";
import { tempFile, tempFolder } from "../support/temp-store.ts";

async function open(): Promise<SqliteDatabase> {
  const raw = new SqliteDatabase(await tempFile());
  onTestFinished(() => raw.close());
  return raw;
}

function errorOf(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  throw new Error("expected an error");
}

test.each([{ readOnly: false }, { readOnly: true }])(
  "a file that may be damaged or foreign is opened with care: %j",
  async (options) => {
    const file = await tempFile();
    new SqliteDatabase(file).close();
    const raw = new SqliteDatabase(file, options);
    onTestFinished(() => raw.close());
    expect(raw.prepare("pragma cell_size_check").get()).toEqual({ cell_size_check: 1 });
    expect(raw.prepare("pragma trusted_schema").get()).toEqual({ trusted_schema: 0 });
    // In a mapped file, one that shrinks would end the process by SIGBUS.
    expect(raw.prepare("pragma mmap_size").get()).toEqual({ mmap_size: 0 });
  },
);

test("a transaction that a power cut has interrupted is rolled back before a connection that only reads sees it", async () => {
  const file = await tempFile();
  const raw = new SqliteDatabase(file);
  onTestFinished(() => raw.close());
  raw.exec("create table number (n integer, text text); insert into number values (0, 'committed')");
  // With so small a cache the transaction writes into the file before it ends, and the journal has what was there.
  raw.exec("pragma cache_size = 1; begin; update number set text = 'not committed'");
  const insert = raw.prepare<[number, string], never>("insert into number values (?, ?)");
  for (let n = 1; n <= 200; n += 1) insert.run(n, "text ".repeat(200));
  const left = await tempFile();
  await copyFile(file, left);
  await copyFile(`${file}-journal`, `${left}-journal`);

  const reader = new SqliteDatabase(left, { readOnly: true });
  onTestFinished(() => reader.close());
  expect(reader.prepare("select n, text from number").all()).toEqual([{ n: 0, text: "committed" }]);
  expect(() => reader.exec("delete from number")).toThrow("readonly");
  expect(existsSync(`${left}-journal`)).toBe(false);
});

test("rows are ordinary objects with the columns of the statement, in their order", async () => {
  const raw = await open();
  const statement = raw.prepare<[], { b: number; a: string; "the sum": number }>(
    `select 1 as b, 'x' as a, 1 + 1 as "the sum"`,
  );
  const row = statement.get();
  expect(row).toStrictEqual({ b: 1, a: "x", "the sum": 2 });
  expect(Object.keys(row ?? {})).toEqual(["b", "a", "the sum"]);
  expect(statement.all()).toStrictEqual([row]);
  expect(statement.isReader).toBe(true);
});

test.each<[string, SqlValue]>([
  ["text", "hello"],
  ["empty text", ""],
  ["text with a null character", "a\0b"],
  ["text beyond the BMP", "👍🏽 日本"],
  ["an integer", 42],
  ["a negative integer", -1],
  ["the largest safe integer", Number.MAX_SAFE_INTEGER],
  ["a fraction", 0.1],
  ["null", null],
  ["bytes", new Uint8Array([0, 1, 255])],
  ["no bytes", new Uint8Array()],
])("%s comes back as it was stored", async (_, value) => {
  const raw = await open();
  raw.exec("create table t (v)");
  raw.prepare("insert into t values (?)").run(value);
  expect(raw.prepare<[], { v: SqlValue }>("select v from t").get()?.v).toEqual(value);
});

test("statements without rows return what they changed", async () => {
  const raw = await open();
  raw.exec("create table t (id integer primary key, v)");
  const insert = raw.prepare("insert into t (v) values (?), (?)");
  expect(insert.isReader).toBe(false);
  expect(insert.run("a", "b")).toMatchObject({ changes: 2, lastInsertRowid: 2 });
  expect(raw.prepare("update t set v = 1 where id = 9").run()).toMatchObject({ changes: 0 });
  expect(raw.prepare<[], unknown>("select * from t where id = 9").get()).toBeUndefined();
});

test("knows whether a transaction is open, and undoes it when it is closed", async () => {
  const file = await tempFile();
  const raw = new SqliteDatabase(file);
  raw.exec("create table t (v)");
  raw.exec("begin immediate");
  expect(raw.inTransaction).toBe(true);
  raw.prepare("insert into t values (1)").run();
  raw.close();
  raw.close();
  const again = new SqliteDatabase(file, { readOnly: true });
  onTestFinished(() => again.close());
  expect(again.inTransaction).toBe(false);
  expect(again.prepare<[], unknown>("select * from t").all()).toEqual([]);
});

test("a closed database refuses statements with an error", async () => {
  const raw = await open();
  const statement = raw.prepare("select 1");
  raw.close();
  expect(() => statement.get()).toThrow();
  expect(() => raw.prepare("select 1")).toThrow();
});

test.each(["file:x.db", "file:x.db?mode=memory", "a b?c%20d.db", "-x.db", "ümlaut.db"])(
  "the path %j is the name of a file, and no URI",
  async (name) => {
    const folder = await tempFolder();
    const raw = new SqliteDatabase(join(folder, name));
    raw.exec("create table t (v)");
    raw.close();
    expect(await readdir(folder)).toEqual([name]);
  },
);

test("reading alone creates no file and writes nothing", async () => {
  const file = await tempFile();
  expect(resultCode(errorOf(() => new SqliteDatabase(file, { readOnly: true })))).toBe(14);
  expect(existsSync(file)).toBe(false);
  new SqliteDatabase(file).exec("create table t (v)");
  const raw = new SqliteDatabase(file, { readOnly: true });
  onTestFinished(() => raw.close());
  expect(toStoreError(errorOf(() => raw.exec("insert into t values (1)"))).code).toBe("readonly");
});

test("errors of SQLite have its code, and become errors of the store that say what to do", async () => {
  const file = await tempFile();
  const raw = new SqliteDatabase(file, { busyTimeoutMs: 1 });
  onTestFinished(() => raw.close());
  raw.exec("create table t (v unique); insert into t values (1)");
  const unique = errorOf(() => raw.exec("insert into t values (1)"));
  expect(resultCode(unique)).toBe(2067);
  expect(toStoreError(unique)).toMatchObject({
    code: "constraint",
    message: "UNIQUE constraint failed: t.v (SQLITE_CONSTRAINT, code 2067): a constraint of the schema refused it",
  });
  const other = new SqliteDatabase(file, { busyTimeoutMs: 1 });
  onTestFinished(() => other.close());
  other.exec("begin immediate");
  expect(toStoreError(errorOf(() => raw.exec("begin immediate")))).toMatchObject({ code: "busy", isTransient: true });
  expect(toStoreError(errorOf(() => raw.prepare("selec 1"))).code).toBe("failed");
  expect(resultCode(new Error("another error"))).toBeUndefined();
});
