import { createHash, createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, onTestFinished, test } from "vitest";
import { hashSessionToken } from "../../src/store/people/session-token.ts";
import { openBeside } from "../store/support/raw-database.ts";
import { undoMigrationsAfter } from "../store/support/undo-migrations.ts";
import { createPerson, openFixture, openTempFixture, PASSWORD, sendRequest, signIn } from "./accounts-fixture.ts";

const DAY_MS = 24 * 60 * 60_000;

/** Every text value of every table, as someone with a copy of the database reads it. */
function readAllTexts(file: string): readonly string[] {
  const raw = new DatabaseSync(file, { readOnly: true });
  const tables = raw
    .prepare("select name from sqlite_schema where type = 'table' and name not like 'message_search%'")
    .all();
  const texts = (tables as { name: string }[]).flatMap(({ name }) =>
    raw
      .prepare(`select * from "${name}"`)
      .all()
      .flatMap((row) => Object.values(row as object).filter((value) => typeof value === "string")),
  );
  raw.close();
  return texts;
}

describe("a copy of the database", () => {
  test("signs nobody in: none of its values works as a token or, signed with its own secret, as a cookie", async () => {
    const fixture = await openTempFixture();
    const { id, username } = await createPerson(fixture);
    const { token, cookie } = await signIn(fixture, username);
    expect(await fixture.accounts.authenticate({ bearer: token }), "premise").toMatchObject({ id });
    const texts = readAllTexts(fixture.place);
    expect(texts).toContain(hashSessionToken(token));
    expect(texts.filter((text) => text.includes(token))).toEqual([]);
    const raw = new DatabaseSync(fixture.place, { readOnly: true });
    const secret = raw.prepare("select value from meta where key = 'secret.accounts'").get()?.value as string;
    raw.close();
    const sign = (text: string) => createHmac("sha256", secret).update(text).digest("base64");
    expect(decodeURIComponent(cookie), "premise: the secret is the right one").toContain(sign(token));
    for (const text of texts) {
      expect(await fixture.accounts.authenticate({ bearer: text }), text).toBeUndefined();
      const forged = `sessionid=${encodeURIComponent(`${text}.${sign(text)}`)}`;
      expect(await fixture.accounts.authenticate({ cookie: forged }), text).toBeUndefined();
    }
  });

  test("of an earlier version keeps everybody signed in after the upgrade, and no longer contains a token", async () => {
    const first = await openTempFixture();
    const { id, username } = await createPerson(first);
    const sessions = [await signIn(first, username), await signIn(first, username)];
    await first.accounts.close();
    await first.store.close();
    // As schema 9 left it: with tokens, and without the later columns and tables.
    const raw = openBeside(first.place);
    for (const { token } of sessions) {
      raw.prepare("update session set token = ? where token = ?").run(token, hashSessionToken(token));
    }
    raw.exec(`
      alter table session drop column confirmedAt;
      alter table user drop column passwordChangeRequired;
      drop table if exists audit;
      drop table if exists username_skeleton;
      drop table if exists slow_mode_post;
      ${undoMigrationsAfter(9).join(";")};
      create index if not exists message_author on message (room, author, seq);
      update meta set value = '9' where key = 'schema';`);
    raw.close();
    const second = await openFixture(first.place);
    onTestFinished(async () => {
      await second.accounts.close();
      await second.store.close();
    });
    for (const { token, cookie } of sessions) {
      expect(await second.accounts.authenticate({ bearer: token })).toMatchObject({ id });
      expect(await second.accounts.authenticate({ cookie })).toMatchObject({ id });
    }
    openBeside(first.place).exec("pragma wal_checkpoint(truncate)");
    for (const { token } of sessions) expect(readFileSync(first.place).includes(token)).toBe(false);
  });
});

test("a token is stored as its SHA-256", () => {
  expect(hashSessionToken("abc")).toBe(createHash("sha256").update("abc").digest("base64url"));
});

