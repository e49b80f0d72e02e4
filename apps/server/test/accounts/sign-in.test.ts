import { describe, expect, test, vi } from "vitest";
import { Passwords } from "../../src/accounts/passwords.ts";
import { createPerson, openTempFixture, PASSWORD, sendRequest, signIn, useSharedFixture } from "./accounts-fixture.ts";

const shared = useSharedFixture();

const REFUSED = { error: { code: "SIGN_IN_FAILED", message: "Wrong username or password." } };

describe("sign-in", () => {
  test("sets the session cookie and returns the user, without the placeholder email address", async () => {
    const fixture = shared();
    const { id, username } = await createPerson(fixture, { staff: true });
    const response = await sendRequest(fixture, "sign-in/username", { username, password: PASSWORD });
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      token: expect.stringMatching(/^[A-Za-z0-9]{32}$/),
      user: { id, username, email: null, staff: true, superuser: false },
    });
    expect(response.headers.getSetCookie()).toEqual([
      expect.stringMatching(/^sessionid=[A-Za-z0-9%.]+; Max-Age=2592000; Path=\/; HttpOnly; SameSite=Lax$/),
      expect.stringMatching(/^multichat_device=[\w.-]+; Max-Age=31536000; Path=\/; HttpOnly; SameSite=Lax$/),
    ]);
  });

  test("sets a secure cookie with the same name over https", async () => {
    const fixture = await openTempFixture("https://chat.example");
    const { username } = await createPerson(fixture);
    const response = await sendRequest(fixture, "sign-in/username", { username, password: PASSWORD });
    expect(response.headers.getSetCookie()).toEqual([
      expect.stringMatching(/^sessionid=[A-Za-z0-9%.]+; Max-Age=2592000; Path=\/; HttpOnly; Secure; SameSite=Lax$/),
      expect.stringMatching(/^multichat_device=[\w.-]+; Max-Age=31536000; Path=\/; HttpOnly; Secure; SameSite=Lax$/),
    ]);
  });

  test("accepts the name in another case or Unicode form", async () => {
    const fixture = shared();
    await createPerson(fixture, { username: "Straße.Ünï" });
    for (const username of ["straße.ünï", "STRASSE.ÜNÏ", "Straße.U\u0308ni\u0308", "Ｓtraße.ünï"]) {
      await signIn(fixture, username);
    }
  });

  test("accepts the password composed or decomposed", async () => {
    const fixture = shared();
    const { username } = await createPerson(fixture, { password: "pässwörd" });
    await signIn(fixture, username, "pa\u0308sswo\u0308rd");
    await expect(signIn(fixture, username, "passwörd")).rejects.toThrow("SIGN_IN_FAILED");
  });

  test("gives the same error for a wrong name, a wrong password and a deactivated account", async () => {
    const fixture = shared();
    const active = await createPerson(fixture);
    const deactivated = await createPerson(fixture);
    await fixture.accounts.change(deactivated.id, { active: false });
    const answers = [];
    for (const [username, password] of [
      [active.username, "wrong"],
      ["nobody-of-this-name", PASSWORD],
      [deactivated.username, PASSWORD],
      [deactivated.username, "wrong"],
      ["x".repeat(200), "wrong"],
      [active.id, PASSWORD],
    ]) {
      const response = await sendRequest(fixture, "sign-in/username", { username, password });
      answers.push([response.status, response.headers.getSetCookie(), await response.json()]);
    }
    for (const answer of answers) expect(answer).toEqual([401, [], REFUSED]);
    expect(await fixture.accounts.sessions(deactivated.id, null)).toEqual([]);
  });

  test("computes a hash for an unknown name too", async () => {
    const fixture = shared();
    const { username } = await createPerson(fixture);
    const hash = vi.spyOn(Passwords.prototype, "hash");
    const verify = vi.spyOn(Passwords.prototype, "verify");
    await sendRequest(fixture, "sign-in/username", { username, password: "wrong" });
    expect([hash.mock.calls.length, verify.mock.calls.length]).toEqual([0, 1]);
    await sendRequest(fixture, "sign-in/username", { username: "nobody-of-this-name", password: "wrong" });
    expect([hash.mock.calls.length, verify.mock.calls.length]).toEqual([1, 1]);
    vi.restoreAllMocks();
  });

  test.each([
    ["no JSON", "{"],
    ["no name", { password: PASSWORD }],
    ["no password", { username: "alice" }],
    ["a name that is no text", { username: { $gt: "" }, password: PASSWORD }],
    ["an endless password", { username: "alice", password: "x".repeat(100_000) }],
  ])("rejects %s as malformed", async (_, body) => {
    const response = await sendRequest(shared(), "sign-in/username", body);
    expect([response.status, ((await response.json()) as typeof REFUSED).error.code]).toEqual([400, "COMMAND_INVALID"]);
  });

  test("ignores redirect URLs and session lifetimes of the client", async () => {
    const fixture = shared();
    const { username } = await createPerson(fixture);
    const body = { username, password: PASSWORD, callbackURL: "https://evil.example", rememberMe: false };
    const response = await sendRequest(fixture, "sign-in/username", body);
    expect(response.status).toBe(200);
    expect(response.headers.get("location")).toBeNull();
    expect(response.headers.getSetCookie()[0]).toContain("Max-Age=2592000");
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
    const fixture = shared();
    const { username } = await createPerson(fixture);
    const { cookie } = await signIn(fixture, username);
    const body = { name: "x", email: "x@example.org", password: PASSWORD, username: `new-${username}` };
    const count = await fixture.accounts.count();
    const response = await sendRequest(fixture, path, body, { cookie }, method);
    expect(response.status).toBe(404);
    expect(await fixture.accounts.count()).toBe(count);
  });
});

