import { randomUUID } from "node:crypto";
import { Client, type CustomTypesConfig } from "pg";
import type { DatabaseSnapshot } from "./client-record.ts";
import { readSnapshotBy } from "./database-snapshot.ts";

/** 64-bit numbers as numbers, everything else as the driver reads it. */
const BIGINT = 20;
const TYPES: CustomTypesConfig = {
  getTypeParser: (type: number) => (text: string | Buffer) => (type === BIGINT ? Number(text) : String(text)),
};

/** Creates an empty schema for a run in a PostgreSQL database. @returns the URL that leads to it */
export async function createSchema(url: string): Promise<{ readonly url: string; drop(): Promise<void> }> {
  const schema = `bench_${randomUUID().replaceAll("-", "")}`;
  await run(url, `create schema ${schema}`);
  const located = new URL(url);
  located.searchParams.set("options", `-c search_path=${schema}`);
  return {
    // The driver reads a plus sign as it is.
    url: located.href.replaceAll("+", "%20"),
    drop: () => run(url, `drop schema ${schema} cascade`),
  };
}

/** Reads a PostgreSQL database that no server writes to. */
export async function readPostgresSnapshot(url: string): Promise<DatabaseSnapshot> {
  const client = new Client({ connectionString: url, types: TYPES, pipeline: true });
  await client.connect();
  try {
    return await readSnapshotBy(async (statement, ...parameters) => {
      const { rows } = await client.query(statement.replace("?", "$1"), parameters);
      return rows;
    });
  } finally {
    await client.end();
  }
}

async function run(url: string, statement: string): Promise<void> {
  const client = new Client(url);
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
