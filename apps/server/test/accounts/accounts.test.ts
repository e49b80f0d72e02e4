import { describe, expect, test } from "vitest";
import { Passwords } from "../../src/accounts/passwords.ts";
import { usernameKey } from "../../src/store/people/username-key.ts";
import { testDatabase } from "../store/support/test-database.ts";
import {
  createPerson,
  openSecondProcess,
  openTempFixture,
  PASSWORD,
  signIn,
  useSharedFixture,
} from "./accounts-fixture.ts";

const shared = useSharedFixture();

describe("accounts", () => {
  test("are created, found by id and by name in any case, listed and counted", async () => {
    const fixture = await openTempFixture();
    expect(await fixture.accounts.count()).toBe(0);
    const zoe = await createPerson(fixture, { username: "Zoë", email: "Zoe@Example.org" });
    const ann = await createPerson(fixture, { username: "ann", staff: true });
    expect(zoe).toMatchObject({
      username: "Zoë",
      email: "zoe@example.org",
      staff: false,
      superuser: false,
      active: true,
    });
    expect(await fixture.accounts.find(zoe.id)).toEqual(zoe);
    expect(await fixture.accounts.find("ZOË")).toEqual(zoe);
    expect(await fixture.accounts.find("zoe")).toBeUndefined();
    expect(await fixture.accounts.list()).toEqual([ann, zoe]);
    expect(await fixture.accounts.count()).toBe(2);
  });

  test("have no email address by default", async () => {
    const fixture = shared();
    const account = await createPerson(fixture);
    expect(account.email).toBeNull();
    expect((await fixture.accounts.find(account.id))?.email).toBeNull();
  });

  test("keep a superuser staff, and remove both flags together", async () => {
    const fixture = shared();
    await createPerson(fixture, { superuser: true });
    const account = await createPerson(fixture, { superuser: true });
    expect(account).toMatchObject({ staff: true, superuser: true });
    expect(await fixture.accounts.change(account.id, { staff: false })).toMatchObject({
      staff: false,
      superuser: false,
    });
    expect(await fixture.accounts.change(account.id, { superuser: true })).toMatchObject({
      staff: true,
      superuser: true,
    });
    expect(await fixture.accounts.change(account.id, { superuser: false })).toMatchObject({
      staff: true,
      superuser: false,
    });
  });

  test("treat names that differ in case or Unicode form as the same", async () => {
    const fixture = shared();
    await createPerson(fixture, { username: "Weiß" });
    for (const username of ["weiß", "WEISS", "weiss", "Ｗeiß"]) {
      expect(await fixture.accounts.create({ username, password: PASSWORD }), username).toBe("taken");
    }
  });

  test("give a name to only one of many concurrent creations", async () => {
    const fixture = shared();
    const made = await Promise.all(
      Array.from({ length: 6 }, () => fixture.accounts.create({ username: "Everybody", password: PASSWORD })),
    );
    expect(made.filter((answer) => answer === "taken")).toHaveLength(5);
  });

  test("accept an email address only once", async () => {
    const fixture = shared();
    await createPerson(fixture, { email: "one@example.org" });
    const again = await fixture.accounts.create({ username: "two", password: PASSWORD, email: "ONE@example.org" });
    expect(again).toBe("taken");
  });

  test("free the old name on a rename, which can also change only the case", async () => {
    const fixture = shared();
    const [one, two] = [
      await createPerson(fixture, { username: "Old" }),
      await createPerson(fixture, { username: "Other" }),
    ];
    expect(await fixture.accounts.change(one.id, { username: "oLD" })).toMatchObject({ username: "oLD" });
    expect(await fixture.accounts.change(one.id, { username: "OTHER" })).toBe("taken");
    expect(await fixture.accounts.change(one.id, { username: "New" })).toMatchObject({ username: "New" });
    expect(await fixture.accounts.change(two.id, { username: "old" })).toMatchObject({ username: "old" });
    await signIn(fixture, "NEW");
  });

  test("show the current name of the author in messages", async () => {
    const fixture = shared();
    const { id, username } = await createPerson(fixture);
    const { room } = await fixture.store.rooms.create({ title: "General", by: { id, username } });
    await fixture.store.messages.append({
      room: room.id,
      accessVersion: 1,
      author: { id, username },
      clientId: "c",
      kind: "message",
      body: "hello",
    });
    await fixture.accounts.change(id, { username: "Renamed" });
    const { messages } = await fixture.store.messages.readHistory({ room: room.id, limit: 1 });
    expect(messages[0]?.author).toEqual({ id, username: "Renamed" });
    const [created] = (await fixture.store.eventLog.readSince({ room: room.id, since: 0, limit: 10 })) ?? [];
    expect(created).toMatchObject({ on: "room.created", by: { id, username: "Renamed" } });
  });

  test("apply changed flags from the next lookup on", async () => {
    const fixture = shared();
    const { id, username } = await createPerson(fixture);
    const { cookie } = await signIn(fixture, username);
    expect(await fixture.accounts.authenticate({ cookie })).toMatchObject({ staff: false });
    await fixture.accounts.change(id, { staff: true, username: "Promoted" });
    expect(await fixture.accounts.authenticate({ cookie })).toMatchObject({ staff: true, username: "Promoted" });
  });

  test("report an unknown account", async () => {
    const fixture = shared();
    expect(await fixture.accounts.change("nobody", { staff: true })).toBe("unknown");
    expect(await fixture.accounts.find("nobody-of-this-name")).toBeUndefined();
    expect(await fixture.accounts.sessions("nobody", null)).toEqual([]);
    expect(await fixture.accounts.revoke("nobody", "nothing")).toBe(false);
  });
});

