import { describe, expect, test, vi } from "vitest";
import { Passwords } from "../../src/accounts/passwords.ts";
import { ask, PASSWORD, sharedHouse, signIn, somebody, tempHouse } from "./temp-accounts.ts";

const shared = sharedHouse();

const REFUSED = { error: { code: "SIGN_IN_FAILED", message: "Wrong username or password." } };

describe("signing in", () => {
  test("sets the session cookie and tells who it is, without an address that was made up", async () => {
    const house = shared();
    const { id, username } = await somebody(house, { staff: true });
    const response = await ask(house, "sign-in/username", { username, password: PASSWORD });
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      token: expect.stringMatching(/^[A-Za-z0-9]{32}$/),
      user: { id, username, email: null, staff: true, superuser: false },
    });
    expect(response.headers.getSetCookie()).toEqual([
      expect.stringMatching(/^sessionid=[A-Za-z0-9%.]+; Max-Age=2592000; Path=\/; HttpOnly; SameSite=Lax$/),
    ]);
  });

  test("behind https the cookie is secure, and of the same name", async () => {
    const house = await tempHouse("https://chat.example");
    const { username } = await somebody(house);
    const response = await ask(house, "sign-in/username", { username, password: PASSWORD });
    expect(response.headers.getSetCookie()).toEqual([
      expect.stringMatching(/^sessionid=[A-Za-z0-9%.]+; Max-Age=2592000; Path=\/; HttpOnly; Secure; SameSite=Lax$/),
    ]);
  });

  test("the name may be written in another case or form", async () => {
    const house = shared();
    await somebody(house, { username: "Straße.Ünï" });
    for (const username of ["straße.ünï", "STRASSE.ÜNÏ", "Straße.U\u0308ni\u0308", "Ｓtraße.ünï"]) {
      await signIn(house, username);
    }
  });

  test("the password may be typed composed or decomposed", async () => {
    const house = shared();
    const { username } = await somebody(house, { password: "pässwörd" });
    await signIn(house, username, "pa\u0308sswo\u0308rd");
    await expect(signIn(house, username, "passwörd")).rejects.toThrow("SIGN_IN_FAILED");
  });

  test("a wrong name, a wrong password and a deactivated account are told alike", async () => {
    const house = shared();
    const here = await somebody(house);
    const gone = await somebody(house);
    await house.accounts.change(gone.id, { active: false });
    const answers = [];
    for (const [username, password] of [
      [here.username, "wrong"],
      ["nobody-of-this-name", PASSWORD],
      [gone.username, PASSWORD],
      [gone.username, "wrong"],
      ["x".repeat(200), "wrong"],
      [here.id, PASSWORD],
    ]) {
      const response = await ask(house, "sign-in/username", { username, password });
      answers.push([response.status, response.headers.getSetCookie(), await response.json()]);
    }
    for (const answer of answers) expect(answer).toEqual([401, [], REFUSED]);
    expect(await house.accounts.sessions(gone.id, null)).toEqual([]);
  });

  test("an unknown name costs a hash as a known one does", async () => {
    const house = shared();
    const { username } = await somebody(house);
    const hash = vi.spyOn(Passwords.prototype, "hash");
    const verify = vi.spyOn(Passwords.prototype, "verify");
    await ask(house, "sign-in/username", { username, password: "wrong" });
    expect([hash.mock.calls.length, verify.mock.calls.length]).toEqual([0, 1]);
    await ask(house, "sign-in/username", { username: "nobody-of-this-name", password: "wrong" });
    expect([hash.mock.calls.length, verify.mock.calls.length]).toEqual([1, 1]);
    vi.restoreAllMocks();
  });

  test.each([
    ["no JSON", "{"],
    ["no name", { password: PASSWORD }],
    ["no password", { username: "alice" }],
    ["a name that is no text", { username: { $gt: "" }, password: PASSWORD }],
    ["an endless password", { username: "alice", password: "x".repeat(100_000) }],
  ])("%s is refused as a shape", async (_, body) => {
    const response = await ask(shared(), "sign-in/username", body);
    expect([response.status, ((await response.json()) as typeof REFUSED).error.code]).toEqual([400, "COMMAND_INVALID"]);
  });

  test("nobody is sent elsewhere, and a session cannot be made short or long", async () => {
    const house = shared();
    const { username } = await somebody(house);
    const body = { username, password: PASSWORD, callbackURL: "https://evil.example", rememberMe: false };
    const response = await ask(house, "sign-in/username", body);
    expect(response.status).toBe(200);
    expect(response.headers.get("location")).toBeNull();
    expect(response.headers.getSetCookie()).toEqual([expect.stringContaining("Max-Age=2592000")]);
    expect(await response.text()).not.toContain("evil");
  });
});

