import { createHash, randomUUID } from "node:crypto";
import { Client } from "pg";
import { openPostgresStore } from "../../../src/store/postgres/postgres-store.ts";
import type { TestDatabase } from "./test-database.ts";

/** Returns the URL of the Postgres of the tests. */
export function postgresUrl(): string {
  const { MULTICHAT_TEST_POSTGRES_URL } = process.env;
  if (MULTICHAT_TEST_POSTGRES_URL === undefined) {
    throw new Error(
      "Expected a Postgres in MULTICHAT_TEST_POSTGRES_URL; run: node scripts/services.mjs npx vitest run apps/server/test/store",
    );
  }
  return MULTICHAT_TEST_POSTGRES_URL;
}

/** A schema for each store: it has its own tables, locks and notifications. */
export const POSTGRES: TestDatabase = {
  create: async () => {
    const schema = `test_${randomUUID().replaceAll("-", "")}`;
    await runSql(postgresUrl(), `create schema ${schema}`);
    return inSchema(postgresUrl(), schema);
  },
  remove: async (place) => {
    await runSql(postgresUrl(), `drop schema ${schemaOf(place)} cascade`);
  },
  open: (url, options) => openPostgresStore({ pollIntervalMs: 20, ...options, url }),
  connectsServers: true,
  variables: (dataDir) => ({ DATABASE_URL: inSchema(postgresUrl(), schemaFor(dataDir)) }),
  prepare: async (dataDir) => {
    await runSql(postgresUrl(), `create schema if not exists ${schemaFor(dataDir)}`);
  },
  execute: runSql,
  tables: async (url) => {
    const sql = `
      select table_name as name from information_schema.tables
      where table_schema = current_schema() and table_name not like 'message_search%'`;
    return ((await runSql(url, sql)) as { name: string }[]).map(({ name }) => name);
  },
  failInserts: async (url, { table, where = "true" }) => {
    await runSql(
      url,
      `create function injected() returns trigger language plpgsql as $$ begin raise exception 'injected'; end $$;
       create trigger injected after insert on ${table} for each row when (${where}) execute function injected()`,
    );
    return () => runSql(url, "drop function injected cascade");
  },
};

/** The schema stays: the database of the tests is temporary as a whole. */
function schemaFor(dataDir: string): string {
  return `test_${createHash("sha256").update(dataDir).digest("hex").slice(0, 32)}`;
}

export function inSchema(url: string, schema: string): string {
  const located = new URL(url);
  located.searchParams.set("options", `-c search_path=${schema}`);
  // The driver reads a plus sign as it is.
  return located.href.replaceAll("+", "%20");
}

function schemaOf(url: string): string {
  return new URL(url).searchParams.get("options")?.replace("-c search_path=", "") ?? "";
}

async function runSql(url: string, sql: string): Promise<readonly unknown[]> {
  const client = new Client(url);
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}
