import { Kysely } from "kysely";
import { expect, test } from "vitest";
import type { Tables } from "../../../src/store/database/tables.ts";
import { usernameKey } from "../../../src/store/people/username-key.ts";
import { createDialect } from "../../../src/store/sqlite/connection.ts";
import { up } from "../../../src/store/sqlite/migrations/0013-folded-usernames.ts";
import { SqliteDatabase } from "../../../src/store/sqlite/sqlite-database.ts";
import { tempFile, tempStore } from "../support/temp-store.ts";

/** The keys of schema 12. */
const oldKey = (name: string) => name.normalize("NFKC").toUpperCase().toLowerCase().normalize("NFKC");

interface Account {
  readonly id: string;
  readonly name: string;
}

/** Creates a database of this version with accounts as schema 12 stored them, the first one first. */
async function createSchema12(file: string, accounts: readonly Account[], mentionNames: readonly string[] = []) {
  const store = await tempStore({ file });
  const room = await store.rooms.create({ title: "General", by: null });
  await store.close();
  const raw = new SqliteDatabase(file);
  const insert = raw.prepare(
    `insert into user (id, name, email, emailVerified, createdAt, updatedAt, username, displayUsername, staff, superuser, active)
     values (?, ?, ? || '@example.org', 0, ?, ?, ?, ?, 0, 0, 1)`,
  );
  for (const [index, { id, name }] of accounts.entries()) {
    const at = `2026-01-${10 + index}`;
    insert.run(id, name, id, at, at, oldKey(name), name);
  }
  const post = raw.prepare(
    `insert into message (id, room, seq, author, author_name, client_id, kind, body, created_at, mentions, mention_names)
     values (?, ?, ?, 'x', 'x', ?, 'message', 'text', 1, '["x"]', ?)`,
  );
  for (const [index, name] of mentionNames.entries()) {
    post.run(`m${index}`, room.room.id, 100 + index, `m${index}`, JSON.stringify([name, "alice"]));
  }
  return raw;
}

const upgrade = (raw: SqliteDatabase) => up(new Kysely<Tables>({ dialect: createDialect(raw) }));

const keysOf = (raw: SqliteDatabase) =>
  Object.fromEntries(
    (raw.prepare("select id, username from user").all() as { id: string; username: string }[]).map((row) => [
      row.id,
      row.username,
    ]),
  );

test("gives every account the key by which it is looked up", async () => {
  const names = ["alice", "STRAẞE", "ΟΔΟΣ", "Νίκος", "İlker", "ılgaz", "Ꭰꭰ", "Nguyễn", "田中", "प्रिया"];
  const accounts = names.map((name, index) => ({ id: `id${index}`, name }));
  const raw = await createSchema12(await tempFile(), accounts);
  expect(keysOf(raw).id1).toBe("straße");
  await upgrade(raw);
  expect(keysOf(raw)).toEqual(Object.fromEntries(accounts.map(({ id, name }) => [id, usernameKey(name)])));
  raw.close();
});

test.each([
  [
    "the one whose key stays keeps it",
    [
      ["old", "Straẞe"],
      ["new", "strasse"],
    ],
    { old: "strasse#old", new: "strasse" },
  ],
  [
    "the oldest gets it if both change",
    [
      ["a", "ẞẞ"],
      ["b", "ẞß"],
    ],
    { a: "ssss", b: "ssss#b" },
  ],
  [
    "three",
    [
      ["a", "ẞx"],
      ["b", "SSx"],
      ["c", "xẞ"],
    ],
    { a: "ssx#a", b: "ssx", c: "xss" },
  ],
] as const)("two names that became one: %s, and nothing is lost", async (_what, accounts, keys) => {
  const raw = await createSchema12(
    await tempFile(),
    accounts.map(([id, name]) => ({ id, name })),
  );
  await upgrade(raw);
  expect(keysOf(raw)).toEqual(keys);
  expect(
    raw.prepare("select count(*) as count from username_skeleton where user = ?").get(accounts[0][0]),
  ).toMatchObject({
    count: expect.any(Number),
  });
  raw.close();
});

test("the account without its name can be changed, found by its id, and renamed", async () => {
  const file = await tempFile();
  const raw = await createSchema12(file, [
    { id: "first", name: "Straẞe" },
    { id: "second", name: "strasse" },
  ]);
  await upgrade(raw);
  raw.close();
  const store = await tempStore({ file });
  expect(await store.people.find({ idOrUsername: "STRAẞE" })).toMatchObject({ id: "second" });
  expect(await store.people.change({ id: "first", changes: { staff: true } })).toMatchObject({
    username: "Straẞe",
    staff: true,
  });
  expect(await store.people.change({ id: "first", changes: { username: "Strasse" } })).toBe("taken");
  expect(await store.people.change({ id: "first", changes: { username: "Weg" } })).toMatchObject({ username: "Weg" });
  expect(await store.people.find({ idOrUsername: "WEG" })).toMatchObject({ id: "first" });
});

test("the names in old messages are found in their text by the new folding", async () => {
  const raw = await createSchema12(await tempFile(), [], ["νίκος", "straße", "bob"]);
  await upgrade(raw);
  const rows = raw.prepare("select mention_names as names from message order by seq").all() as { names: string }[];
  expect(rows.map(({ names }) => JSON.parse(names))).toEqual([
    ["νίκοσ", "alice"],
    ["strasse", "alice"],
    ["bob", "alice"],
  ]);
  raw.close();
});
