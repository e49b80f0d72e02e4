import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { HttpHouse, PASSWORD } from "./http-fixture.ts";

describe("signing in", () => {
  let house: HttpHouse;
  beforeAll(async () => {
    house = await HttpHouse.open();
  });
  afterAll(() => house.close());

  test("a right password answers with the person and a token, and sets the session cookie", async () => {
    const { answer, cookie, token } = await house.signIn("user");
    expect(answer.body).toMatchObject({ token: expect.any(String), user: { username: "user", staff: false } });
    expect(answer.text).not.toContain(PASSWORD);
    expect(answer.cookies).toHaveLength(1);
    expect(answer.cookies[0]).toMatch(/^sessionid=[^;]+;/);
    expect(answer.cookies[0]).toMatch(/; HttpOnly/i);
    expect(answer.cookies[0]).toMatch(/; SameSite=Lax/i);
    expect(answer.cookies[0]).not.toMatch(/; Secure/i);
    for (const headers of [{ cookie }, { authorization: `Bearer ${token}` }, { authorization: `bearer ${token}` }]) {
      const me = await house.ask({ method: "GET", url: "/api/me", headers });
      expect(me.body.me).toMatchObject({ username: "user" });
    }
  });

  test("a page's first request renews the cookie that it came with, and gives none to a token", async () => {
    const { cookie, token } = await house.signIn("user");
    const byCookie = await house.ask({ method: "GET", url: "/api/me", headers: { cookie } });
    expect(byCookie.cookies).toEqual([expect.stringMatching(/^sessionid=[^;]+; Max-Age=\d+; .*HttpOnly/)]);
    expect(byCookie.cookies[0]?.split(";", 1)[0]).toBe(cookie);
    const byToken = await house.ask({
      method: "GET",
      url: "/api/me",
      headers: { authorization: `Bearer ${token}`, cookie },
    });
    expect(byToken.cookies).toEqual([]);
    const forged = await house.ask({ method: "GET", url: "/api/me", headers: { cookie: "sessionid=a.b" } });
    expect([forged.status, forged.cookies]).toEqual([401, []]);
  });

  test("the username is taken in any case", async () => {
    expect((await house.trySignIn("USER", PASSWORD)).status).toBe(200);
  });

  test("a wrong username, a wrong password and a deactivated account are told alike", async () => {
    const gone = await house.person();
    await house.context.accounts.change(gone.id, { active: false });
    const wrongPassword = await house.trySignIn("user", "not this one");
    expect(wrongPassword.status).toBe(401);
    expect(wrongPassword.body.error?.code).toBe("SIGN_IN_FAILED");
    for (const answer of [await house.trySignIn("nobody", PASSWORD), await house.trySignIn(gone.username, PASSWORD)]) {
      expect([answer.status, answer.text, answer.cookies]).toEqual([401, wrongPassword.text, []]);
    }
  });

  test("signing out ends the session, by cookie and by token, and clears the cookie", async () => {
    for (const by of ["cookie", "authorization"] as const) {
      const { cookie, token } = await house.signIn("user");
      const headers: Record<string, string> = by === "cookie" ? { cookie } : { authorization: `Bearer ${token}` };
      const look = () => house.ask({ method: "GET", url: "/api/me", headers });
      expect((await look()).status).toBe(200);
      const out = await house.ask({ method: "POST", url: "/api/auth/sign-out", headers });
      expect(out.status).toBe(200);
      if (by === "cookie") expect(out.cookies.join()).toMatch(/sessionid=;.*Max-Age=0/i);
      expect((await look()).body.error?.code).toBe("USER_HAS_TO_LOGIN");
    }
  });

  test("a token that nobody has signed in for opens nothing", async () => {
    for (const authorization of ["Bearer nothing", "Bearer ", "Basic dXNlcjp3b3Jk", `Bearer ${"x".repeat(5000)}`]) {
      const me = await house.ask({ method: "GET", url: "/api/me", headers: { authorization } });
      expect(me.body.error?.code).toBe("USER_HAS_TO_LOGIN");
    }
    const forged = await house.ask({ method: "GET", url: "/api/me", headers: { cookie: "sessionid=a.b" } });
    expect(forged.body.error?.code).toBe("USER_HAS_TO_LOGIN");
  });

  test.each([
    "sign-up/email",
    "admin/set-role",
    "admin/create-user",
    "admin/impersonate-user",
    "update-user",
    "delete-user",
    "change-password",
    "sign-in/email",
    "list-sessions",
    "revoke-sessions",
    "ok",
  ])("the accounts' own route %s is shut", async (path) => {
    for (const method of ["GET", "POST"] as const) {
      const answer = await house.as("superuser", { method, url: `/api/auth/${path}`, payload: {} });
      expect(answer.body.error?.code).toBe("NOT_FOUND");
    }
  });

  test("one's sessions are listed with the current one marked, and can be ended", async () => {
    const { username } = await house.person();
    const here = await house.signIn(username);
    const there = await house.signIn(username);
    const headers = { cookie: here.cookie };
    const list = async () =>
      (await house.ask({ method: "GET", url: "/api/sessions", headers })).body.sessions as unknown as {
        id: string;
        current: boolean;
      }[];
    const both = await list();
    expect(both.map(({ current }) => current).sort()).toEqual([false, true]);
    expect(JSON.stringify(both)).not.toContain(there.token);
    const other = both.find(({ current }) => !current)?.id;
    expect((await house.ask({ method: "DELETE", url: `/api/sessions/${other}`, headers })).status).toBe(200);
    const gone = await house.ask({ method: "GET", url: "/api/me", headers: { cookie: there.cookie } });
    expect(gone.status).toBe(401);
    const again = await house.ask({ method: "DELETE", url: `/api/sessions/${other}`, headers });
    expect(again.body.error?.code).toBe("SESSION_NOT_FOUND");
    expect(await list()).toHaveLength(1);
  });

  test("somebody else's session is none, also for a superuser", async () => {
    const { id, username } = await house.person();
    await house.signIn(username);
    const [session] = await house.context.accounts.sessions(id, null);
    const answer = await house.as("superuser", { method: "DELETE", url: `/api/sessions/${session?.id}` });
    expect(answer.body.error?.code).toBe("SESSION_NOT_FOUND");
    expect(await house.context.accounts.sessions(id, null)).toHaveLength(1);
  });

  test("ending the others keeps this one", async () => {
    const { id, username } = await house.person();
    const here = await house.signIn(username);
    await house.signIn(username);
    await house.signIn(username);
    expect(await house.context.accounts.sessions(id, null)).toHaveLength(3);
    await house.ask({ method: "DELETE", url: "/api/sessions", headers: { cookie: here.cookie } });
    expect(await house.context.accounts.sessions(id, null)).toHaveLength(1);
    expect((await house.ask({ method: "GET", url: "/api/me", headers: { cookie: here.cookie } })).status).toBe(200);
  });

  test("a new password needs the current one, keeps this session and ends the others", async () => {
    const { username } = await house.person();
    const here = await house.signIn(username);
    const there = await house.signIn(username);
    const change = (currentPassword: string, newPassword: string) =>
      house.ask({
        method: "POST",
        url: "/api/me/password",
        payload: { currentPassword, newPassword },
        headers: { cookie: here.cookie },
      });
    const wrong = await change("not this one", "a new long password");
    expect(wrong.status).toBe(400);
    expect(wrong.body.error).toMatchObject({ code: "COMMAND_INVALID", issues: [{ path: "currentPassword" }] });
    expect((await change(PASSWORD, "short")).body.error).toMatchObject({ issues: [{ path: "newPassword" }] });
    const changed = await change(PASSWORD, "a new long password");
    expect(changed.status).toBe(200);
    const kept =
      changed.cookies.length > 0 ? changed.cookies.map((line) => line.split(";", 1)[0]).join("; ") : here.cookie;
    expect((await house.ask({ method: "GET", url: "/api/me", headers: { cookie: kept } })).status).toBe(200);
    expect((await house.ask({ method: "GET", url: "/api/me", headers: { cookie: there.cookie } })).status).toBe(401);
    expect((await house.trySignIn(username, PASSWORD)).status).toBe(401);
    expect((await house.trySignIn(username, "a new long password")).status).toBe(200);
  });

  test("deactivation and a reset password end the sessions at once", async () => {
    for (const changes of [{ active: false }, { password: "another password" }]) {
      const { id, username } = await house.person();
      const { cookie } = await house.signIn(username);
      const look = () => house.ask({ method: "GET", url: "/api/me", headers: { cookie } });
      expect((await look()).status).toBe(200);
      await house.as("staff", { method: "PATCH", url: `/api/people/${id}`, payload: changes });
      expect((await look()).status).toBe(401);
    }
  });

  test("the last superuser can neither be taken the flag nor deactivated", async () => {
    const account = await house.context.accounts.find("superuser");
    for (const payload of [{ superuser: false }, { active: false }]) {
      const answer = await house.as("superuser", { method: "PATCH", url: `/api/people/${account?.id}`, payload });
      expect(answer.body.error?.code).toBe("LAST_SUPERUSER");
      expect(answer.status).toBe(409);
    }
  });
});