describe("the last active superuser", () => {
  test.each([
    ["demoted", { superuser: false }],
    ["taken off the staff", { staff: false }],
    ["deactivated", { active: false }],
  ])("cannot be %s", async (_, changes) => {
    const fixture = await openTempFixture();
    const last = await createPerson(fixture, { superuser: true });
    const gone = await createPerson(fixture, { superuser: true });
    await fixture.accounts.change(gone.id, { active: false });
    expect(await fixture.accounts.change(last.id, changes)).toBe("last-superuser");
    expect(await fixture.accounts.find(last.id)).toEqual(last);
    await fixture.accounts.change(gone.id, { active: true });
    expect(await fixture.accounts.change(last.id, changes)).toMatchObject(changes);
  });

  test("remains when two processes demote the last two concurrently", async () => {
    const fixture = await openTempFixture();
    const other = await openSecondProcess(fixture);
    for (let round = 0; round < 5; round += 1) {
      const people = await fixture.accounts.list();
      for (const { id } of people) await fixture.accounts.change(id, { superuser: true, active: true });
      const [one, two] =
        people.length >= 2
          ? people
          : [await createPerson(fixture, { superuser: true }), await createPerson(fixture, { superuser: true })];
      const answers = await Promise.all([
        fixture.accounts.change(one?.id ?? "", { superuser: false }),
        other.accounts.change(two?.id ?? "", { active: false }),
      ]);
      expect(answers.filter((answer) => answer === "last-superuser")).toHaveLength(1);
      const left = (await fixture.accounts.list()).filter(({ superuser, active }) => superuser && active);
      expect(left).toHaveLength(1);
    }
  });
});

describe("passwords", () => {
  test("are stored as argon2id hashes with OWASP's cost", async () => {
    const fixture = await openTempFixture();
    await createPerson(fixture);
    const rows = await testDatabase().execute(fixture.place, "select password from account");
    const [{ password } = { password: "" }] = rows as { password: string }[];
    expect(password).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  });

  test("are hashed two at a time, with 200 waiting and further ones rejected", async () => {
    const passwords = new Passwords();
    const settled = await Promise.allSettled(Array.from({ length: 210 }, () => passwords.hash("x")));
    const refused = settled.filter(({ status }) => status === "rejected");
    expect(refused).toHaveLength(8);
    for (const refusal of refused) expect(refusal).toMatchObject({ reason: { code: "busy" } });
    expect(await passwords.verify(await passwords.hash("again"), "again"), "and afterwards it goes on").toBe(true);
  });
});

test.each([
  ["ALICE", "alice"],
  ["Ａｌｉｃｅ", "alice"],
  ["Straße", "strasse"],
  ["ΟΔΥΣΣΕΥΣ", "οδυσσευς"],
  ["οδυσσεύσ", "οδυσσεύς"],
  ["ﬁne", "fine"],
  ["e\u0301", "\u00e9"],
])("treats the names %s and %s as the same", (first, second) => {
  expect(usernameKey(first)).toBe(usernameKey(second));
});

test("keeps similar names with different letters apart", () => {
  expect(usernameKey("alice")).not.toBe(usernameKey("аlice"));
});
