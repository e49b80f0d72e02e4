import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Author, Message } from "@multichat/protocol";
import { findMentionCandidates } from "@multichat/protocol/markup";
import { afterAll, beforeAll, onTestFinished } from "vitest";
import type { SqliteStoreOptions } from "../../../src/store/sqlite/options.ts";
import { type Database, openSqliteStore } from "../../../src/store/sqlite/sqlite-store.ts";
import type { ActorRef, AppendResult, ChatStore, MessageRef, StoredRoom } from "../../../src/store/store.ts";
import { type OpenOptions, testDatabase } from "./test-database.ts";

/** Creates a folder that is removed after the test. */
export async function tempFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "multichat-store-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Returns the path of a database file that does not exist yet. */
export async function tempFile(): Promise<string> {
  return join(await tempFolder(), "chat.db");
}

/** Opens a SQLite store on a new file, or on the given one; it is closed after the test. */
export async function tempStore(options: Partial<SqliteStoreOptions> = {}): Promise<Database> {
  const store = await openSqliteStore({ pollIntervalMs: 20, ...options, file: options.file ?? (await tempFile()) });
  onTestFinished(() => store.close());
  return store;
}

/** Creates an empty database of the kind that is tested, and removes it after the test. */
export async function newPlace(): Promise<string> {
  const database = testDatabase();
  const place = await database.create();
  onTestFinished(() => database.remove(place));
  return place;
}

/** Opens a store of the kind that is tested, on a new database or the given one; it is closed after the test. */
export async function openStore({ place, ...options }: OpenOptions & { place?: string } = {}): Promise<ChatStore> {
  const store = await testDatabase().open(place ?? (await newPlace()), options);
  onTestFinished(() => store.close());
  return store;
}

/** Opens one store for all tests of a file or a `describe`, which have to use rooms and people of their own. */
export function sharedStore(): () => ChatStore {
  const database = testDatabase();
  let store: ChatStore | undefined;
  let place: string;
  beforeAll(async () => {
    place = await database.create();
    store = await database.open(place);
  });
  afterAll(async () => {
    await store?.close();
    await database.remove(place);
  });
  return () => {
    if (store === undefined) throw new Error("expected to be called while a test runs");
    return store;
  };
}

export async function roomIn(store: ChatStore, title = "General"): Promise<string> {
  return (await store.rooms.create({ title, by: null })).room.id;
}

export const ALICE = { id: "alice-id", username: "alice" } satisfies ActorRef;
export const BOB = { id: "bob-id", username: "bob" } satisfies ActorRef;

/** Posts to a room at its present access version. */
export async function post(
  store: ChatStore,
  room: string,
  body = "hello",
  author: ActorRef = ALICE,
): Promise<AppendResult> {
  const found = await store.rooms.find(room);
  if (found === undefined) throw new Error(`expected room ${room} to exist`);
  return store.messages.append({
    room,
    accessVersion: found.accessVersion,
    author,
    clientId: randomUUID(),
    kind: "message",
    ...withMentions(body),
  });
}

/** Returns a body with what it may mention, as the use cases hand it to the store. */
export function withMentions(body: string) {
  return { body, mentionCandidates: findMentionCandidates(body) };
}

/** Resolves when the condition holds; the test's timeout is the limit. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** Posts a message, which has to succeed. */
export async function posted(
  store: ChatStore,
  room: string,
  body = "hello",
  author: ActorRef = ALICE,
): Promise<Message> {
  const appended = await post(store, room, body, author);
  if (appended.outcome !== "appended") throw new Error(`expected appended, got ${appended.outcome}`);
  return appended.message;
}

/** Returns a reference to a message at the present access version of its room. */
export async function refTo(store: ChatStore, message: { room: string; id: string }): Promise<MessageRef> {
  const room = await store.rooms.find(message.room);
  return { room: message.room, accessVersion: room?.accessVersion ?? 0, message: message.id };
}

/** Returns the event of a change, which has to have one. */
export function eventOf<E>(changed: { outcome: string; event?: E }): E {
  if (changed.event === undefined) throw new Error(`expected an event, got ${JSON.stringify(changed)}`);
  return changed.event;
}

/** Returns the room of a change, which has to have one. */
export function changedRoom(changed: { outcome: string; room?: StoredRoom }): StoredRoom {
  if (changed.room === undefined) throw new Error(`expected a room, got ${JSON.stringify(changed)}`);
  return changed.room;
}

/** Returns the person of this name, and creates it the first time. */
export async function person(store: ChatStore, username: string): Promise<Author> {
  const id = `id-of-${username.toLowerCase()}`;
  const email = `${id}@example.org`;
  await store.people.create({
    id,
    username,
    email,
    password: "no hash",
    staff: false,
    superuser: false,
    passwordChangeRequired: false,
  });
  return { id, username };
}