describe("a sign-in", () => {
  test.each(["cookie", "token"] as const)(
    "ends the session of the %s that it came with, also of another account",
    async (by) => {
      const fixture = await openTempFixture();
      const [one, two] = [await createPerson(fixture), await createPerson(fixture)];
      for (const next of [one, two]) {
        const before = await signIn(fixture, one.username);
        const headers: Record<string, string> =
          by === "cookie" ? { cookie: before.cookie } : { authorization: `Bearer ${before.token}` };
        const response = await sendRequest(
          fixture,
          "sign-in/username",
          { username: next.username, password: PASSWORD },
          headers,
        );
        expect(response.status).toBe(200);
        expect(await fixture.accounts.authenticate({ bearer: before.token })).toBeUndefined();
      }
    },
  );

  test("that fails leaves the session that it came with", async () => {
    const fixture = await openTempFixture();
    const { username } = await createPerson(fixture);
    const { cookie, token } = await signIn(fixture, username);
    await sendRequest(fixture, "sign-in/username", { username, password: "wrong" }, { cookie });
    expect(await fixture.accounts.authenticate({ bearer: token })).toBeDefined();
  });

  test.each([
    ["a program", {}, "", true],
    ["a program that asks", {}, "?token=1", true],
    ["a page", { origin: "http://chat.example" }, "", false],
    ["a page of an old browser", { "sec-fetch-site": "same-origin" }, "", false],
    ["a page that asks", { origin: "http://chat.example" }, "?token=1", true],
    ["a page that asks for something else", { origin: "http://chat.example" }, "?token=0", false],
  ])("of %s returns the token: %j %s %s", async (_, headers, query, hasToken) => {
    const fixture = await openTempFixture();
    const { username } = await createPerson(fixture);
    const response = await sendRequest(fixture, `sign-in/username${query}`, { username, password: PASSWORD }, headers);
    const body = (await response.json()) as { token?: string };
    expect([response.status, body.token !== undefined]).toEqual([200, hasToken]);
    expect(response.headers.getSetCookie()[0]).toMatch(/^sessionid=/);
  });
});

describe("sessions are bounded", () => {
  test("by 50 an account: another sign-in ends the one that was not used for longest", async () => {
    const fixture = await openTempFixture();
    const { id, username } = await createPerson(fixture);
    const first = await signIn(fixture, username);
    const raw = openBeside(fixture.place);
    const insert = raw.prepare(
      `insert into session (id, userId, token, expiresAt, createdAt, updatedAt)
       select ?, userId, ?, expiresAt, createdAt, updatedAt from session where token = ?`,
    );
    for (let n = 1; n < 50; n += 1) insert.run(`copy-${n}`, `hash-${n}`, hashSessionToken(first.token));
    raw.prepare("update session set updatedAt = ? where id = 'copy-7'").run(new Date(0).toISOString());
    raw.close();
    expect(await fixture.accounts.sessions(id, null)).toHaveLength(50);
    const last = await signIn(fixture, username);
    const left = await fixture.accounts.sessions(id, null);
    expect(left).toHaveLength(50);
    expect(left.map((session) => session.id)).not.toContain("copy-7");
    for (const { token } of [first, last]) expect(await fixture.accounts.authenticate({ bearer: token })).toBeDefined();
  });

  test.each([0, 1, 29, 59, 60, 61, 75, 89])("by 90 days, however often they are used: %i days old", async (days) => {
    const fixture = await openTempFixture();
    const { username } = await createPerson(fixture);
    const { token } = await signIn(fixture, username);
    const createdAt = Date.now() - days * DAY_MS;
    const raw = openBeside(fixture.place);
    raw
      .prepare("update session set createdAt = ?, updatedAt = ?, expiresAt = ?")
      .run(
        new Date(createdAt).toISOString(),
        new Date(createdAt).toISOString(),
        new Date(Date.now() + DAY_MS).toISOString(),
      );
    expect(await fixture.accounts.authenticate({ bearer: token })).toBeDefined();
    await fixture.accounts.close();
    const expiresAt = Date.parse(raw.prepare("select expiresAt from session").get()?.expiresAt as string);
    raw.close();
    expect(expiresAt).toBeLessThanOrEqual(createdAt + 90 * DAY_MS);
    expect(expiresAt).toBeGreaterThan(Date.now());
  });
});

test("a password that someone else has set gives a session that is marked until its user chooses another one", async () => {
  const fixture = await openTempFixture();
  const { id, username } = await createPerson(fixture);
  await fixture.accounts.change(id, { password: "chosen by staff", passwordChangeRequired: true });
  const { cookie } = await signIn(fixture, username, "chosen by staff");
  expect(await fixture.accounts.authenticate({ cookie })).toMatchObject({ passwordChangeRequired: true });
  const change = (newPassword: string) =>
    sendRequest(fixture, "change-password", { currentPassword: "chosen by staff", newPassword }, { cookie });
  expect((await change("chosen by staff")).status, "the same again").toBe(400);
  expect((await change("chosen by its user")).status).toBe(200);
  expect(await fixture.accounts.authenticate({ cookie })).not.toHaveProperty("passwordChangeRequired");
  expect(await fixture.accounts.find(id)).toMatchObject({ passwordChangeRequired: false });
});
