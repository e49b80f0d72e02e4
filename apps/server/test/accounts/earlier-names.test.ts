import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TestShell } from "../cli/test-terminal.ts";
import { testDatabase } from "../store/support/test-database.ts";
import { undoMigrationsAfter } from "../store/support/undo-migrations.ts";
import { type AccountsFixture, createPerson, openFixture, PASSWORD, sendRequest, signIn } from "./accounts-fixture.ts";

/** Keys as schema 17 stored them, and names that the rules refuse by now. */
const EARLIER = [
  { name: "İlker", key: "i̇lker" },
  { name: "Dİlek", key: "di̇lek" },
  { name: "İbo", key: "i̇bo" },
  { name: "ᴀᴅᴀ", key: "ᴀᴅᴀ" },
  { name: "b\u200bob", key: "b\u200bob" },
  { name: "אcarol", key: "אcarol" },
  { name: "all", key: "all" },
  { name: "d\u0336ora", key: "d\u0336ora" },
] as const;

const database = testDatabase();
let dataDir: string;
let fixture: AccountsFixture;
const ids = new Map<string, string>();
const idOf = (name: string) => ids.get(name) ?? "";

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "multichat-names-"));
  await database.prepare(dataDir);
  const place = database.variables(dataDir).DATABASE_URL ?? join(dataDir, "multichat.db");
  const older = await openFixture(place);
  ids.set("dilek", (await createPerson(older, { username: "dilek", password: "another long password" })).id);
  for (const { name } of EARLIER) ids.set(name, (await createPerson(older)).id);
  await older.accounts.close();
  await older.store.close();
  for (const { name, key } of EARLIER) {
    const set = `username = '${key}', "displayUsername" = '${name}', name = '${name}'`;
    await database.execute(place, `update "user" set ${set} where id = '${idOf(name)}'`);
  }
  for (const statement of undoMigrationsAfter(17)) await database.execute(place, statement);
  await database.execute(place, "update meta set value = '17' where key = 'schema'");
  fixture = await openFixture(place);
});
afterAll(async () => {
  await fixture.accounts.close();
  await fixture.store.close();
  await rm(dataDir, { recursive: true, force: true });
});

/** Returns the id of the account that a name and a password sign in to. */
async function signedInAs(username: string, password = PASSWORD): Promise<string> {
  const response = await sendRequest(fixture, "sign-in/username", { username, password });
  if (!response.ok) throw new Error(await response.text());
  return ((await response.json()) as { user: { id: string } }).user.id;
}

describe("an account of an earlier version", () => {
  test.each(["İlker", "ilker", "İLKER", "ILKER", "ılker", "I\u0307lker"])("signs in as %s", async (username) => {
    expect(await signedInAs(username)).toBe(idOf("İlker"));
    expect(await fixture.store.people.find({ idOrUsername: username })).toMatchObject({ id: idOf("İlker") });
  });

  test.each(["ᴀᴅᴀ", "b\u200bob", "אcarol", "all", "d\u0336ora"])(
    "signs in with a name that is refused by now: %j",
    async (name) => {
      expect(await signedInAs(name)).toBe(idOf(name));
      expect((await signIn(fixture, name)).token).toBeTruthy();
    },
  );

  test("whose name is now that of another one signs in with it exactly as it is shown, and the other one in any spelling", async () => {
    for (const username of ["Dİlek", "DI\u0307lek"]) {
      expect(await signedInAs(username)).toBe(idOf("Dİlek"));
    }
    for (const username of ["dilek", "DİLEK", "Dİlek", "dılek"]) {
      expect(await signedInAs(username, "another long password")).toBe(idOf("dilek"));
    }
    for (const username of ["dilek", "DİLEK"]) await expect(signedInAs(username)).rejects.toThrow("SIGN_IN_FAILED");
    await expect(signedInAs("Dİlek", "wrong")).rejects.toThrow("SIGN_IN_FAILED");
    expect(await fixture.store.people.find({ idOrUsername: "DİLEK" })).toMatchObject({ id: idOf("dilek") });
  });

  test("keeps its name from others, in every spelling", async () => {
    for (const username of ["ilker", "ILKER", "İlker", "ılker", "i̇lker"]) {
      expect(await fixture.accounts.create({ username, password: PASSWORD })).toBe("taken");
    }
  });

  test("is listed by doctor: the shared names first, then those that could mislead", async () => {
    await using shell = TestShell.beside(dataDir);
    const namesIn = async () => {
      const { stdout } = await shell.run(["doctor", "--json"]);
      return (JSON.parse(stdout) as { check: string; status: string; message: string }[]).find(
        ({ check }) => check === "names",
      );
    };
    expect(await namesIn()).toMatchObject({
      status: "fail",
      message: expect.stringMatching(/"dilek".*"Dİlek"|"Dİlek".*"dilek"/),
    });
    expect(await fixture.store.people.change({ id: idOf("Dİlek"), changes: { username: "Nehir" } })).toMatchObject({
      username: "Nehir",
    });
    expect(await signedInAs("NEHIR")).toBe(idOf("Dİlek"));
    const names = await namesIn();
    expect(names?.status).toBe("warn");
    for (const name of ["ᴀᴅᴀ", "b\u200bob", "אcarol", "all", "d\u0336ora"]) expect(names?.message).toContain(name);
    expect(names?.message).not.toContain("İlker");
  });
});