describe("over https", () => {
  test("the cookie is Secure and HSTS is sent", async () => {
    const house = await HttpHouse.open({ env: { PUBLIC_URL: "https://chat.example.org" } });
    try {
      const { answer } = await house.signIn("user");
      expect(answer.cookies[0]).toMatch(/sessionid=[^;]+;.*Secure/i);
      expect(answer.headers["strict-transport-security"]).toMatch(/^max-age=\d{7,}/);
    } finally {
      await house.close();
    }
  });
});

describe("guessing passwords", () => {
  let house: HttpHouse;
  beforeAll(async () => {
    house = await HttpHouse.open({ env: { LIMIT_SIGN_IN_PER_MINUTE: "3", TRUST_PROXY: "true" } });
  });
  afterAll(() => house.close());

  const from = (address: string) => ({ "x-forwarded-for": address });
  const guess = async (username: string, address: string, password = "a guess") =>
    (await house.trySignIn(username, password, from(address))).body.error?.code ?? "ok";

  test("a username takes so many wrong guesses, from however many addresses, told alike for one that is not there", async () => {
    for (const username of ["user", "nobody"]) {
      const told = [];
      for (const address of ["192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4"])
        told.push(await guess(username, address));
      expect(told).toEqual(["SIGN_IN_FAILED", "SIGN_IN_FAILED", "SIGN_IN_FAILED", "RATE_LIMITED"]);
    }
    const refused = await house.trySignIn("USER", PASSWORD, from("192.0.2.5"));
    expect(refused.status).toBe(429);
    expect(refused.body.error?.retryAfter).toBeGreaterThan(0);
    expect(Number(refused.headers["retry-after"])).toBeGreaterThan(0);
  });

  test("guesses that come at once are counted before the first has failed", async () => {
    const { username } = await house.person();
    const told = await Promise.all(Array.from({ length: 10 }, (_, n) => guess(username, `198.51.100.${n}`)));
    expect(told.filter((code) => code === "SIGN_IN_FAILED")).toHaveLength(3);
    expect(told.filter((code) => code === "RATE_LIMITED")).toHaveLength(7);
  });

  test("an address takes five times as many, over all usernames", async () => {
    const told = [];
    for (let n = 0; n < 16; n += 1) told.push(await guess(`stranger${n}`, "203.0.113.9"));
    expect(told.slice(0, 15)).toEqual(Array(15).fill("SIGN_IN_FAILED"));
    expect(told[15]).toBe("RATE_LIMITED");
    expect(await guess("stranger99", "203.0.113.10")).toBe("SIGN_IN_FAILED");
  });

  test("a right password is no guess", async () => {
    const { username } = await house.person();
    for (let n = 0; n < 8; n += 1) expect(await guess(username, "203.0.113.77", PASSWORD)).toBe("ok");
  });

  test("guessing at the current password counts with guessing at the door", async () => {
    const { username } = await house.person();
    const { token } = await house.signIn(username);
    const change = () =>
      house.ask({
        method: "POST",
        url: "/api/me/password",
        payload: { currentPassword: "a guess", newPassword: "a long password" },
        headers: { authorization: `Bearer ${token}` },
      });
    const told = [];
    for (let n = 0; n < 4; n += 1) told.push((await change()).body.error?.code);
    expect(told).toEqual(["COMMAND_INVALID", "COMMAND_INVALID", "COMMAND_INVALID", "RATE_LIMITED"]);
  });
});
