import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, onTestFinished } from "vitest";
import type { SqliteStoreOptions } from "../../src/store/sqlite/options.ts";
import { type Database, openSqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import type { Appended, By } from "../../src/store/store.ts";

/** A folder that is gone after the test. */
export async function tempFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "multichat-store-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A database file that does not exist yet. */
export async function tempFile(): Promise<string> {
  return join(await tempFolder(), "chat.db");
}

/** A store on a file of its own, or on the given one; closed after the test. */
export async function tempStore(options: Partial<SqliteStoreOptions> = {}): Promise<Database> {
  const store = await openSqliteStore({ poll: 20, ...options, file: options.file ?? (await tempFile()) });
  onTestFinished(() => store.close());
  return store;
}

/** One store for all tests of a file or a `describe`: for tests that keep to rooms and people of their own. */
export function sharedStore(): () => Database {
  let store: Database | undefined;
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "multichat-store-"));
    store = await openSqliteStore({ poll: 20, file: join(folder, "chat.db") });
  });
  afterAll(async () => {
    await store?.close();
    await rm(folder, { recursive: true, force: true });
  });
  return () => {
    if (store === undefined) throw new Error("the store is open only while tests run");
    return store;
  };
}

export async function roomIn(store: Database, title = "General"): Promise<string> {
  return (await store.rooms.create({ title }, null)).room.id;
}

export const ALICE = { id: "alice-id", username: "alice" } satisfies By;
export const BOB = { id: "bob-id", username: "bob" } satisfies By;

let clientIds = 0;

/** Posts to a room as it is now. */
export async function post(store: Database, room: string, body = "hello", author: By = ALICE): Promise<Appended> {
  const found = await store.rooms.find(room);
  if (found === undefined) throw new Error(`expected room ${room} to be there`);
  clientIds += 1;
  return store.messages.append({
    room,
    rights: found.rights,
    author,
    clientId: `c${clientIds}`,
    kind: "message",
    body,
  });
}

/** Resolves when the condition holds; the test's own timeout is the bound. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 5));
}