describe("the library's other routes", () => {
  test.each([
    ["POST", "sign-up/email"],
    ["POST", "sign-in/email"],
    ["POST", "sign-in/social"],
    ["POST", "update-user"],
    ["POST", "change-email"],
    ["POST", "delete-user"],
    ["POST", "request-password-reset"],
    ["POST", "reset-password"],
    ["POST", "is-username-available"],
    ["POST", "update-session"],
    ["GET", "get-session"],
    ["GET", "list-sessions"],
    ["GET", "ok"],
    ["GET", "error"],
    ["GET", "sign-in/username"],
    ["POST", "sign-in/username/"],
    ["POST", "sign-in/../sign-up/email"],
  ])("%s %s is not found", async (method, path) => {
    const house = shared();
    const { username } = await somebody(house);
    const { cookie } = await signIn(house, username);
    const body = { name: "x", email: "x@example.org", password: PASSWORD, username: `new-${username}` };
    const count = await house.accounts.count();
    const response = await ask(house, path, body, { cookie }, method);
    expect(response.status).toBe(404);
    expect(await house.accounts.count()).toBe(count);
  });
});

describe("signing out", () => {
  test("ends the session of the cookie and clears the cookie, and no other", async () => {
    const house = shared();
    const { id, username } = await somebody(house);
    const [one, two] = [await signIn(house, username), await signIn(house, username)];
    const response = await ask(house, "sign-out", {}, { cookie: one.cookie });
    expect(response.status).toBe(200);
    expect(response.headers.getSetCookie()).toEqual(["sessionid=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax"]);
    expect(await house.accounts.authenticate(one)).toBeUndefined();
    expect(await house.accounts.authenticate({ cookie: two.cookie })).toMatchObject({ id });
    expect(await house.accounts.sessions(id, null)).toHaveLength(1);
  });

  test("ends the session of a bearer token", async () => {
    const house = shared();
    const { username } = await somebody(house);
    const { token } = await signIn(house, username);
    expect(await house.accounts.authenticate({ bearer: token })).toBeDefined();
    await ask(house, "sign-out", {}, { authorization: `Bearer ${token}` });
    expect(await house.accounts.authenticate({ bearer: token })).toBeUndefined();
  });

  test("without a session there is nothing to do", async () => {
    const response = await ask(shared(), "sign-out", {});
    expect(response.status).toBe(200);
  });
});

describe("changing one's password", () => {
  test("ends the other sessions, keeps this one, and the new password is the one that counts", async () => {
    const house = shared();
    const { id, username } = await somebody(house);
    const [here, there] = [await signIn(house, username), await signIn(house, username)];
    await house.accounts.authenticate({ cookie: there.cookie });
    const body = { currentPassword: PASSWORD, newPassword: "another password" };
    const response = await ask(house, "change-password", body, { cookie: here.cookie });
    expect(response.status).toBe(200);
    expect(await house.accounts.authenticate({ cookie: there.cookie })).toBeUndefined();
    expect(await house.accounts.authenticate({ cookie: here.cookie })).toMatchObject({ id });
    await expect(signIn(house, username)).rejects.toThrow("SIGN_IN_FAILED");
    await signIn(house, username, "another password");
  });

  test.each([
    ["a wrong current password", { currentPassword: "wrong", newPassword: "another password" }],
    ["a new password that is too short", { currentPassword: PASSWORD, newPassword: "short" }],
    ["nothing", {}],
  ])("%s changes nothing", async (_, body) => {
    const house = shared();
    const { username } = await somebody(house);
    const [here, there] = [await signIn(house, username), await signIn(house, username)];
    const response = await ask(house, "change-password", body, { cookie: here.cookie });
    expect(response.status).toBe(400);
    expect(await house.accounts.authenticate({ cookie: there.cookie })).toBeDefined();
    await signIn(house, username);
  });

  test("is for those who are signed in", async () => {
    const body = { currentPassword: PASSWORD, newPassword: "another password" };
    expect((await ask(shared(), "change-password", body)).status).toBe(401);
  });

  test("of two at the same moment one is too late", async () => {
    const house = shared();
    const { username } = await somebody(house);
    const { cookie } = await signIn(house, username);
    const change = (newPassword: string) =>
      ask(house, "change-password", { currentPassword: PASSWORD, newPassword }, { cookie });
    const responses = await Promise.all([change("first password"), change("second password")]);
    expect(responses.map(({ status }) => status).sort()).toEqual([200, 400]);
    const which = responses[0]?.ok ? "first password" : "second password";
    await signIn(house, username, which);
  });
});

test("a database that fails is told to the caller, not hidden in an answer", async () => {
  const house = await tempHouse();
  const { username } = await somebody(house);
  await house.store.close();
  await expect(ask(house, "sign-in/username", { username, password: PASSWORD })).rejects.toMatchObject({
    name: "StoreError",
    code: "closed",
  });
});
