import { Client } from "pg";
import { describe, expect, onTestFinished, test } from "vitest";
import { lockNumber } from "../../../src/store/postgres/database-locks.ts";
import { checkServer, checkSession, openConnection } from "../../../src/store/postgres/open-database.ts";
import { resolveOptions } from "../../../src/store/postgres/options.ts";
import { APPLY_SETTINGS } from "../../../src/store/postgres/postgres-connection.ts";
import { openPostgresStore } from "../../../src/store/postgres/postgres-store.ts";
import { lockPostgresForServer } from "../../../src/store/postgres/server-lock.ts";
import { inSchema, POSTGRES, postgresUrl } from "../support/postgres-database.ts";
import { newPlace, openStore } from "../support/temp-store.ts";
import { chooseDatabase } from "../support/test-database.ts";

chooseDatabase(POSTGRES);

describe("a store is not opened", () => {
  test("on a schema of a newer version, which stays as it is", async () => {
    const place = await newPlace();
    await (await POSTGRES.open(place)).close();
    await POSTGRES.execute(place, "update meta set value = '9999' where key = 'schema'");
    await expect(openPostgresStore({ url: place })).rejects.toMatchObject({
      code: "newer",
      message: expect.stringMatching(/schema 9999.*run the newer version/),
    });
    expect(await POSTGRES.execute(place, "select value from meta where key = 'schema'")).toEqual([{ value: "9999" }]);
  });

  test.each([
    [{ version: "14.11", major: 14, encoding: "UTF8", schema: "public" }, /PostgreSQL 15 or newer, got 14\.11/],
    [{ version: "15.4", major: 15, encoding: "SQL_ASCII", schema: "public" }, /encoding UTF8, got SQL_ASCII/],
    [{ version: "15.4", major: 15, encoding: "UTF8", schema: null }, /search_path/],
  ])("on a server that answers %j", async (server, message) => {
    // What such a server answers; none of them is installed.
    const run = async () => ({ command: "SELECT", rowCount: 1, rows: [server] });
    await expect(checkServer({ run })).rejects.toMatchObject({
      code: "cannot-open",
      message: expect.stringMatching(message),
    });
  });

  test.each([
    ["in a schema that does not exist", () => inSchema(postgresUrl(), "missing"), "cannot-open", /search_path/],
    ["in a database that does not exist", () => changed({ pathname: "/missing" }), "cannot-open", /"missing" does not/],
    ["of a user who does not exist", () => changed({ username: "stranger" }), "cannot-open", /stranger/],
    [
      "where no server listens",
      () => changed({ port: "1" }),
      "unreachable",
      /ECONNREFUSED.*check that PostgreSQL runs/,
    ],
  ])("%s", async (_, url, code, message) => {
    await expect(openPostgresStore({ url: url() })).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
  });
});

describe("a pooler that lends a session for one transaction", () => {
  const open = async () => {
    const connection = await openConnection(resolveOptions({ url: postgresUrl() }), "migration");
    onTestFinished(() => connection.close());
    return connection;
  };

  test("is refused at the start, because several connections are one session", async () => {
    const connection = await open();
    const shared = async () => ({ run: connection.run.bind(connection), close: async () => {} });
    await expect(checkSession(connection, shared)).rejects.toMatchObject({
      code: "cannot-open",
      message: expect.stringMatching(/pool_mode = session/),
    });
    await checkSession(connection, open);
  });

  test.each([
    ["has the prepared statements of another connection", "prepare s2 as select 1", "select $1::text as other"],
    ["does not have those of this connection", "deallocate all", APPLY_SETTINGS],
  ])("is named where the session %s", async (_, sql, next) => {
    const connection = await open();
    await connection.run(sql);
    await expect(connection.run(next, ["{}"])).rejects.toMatchObject({
      code: "cannot-open",
      message: expect.stringMatching(/prepared statement .*pool_mode = session/),
    });
  });
});

function changed(parts: Partial<Pick<URL, "pathname" | "username" | "port">>): string {
  return Object.assign(new URL(postgresUrl()), parts).href;
}

test("processes that create the tables at the same time share one database", async () => {
  const place = await newPlace();
  const stores = await Promise.all([1, 2, 3, 4].map(() => openStore({ place })));
  expect(new Set(stores.map(({ epoch }) => epoch)).size).toBe(1);
});

describe("the lock of a server", () => {
  const onLost = (error: Error): never => {
    throw error;
  };
  const take = (url: string, hasRedis: boolean) => lockPostgresForServer({ url }, { hasRedis, onLost, waitMs: 1 });

  test("is for servers that are connected in the same way", async () => {
    const [place, other] = [await newPlace(), await newPlace()];
    for (const hasRedis of [false, true]) {
      const locks = await Promise.all([1, 2, 3].map(() => take(place, hasRedis)));
      await expect(take(place, !hasRedis)).rejects.toMatchObject({
        code: "busy",
        message: expect.stringMatching(/same REDIS_URL/),
      });
      await (await take(other, !hasRedis)).release();
      for (const lock of locks) await lock.release();
    }
  });

  test("keeps the schema as it is while a server has it", async () => {
    const place = await newPlace();
    const lock = await take(place, false);
    // As an older version leaves it: only the number, because a refusal touches nothing else.
    await POSTGRES.execute(place, "update meta set value = '14' where key = 'schema'");
    await expect(openPostgresStore({ url: place })).rejects.toMatchObject({
      code: "busy",
      message: expect.stringMatching(/older version is running/),
    });
    expect(await POSTGRES.execute(place, "select value from meta where key = 'schema'")).toEqual([{ value: "14" }]);
    await lock.release();
  });

  test("waits while another process upgrades the schema", async () => {
    const place = await newPlace();
    const upgrading = new Client(place);
    await upgrading.connect();
    const number = await lockNumber(
      { run: (sql, parameters) => upgrading.query(sql, [...(parameters ?? [])]) },
      "upgrade",
    );
    await upgrading.query("select pg_advisory_lock($1::bigint)", [number]);
    const opening = [take(place, false), openPostgresStore({ url: place })] as const;
    const waiting = `select from pg_locks join pg_stat_activity using (pid)
      where locktype = 'advisory' and not granted and application_name = 'multichat migration'`;
    await expect.poll(async () => (await POSTGRES.execute(place, waiting)).length).toBeGreaterThanOrEqual(2);
    expect(await POSTGRES.tables(place)).toEqual([]);
    await upgrading.end();
    const [lock, store] = await Promise.all(opening);
    await lock.release();
    await store.close();
  });
});