describe("sign-out", () => {
  test("ends the session of the cookie and clears the cookie, and no other", async () => {
    const fixture = shared();
    const { id, username } = await createPerson(fixture);
    const [one, two] = [await signIn(fixture, username), await signIn(fixture, username)];
    const response = await sendRequest(fixture, "sign-out", {}, { cookie: one.cookie });
    expect(response.status).toBe(200);
    expect(response.headers.getSetCookie()).toEqual(["sessionid=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax"]);
    expect(await fixture.accounts.authenticate(one)).toBeUndefined();
    expect(await fixture.accounts.authenticate({ cookie: two.cookie })).toMatchObject({ id });
    expect(await fixture.accounts.sessions(id, null)).toHaveLength(1);
  });

  test("ends the session of a bearer token", async () => {
    const fixture = shared();
    const { username } = await createPerson(fixture);
    const { token } = await signIn(fixture, username);
    expect(await fixture.accounts.authenticate({ bearer: token })).toBeDefined();
    await sendRequest(fixture, "sign-out", {}, { authorization: `Bearer ${token}` });
    expect(await fixture.accounts.authenticate({ bearer: token })).toBeUndefined();
  });

  test("does nothing without a session", async () => {
    const response = await sendRequest(shared(), "sign-out", {});
    expect(response.status).toBe(200);
  });
});

describe("a password change", () => {
  test("ends the other sessions, keeps this one, and replaces the password", async () => {
    const fixture = shared();
    const { id, username } = await createPerson(fixture);
    const [current, other] = [await signIn(fixture, username), await signIn(fixture, username)];
    await fixture.accounts.authenticate({ cookie: other.cookie });
    const body = { currentPassword: PASSWORD, newPassword: "another password" };
    const response = await sendRequest(fixture, "change-password", body, { cookie: current.cookie });
    expect(response.status).toBe(200);
    expect(await fixture.accounts.authenticate({ cookie: other.cookie })).toBeUndefined();
    expect(await fixture.accounts.authenticate({ cookie: current.cookie })).toMatchObject({ id });
    await expect(signIn(fixture, username)).rejects.toThrow("SIGN_IN_FAILED");
    await signIn(fixture, username, "another password");
  });

  test.each([
    ["a wrong current password", { currentPassword: "wrong", newPassword: "another password" }],
    ["a new password that is too short", { currentPassword: PASSWORD, newPassword: "short" }],
    ["nothing", {}],
  ])("is rejected with %s", async (_, body) => {
    const fixture = shared();
    const { username } = await createPerson(fixture);
    const [current, other] = [await signIn(fixture, username), await signIn(fixture, username)];
    const response = await sendRequest(fixture, "change-password", body, { cookie: current.cookie });
    expect(response.status).toBe(400);
    expect(await fixture.accounts.authenticate({ cookie: other.cookie })).toBeDefined();
    await signIn(fixture, username);
  });

  test("that is repeated after a lost reply succeeds again, and changes nothing more", async () => {
    const fixture = shared();
    const { username } = await createPerson(fixture);
    const { cookie } = await signIn(fixture, username);
    const body = { currentPassword: PASSWORD, newPassword: "another password" };
    const change = () => sendRequest(fixture, "change-password", body, { cookie });
    expect((await change()).status).toBe(200);
    const other = await signIn(fixture, username, "another password");
    expect((await change()).status).toBe(200);
    expect(await fixture.accounts.authenticate({ cookie: other.cookie }), "no session ends twice").toBeDefined();
  });

  test("is no repetition while the password is one that staff have set", async () => {
    const fixture = shared();
    const { id, username } = await createPerson(fixture);
    await fixture.accounts.change(id, { password: "set by the staff", passwordChangeRequired: true });
    const { cookie } = await signIn(fixture, username, "set by the staff");
    const body = { currentPassword: "forgotten already", newPassword: "set by the staff" };
    expect((await sendRequest(fixture, "change-password", body, { cookie })).status).toBe(400);
  });

  test("requires a session", async () => {
    const body = { currentPassword: PASSWORD, newPassword: "another password" };
    expect((await sendRequest(shared(), "change-password", body)).status).toBe(401);
  });

  test("succeeds for only one of two concurrent requests", async () => {
    const fixture = shared();
    const { username } = await createPerson(fixture);
    const { cookie } = await signIn(fixture, username);
    const change = (newPassword: string) =>
      sendRequest(fixture, "change-password", { currentPassword: PASSWORD, newPassword }, { cookie });
    const responses = await Promise.all([change("first password"), change("second password")]);
    expect(responses.map(({ status }) => status).sort()).toEqual([200, 400]);
    const which = responses[0]?.ok ? "first password" : "second password";
    await signIn(fixture, username, which);
  });
});

test("throws database errors to the caller instead of hiding them in a response", async () => {
  const fixture = await openTempFixture();
  const { username } = await createPerson(fixture);
  await fixture.store.close();
  await expect(sendRequest(fixture, "sign-in/username", { username, password: PASSWORD })).rejects.toMatchObject({
    name: "StoreError",
    code: "closed",
  });
});
