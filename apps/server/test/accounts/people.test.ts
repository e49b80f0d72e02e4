import Database from "better-sqlite3";
import { describe, expect, test } from "vitest";
import { Passwords } from "../../src/accounts/passwords.ts";
import { usernameKey } from "../../src/store/people/username-key.ts";
import { neighbour, PASSWORD, sharedHouse, signIn, somebody, tempHouse } from "./temp-accounts.ts";

const shared = sharedHouse();

describe("accounts", () => {
  test("are made, found by id and by name in any case, listed and counted", async () => {
    const house = await tempHouse();
    expect(await house.accounts.count()).toBe(0);
    const zoe = await somebody(house, { username: "Zoë", email: "Zoe@Example.org" });
    const ann = await somebody(house, { username: "ann", staff: true });
    expect(zoe).toMatchObject({
      username: "Zoë",
      email: "zoe@example.org",
      staff: false,
      superuser: false,
      active: true,
    });
    expect(await house.accounts.find(zoe.id)).toEqual(zoe);
    expect(await house.accounts.find("ZOË")).toEqual(zoe);
    expect(await house.accounts.find("zoe")).toBeUndefined();
    expect(await house.accounts.list()).toEqual([ann, zoe]);
    expect(await house.accounts.count()).toBe(2);
  });

  test("have no address unless they were given one", async () => {
    const house = shared();
    const account = await somebody(house);
    expect(account.email).toBeNull();
    expect((await house.accounts.find(account.id))?.email).toBeNull();
  });

  test("a superuser is staff, and one who is staff no more is no superuser", async () => {
    const house = shared();
    await somebody(house, { superuser: true });
    const account = await somebody(house, { superuser: true });
    expect(account).toMatchObject({ staff: true, superuser: true });
    expect(await house.accounts.change(account.id, { staff: false })).toMatchObject({ staff: false, superuser: false });
    expect(await house.accounts.change(account.id, { superuser: true })).toMatchObject({
      staff: true,
      superuser: true,
    });
    expect(await house.accounts.change(account.id, { superuser: false })).toMatchObject({
      staff: true,
      superuser: false,
    });
  });

  test("names that only differ in case or form are one name", async () => {
    const house = shared();
    await somebody(house, { username: "Weiß" });
    for (const username of ["weiß", "WEISS", "weiss", "Ｗeiß"]) {
      expect(await house.accounts.create({ username, password: PASSWORD }), username).toBe("taken");
    }
  });

  test("of many who take one name at the same moment, one has it", async () => {
    const house = shared();
    const made = await Promise.all(
      Array.from({ length: 6 }, () => house.accounts.create({ username: "Everybody", password: PASSWORD })),
    );
    expect(made.filter((answer) => answer === "taken")).toHaveLength(5);
  });

  test("an address is had once", async () => {
    const house = shared();
    await somebody(house, { email: "one@example.org" });
    const again = await house.accounts.create({ username: "two", password: PASSWORD, email: "ONE@example.org" });
    expect(again).toBe("taken");
  });

  test("a rename frees the old name, and may change only its case", async () => {
    const house = shared();
    const [one, two] = [await somebody(house, { username: "Old" }), await somebody(house, { username: "Other" })];
    expect(await house.accounts.change(one.id, { username: "oLD" })).toMatchObject({ username: "oLD" });
    expect(await house.accounts.change(one.id, { username: "OTHER" })).toBe("taken");
    expect(await house.accounts.change(one.id, { username: "New" })).toMatchObject({ username: "New" });
    expect(await house.accounts.change(two.id, { username: "old" })).toMatchObject({ username: "old" });
    await signIn(house, "NEW");
  });

  test("messages carry the present name of their author", async () => {
    const house = shared();
    const { id, username } = await somebody(house);
    const { room } = await house.store.rooms.create({ title: "General", by: { id, username } });
    await house.store.messages.append({
      room: room.id,
      accessVersion: 1,
      author: { id, username },
      clientId: "c",
      kind: "message",
      body: "hello",
    });
    await house.accounts.change(id, { username: "Renamed" });
    const { messages } = await house.store.messages.readHistory({ room: room.id, limit: 1 });
    expect(messages[0]?.author).toEqual({ id, username: "Renamed" });
    const [created] = (await house.store.eventLog.readSince({ room: room.id, since: 0, limit: 10 })) ?? [];
    expect(created).toMatchObject({ on: "room.created", by: { id, username: "Renamed" } });
  });

  test("a change of flags counts from the next look-up on", async () => {
    const house = shared();
    const { id, username } = await somebody(house);
    const { cookie } = await signIn(house, username);
    expect(await house.accounts.authenticate({ cookie })).toMatchObject({ staff: false });
    await house.accounts.change(id, { staff: true, username: "Promoted" });
    expect(await house.accounts.authenticate({ cookie })).toMatchObject({ staff: true, username: "Promoted" });
  });

  test("somebody who is not there is unknown", async () => {
    const house = shared();
    expect(await house.accounts.change("nobody", { staff: true })).toBe("unknown");
    expect(await house.accounts.find("nobody-of-this-name")).toBeUndefined();
    expect(await house.accounts.sessions("nobody", null)).toEqual([]);
    expect(await house.accounts.revoke("nobody", "nothing")).toBe(false);
  });
});

describe("the last active superuser", () => {
  test.each([
    ["demoted", { superuser: false }],
    ["taken off the staff", { staff: false }],
    ["deactivated", { active: false }],
  ])("cannot be %s", async (_, changes) => {
    const house = await tempHouse();
    const last = await somebody(house, { superuser: true });
    const gone = await somebody(house, { superuser: true });
    await house.accounts.change(gone.id, { active: false });
    expect(await house.accounts.change(last.id, changes)).toBe("last-superuser");
    expect(await house.accounts.find(last.id)).toEqual(last);
    await house.accounts.change(gone.id, { active: true });
    expect(await house.accounts.change(last.id, changes)).toMatchObject(changes);
  });

  test("is left, when two processes take the last two away at the same moment", async () => {
    const house = await tempHouse();
    const other = await neighbour(house);
    for (let round = 0; round < 5; round += 1) {
      const people = await house.accounts.list();
      for (const { id } of people) await house.accounts.change(id, { superuser: true, active: true });
      const [one, two] =
        people.length >= 2
          ? people
          : [await somebody(house, { superuser: true }), await somebody(house, { superuser: true })];
      const answers = await Promise.all([
        house.accounts.change(one?.id ?? "", { superuser: false }),
        other.accounts.change(two?.id ?? "", { active: false }),
      ]);
      expect(answers.filter((answer) => answer === "last-superuser")).toHaveLength(1);
      const left = (await house.accounts.list()).filter(({ superuser, active }) => superuser && active);
      expect(left).toHaveLength(1);
    }
  });
});

describe("passwords", () => {
  test("are kept as argon2id with OWASP's cost, never as they are", async () => {
    const house = await tempHouse();
    await somebody(house);
    const raw = new Database(house.file, { readonly: true });
    const { password } = raw.prepare("select password from account").get() as { password: string };
    raw.close();
    expect(password).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  });

  test("two are hashed at a time, two hundred wait, and one more is refused", async () => {
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
])("the names %s and %s are one", (one, two) => {
  expect(usernameKey(one)).toBe(usernameKey(two));
});

test("names that look alike but are not the same letters stay two", () => {
  expect(usernameKey("alice")).not.toBe(usernameKey("аlice"));
});
