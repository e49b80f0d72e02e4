import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { HttpFixture, PASSWORD, type TestRequest, type TestResponse } from "../http-fixture.ts";

let fixture: HttpFixture;
beforeAll(async () => {
  fixture = await HttpFixture.open();
});
afterAll(() => fixture.close());

const resultOf = ({ status, body }: TestResponse): string =>
  body.error?.code ?? (status < 300 ? "ok" : `HTTP ${status}`);

const setPassword = (by: string, person: string, password: string): Promise<TestResponse> =>
  fixture.requestAs(by, { method: "PATCH", url: `/api/people/${person}`, payload: { password } });

describe("nobody changes their own password without the current one", () => {
  test.each(["user", "staff", "superuser"])(
    "%s, by id, by username in any spelling, or together with other changes",
    async (who) => {
      const account = await fixture.context.accounts.find(who);
      for (const person of [account?.id ?? "", who, who.toUpperCase()]) {
        expect(resultOf(await setPassword(who, person, "a brand new one"))).toBe("FORBIDDEN");
      }
      const payload = { password: "a brand new one", active: true };
      const both = await fixture.requestAs(who, { method: "PATCH", url: `/api/people/${who}`, payload });
      expect(resultOf(both)).toBe("FORBIDDEN");
      expect((await fixture.trySignIn(who, PASSWORD)).status).toBe(200);
    },
  );
});

describe("a user whose password someone else has set", () => {
  test("chooses a new one before anything else", async () => {
    const { username } = await fixture.createPerson();
    expect(resultOf(await setPassword("staff", username, "set by the staff"))).toBe("ok");
    const { token, answer } = await fixture.signIn(username, "set by the staff");
    expect(answer.body.user).toMatchObject({ username, passwordChangeRequired: true });
    const send = (request: TestRequest) =>
      fixture.request({ ...request, headers: { authorization: `Bearer ${token}` } });
    const refused: readonly TestRequest[] = [
      { method: "GET", url: "/api/rooms" },
      { method: "GET", url: "/api/rooms/1" },
      { method: "GET", url: "/api/rooms/1/messages" },
      { method: "POST", url: "/api/rooms/1/messages", payload: { clientId: "a", body: "hello" } },
      { method: "GET", url: "/api/sessions" },
      { method: "DELETE", url: "/api/sessions" },
      { method: "GET", url: "/api/search?query=hello" },
      { method: "POST", url: "/api/direct", payload: { user: "staff" } },
      { method: "GET", url: "/api/people" },
      { method: "GET", url: "/api/settings" },
      { method: "POST", url: "/api/me/confirm", payload: { password: "set by the staff" } },
    ];
    for (const request of refused) expect(resultOf(await send(request)), request.url).toBe("PASSWORD_CHANGE_REQUIRED");
    const me = await send({ method: "GET", url: "/api/me" });
    expect(me.body.me).toMatchObject({ passwordChangeRequired: true });
    const payload = { currentPassword: "set by the staff", newPassword: "chosen by its user" };
    expect(resultOf(await send({ method: "POST", url: "/api/me/password", payload }))).toBe("ok");
    expect((await send({ method: "GET", url: "/api/me" })).body.me).not.toHaveProperty("passwordChangeRequired");
    expect(resultOf(await send({ method: "GET", url: "/api/rooms" }))).toBe("ok");
  });

  test("can sign out instead", async () => {
    const { username } = await fixture.createPerson();
    await setPassword("staff", username, "set by the staff");
    const { token } = await fixture.signIn(username, "set by the staff");
    const headers = { authorization: `Bearer ${token}` };
    expect((await fixture.request({ method: "POST", url: "/api/auth/sign-out", headers })).status).toBe(200);
  });

  test("is one that an account was created for only where that is asked for", async () => {
    for (const passwordChangeRequired of [true, false, undefined]) {
      const username = `new${String(passwordChangeRequired)}`;
      const payload = { username, password: PASSWORD, passwordChangeRequired };
      const created = await fixture.requestAs("staff", { method: "POST", url: "/api/people", payload });
      expect(created.status).toBe(201);
      const { answer } = await fixture.signIn(username);
      expect(answer.text.includes("passwordChangeRequired")).toBe(passwordChangeRequired === true);
    }
  });
});

describe("changing accounts and ending sessions", () => {
  const requests = (): readonly TestRequest[] => [
    { method: "PATCH", url: "/api/people/user", payload: { password: "a brand new one" } },
    { method: "PATCH", url: "/api/people/user", payload: { staff: true } },
    { method: "PATCH", url: "/api/people/user", payload: { superuser: true } },
    { method: "PATCH", url: "/api/people/user", payload: { active: false } },
    { method: "PATCH", url: "/api/people/user", payload: { username: "another" } },
    { method: "POST", url: "/api/people/user/sign-out" },
    { method: "DELETE", url: "/api/sessions" },
    { method: "DELETE", url: "/api/sessions/some-session" },
  ];

  test("require the password after 15 minutes, and work again for as long after a confirmation", async () => {
    const { token } = await fixture.signIn("superuser");
    const send = (request: TestRequest) =>
      fixture.request({ ...request, headers: { authorization: `Bearer ${token}` } });
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 15 * 60_000 + 1_000 });
    onTestFinished(() => {
      vi.useRealTimers();
    });
    for (const request of requests()) expect(resultOf(await send(request)), request.url).toBe("CONFIRMATION_REQUIRED");
    expect(resultOf(await send({ method: "GET", url: "/api/people" })), "reading").toBe("ok");
    const confirm = (password: string) => send({ method: "POST", url: "/api/me/confirm", payload: { password } });
    expect(resultOf(await confirm("a guess"))).toBe("COMMAND_INVALID");
    expect(resultOf(await send({ method: "DELETE", url: "/api/sessions" }))).toBe("CONFIRMATION_REQUIRED");
    vi.useRealTimers();
    expect(resultOf(await confirm(PASSWORD))).toBe("ok");
    expect(resultOf(await send({ method: "DELETE", url: "/api/sessions" }))).toBe("ok");
    expect(resultOf(await send({ method: "DELETE", url: "/api/sessions/some-session" }))).toBe("SESSION_NOT_FOUND");
  });

  test("say FORBIDDEN first, so that a confirmation discloses nothing about permissions", async () => {
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 20 * 60_000 });
    onTestFinished(() => {
      vi.useRealTimers();
    });
    for (const request of requests().slice(0, 6)) {
      expect(resultOf(await fixture.requestAs("user", request)), request.url).toBe("FORBIDDEN");
    }
  });
});

describe("a new password that is easy to guess is refused with the reason", () => {
  test.each(["password1", "Passw0rd!", "qwertyuiop", "multichat", "aaaaaaaa", "12345678"])("%s", async (password) => {
    const { username } = await fixture.createPerson();
    const { token } = await fixture.signIn(username);
    const answers = [
      await setPassword("staff", username, password),
      await fixture.requestAs("staff", { method: "POST", url: "/api/people", payload: { username: "weak", password } }),
      await fixture.request({
        method: "POST",
        url: "/api/me/password",
        payload: { currentPassword: PASSWORD, newPassword: password },
        headers: { authorization: `Bearer ${token}` },
      }),
    ];
    for (const answer of answers) {
      expect(resultOf(answer)).toBe("COMMAND_INVALID");
      expect((answer.body.error as { issues?: readonly { path: string; message: string }[] }).issues).toEqual([
        { path: expect.stringMatching(/^(newP|p)assword$/), message: expect.stringMatching(/^This password/) },
      ]);
    }
    expect((await fixture.trySignIn(username, PASSWORD)).status).toBe(200);
  });
});
