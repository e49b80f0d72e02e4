import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bodyOf, HttpFixture } from "../http/http-fixture.ts";

let fixture: HttpFixture;
beforeAll(async () => {
  fixture = await HttpFixture.open();
});
afterAll(() => fixture.close());

const NEW_PASSWORD = "a quite new password";
const BY = { actor: null, address: null, request: null };

const create = (by: string, person: string) =>
  fixture.requestAs(by, { method: "POST", url: `/api/people/${person}/reset-link`, payload: {} });
const createLink = async (person: string, by = "staff") =>
  bodyOf<{ token: string; expiresAt: number }>(await create(by, person)).token;
const check = (token: string) => fixture.request({ method: "POST", url: "/api/reset-links/token", payload: { token } });
const use = (token: string, password = NEW_PASSWORD) =>
  fixture.request({ method: "POST", url: "/api/reset-links/use", payload: { token, password } });
const expectClosed = async (token: string) => {
  for (const answer of [await check(token), await use(token)]) {
    expect([answer.status, answer.body.error?.code]).toEqual([404, "LINK_INVALID"]);
  }
};

test("someone with the link chooses a password once, is signed in, and all earlier sessions end", async () => {
  const { id, username } = await fixture.createPerson();
  const before = await fixture.signIn(username);
  const token = await createLink(username);
  expect((await check(token)).body).toEqual({ username });
  const used = await use(token);
  expect([used.status, used.body]).toEqual([200, { username }]);
  const cookie = used.cookies.map((set) => set.split(";")[0]).join("; ");
  expect((await fixture.request({ method: "GET", url: "/api/me", headers: { cookie } })).body).toMatchObject({
    me: { id },
  });
  const headers = { authorization: `Bearer ${before.token}` };
  expect((await fixture.request({ method: "GET", url: "/api/me", headers })).status).toBe(401);
  await fixture.signIn(username, NEW_PASSWORD);
  await expectClosed(token);
  const entries = await fixture.context.store.audit.read({ target: username, limit: 10 });
  expect(entries.map(({ action }) => action)).toEqual(
    expect.arrayContaining(["reset-link.create", "password.reset", "sign-in"]),
  );
  expect(JSON.stringify(entries) + fixture.log.join("")).not.toContain(token);
});

test("a link replaces the one before; a weak password does not use it up", async () => {
  const { username } = await fixture.createPerson();
  const [first, second] = [await createLink(username), await createLink(username)];
  await expectClosed(first);
  expect((await use(second, "password1")).body.error?.code).toBe("COMMAND_INVALID");
  expect((await use(second)).status).toBe(200);
});

test("a person who had to choose a password has done so", async () => {
  const { id, username } = await fixture.createPerson();
  await fixture.context.accounts.change(id, { password: "set by the staff", passwordChangeRequired: true });
  await use(await createLink(username));
  expect(await fixture.context.accounts.find(id)).toMatchObject({ passwordChangeRequired: false });
});

test("of people who use a link at the same time, one sets the password", async () => {
  const { username } = await fixture.createPerson();
  const token = await createLink(username);
  const passwords = ["a first new password", "a second new password", "a third new password"];
  const answers = await Promise.all(passwords.map((password) => use(token, password)));
  const winners = passwords.filter((_, index) => answers[index]?.status === 200);
  expect(winners).toHaveLength(1);
  await fixture.signIn(username, winners[0]);
});

describe("a link ends with", () => {
  const ENDS: Record<string, (id: string) => Promise<unknown>> = {
    "another password": (id) => fixture.context.accounts.change(id, { password: "set by the staff" }),
    deactivation: (id) => fixture.context.accounts.change(id, { active: false }),
    // Who made it may not set the password of such an account.
    "the staff flag": (id) => fixture.context.accounts.change(id, { staff: true }),
    "the superuser flag": (id) => fixture.context.accounts.change(id, { superuser: true }),
    "its time": (id) => fixture.context.accounts.links.createResetLink(id, BY, { expiresAt: Date.now() - 1 }),
  };
  test.each(Object.keys(ENDS))("%s", async (end) => {
    const { id, username } = await fixture.createPerson();
    const token = await createLink(username);
    const made = (await ENDS[end]?.(id)) as { token?: string } | undefined;
    await expectClosed(token);
    if (end === "its time") await expectClosed(made?.token ?? "");
    if (end === "deactivation") {
      await fixture.context.accounts.change(id, { active: true });
      await expectClosed(token);
    }
  });
});

test("nobody makes one for themselves, or for an account that they may not change", async () => {
  const { username } = await fixture.createPerson();
  expect((await create("user", username)).body.error?.code).toBe("FORBIDDEN");
  expect((await create("staff", "superuser")).body.error?.code).toBe("FORBIDDEN");
  expect((await create("superuser", "superuser")).body.error?.code).toBe("FORBIDDEN");
  expect((await create("superuser", "staff")).status).toBe(201);
  expect((await create("staff", "nobody.at.all")).body.error?.code).toBe("PERSON_NOT_FOUND");
  const { id } = await fixture.createPerson();
  await fixture.context.accounts.change(id, { active: false });
  expect((await create("staff", id)).body.error?.code).toBe("PERSON_DEACTIVATED");
});
