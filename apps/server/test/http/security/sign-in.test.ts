import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bodyOf, HttpFixture, PASSWORD } from "../http-fixture.ts";

describe("sign-in", () => {
  let fixture: HttpFixture;
  beforeAll(async () => {
    fixture = await HttpFixture.open();
  });
  afterAll(() => fixture.close());

  test("returns the user and a token, and sets the session cookie", async () => {
    const { answer, cookie, token } = await fixture.signIn("user");
    expect(answer.body).toMatchObject({ token: expect.any(String), user: { username: "user", staff: false } });
    expect(answer.text).not.toContain(PASSWORD);
    expect(answer.cookies).toHaveLength(2);
    expect(answer.cookies[0]).toMatch(/^sessionid=[^;]+;/);
    expect(answer.cookies[0]).toMatch(/; HttpOnly/i);
    expect(answer.cookies[0]).toMatch(/; SameSite=Lax/i);
    expect(answer.cookies[0]).not.toMatch(/; Secure/i);
    for (const headers of [{ cookie }, { authorization: `Bearer ${token}` }, { authorization: `bearer ${token}` }]) {
      const me = await fixture.request({ method: "GET", url: "/api/me", headers });
      expect(me.body.me).toMatchObject({ username: "user" });
    }
  });

  test("renews the cookie on the first request of a page, but not for a token", async () => {
    const { cookie, token } = await fixture.signIn("user");
    const byCookie = await fixture.request({ method: "GET", url: "/api/me", headers: { cookie } });
    expect(byCookie.cookies).toEqual([expect.stringMatching(/^sessionid=[^;]+; Max-Age=\d+; .*HttpOnly/)]);
    expect(byCookie.cookies[0]?.split(";", 1)[0]).toBe(cookie);
    const byToken = await fixture.request({
      method: "GET",
      url: "/api/me",
      headers: { authorization: `Bearer ${token}`, cookie },
    });
    expect(byToken.cookies).toEqual([]);
    const forged = await fixture.request({ method: "GET", url: "/api/me", headers: { cookie: "sessionid=a.b" } });
    expect([forged.status, forged.cookies]).toEqual([401, []]);
  });

  test("accepts the username in any case", async () => {
    expect((await fixture.trySignIn("USER", PASSWORD)).status).toBe(200);
  });

  test("gives the same error for a wrong username, a wrong password and a deactivated account", async () => {
    const gone = await fixture.createPerson();
    await fixture.context.accounts.change(gone.id, { active: false });
    const wrongPassword = await fixture.trySignIn("user", "not this one");
    expect(wrongPassword.status).toBe(401);
    expect(wrongPassword.body.error?.code).toBe("SIGN_IN_FAILED");
    for (const answer of [
      await fixture.trySignIn("nobody", PASSWORD),
      await fixture.trySignIn(gone.username, PASSWORD),
    ]) {
      expect([answer.status, answer.text, answer.cookies]).toEqual([401, wrongPassword.text, []]);
    }
  });

  test("ends the session on sign-out by cookie and by token, and clears the cookie", async () => {
    for (const by of ["cookie", "authorization"] as const) {
      const { cookie, token } = await fixture.signIn("user");
      const headers: Record<string, string> = by === "cookie" ? { cookie } : { authorization: `Bearer ${token}` };
      const look = () => fixture.request({ method: "GET", url: "/api/me", headers });
      expect((await look()).status).toBe(200);
      const out = await fixture.request({ method: "POST", url: "/api/auth/sign-out", headers });
      expect(out.status).toBe(200);
      if (by === "cookie") expect(out.cookies.join()).toMatch(/sessionid=;.*Max-Age=0/i);
      expect((await look()).body.error?.code).toBe("USER_HAS_TO_LOGIN");
    }
  });

  test("rejects an unknown token", async () => {
    for (const authorization of ["Bearer nothing", "Bearer ", "Basic dXNlcjp3b3Jk", `Bearer ${"x".repeat(5000)}`]) {
      const me = await fixture.request({ method: "GET", url: "/api/me", headers: { authorization } });
      expect(me.body.error?.code).toBe("USER_HAS_TO_LOGIN");
    }
    const forged = await fixture.request({ method: "GET", url: "/api/me", headers: { cookie: "sessionid=a.b" } });
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
  ])("does not expose the library's route %s", async (path) => {
    for (const method of ["GET", "POST"] as const) {
      const answer = await fixture.requestAs("superuser", { method, url: `/api/auth/${path}`, payload: {} });
      expect(answer.body.error?.code).toBe("NOT_FOUND");
    }
  });

  test("lists the user's sessions with the current one marked, and ends them", async () => {
    const { username } = await fixture.createPerson();
    const current = await fixture.signIn(username);
    const otherSession = await fixture.signIn(username);
    const headers = { cookie: current.cookie };
    const list = async () =>
      bodyOf<{ sessions: { id: string; current: boolean }[] }>(
        await fixture.request({ method: "GET", url: "/api/sessions", headers }),
      ).sessions;
    const both = await list();
    expect(both.map(({ current }) => current).sort()).toEqual([false, true]);
    expect(JSON.stringify(both)).not.toContain(otherSession.token);
    const otherId = both.find(({ current }) => !current)?.id;
    expect((await fixture.request({ method: "DELETE", url: `/api/sessions/${otherId}`, headers })).status).toBe(200);
    const gone = await fixture.request({ method: "GET", url: "/api/me", headers: { cookie: otherSession.cookie } });
    expect(gone.status).toBe(401);
    const again = await fixture.request({ method: "DELETE", url: `/api/sessions/${otherId}`, headers });
    expect(again.body.error?.code).toBe("SESSION_NOT_FOUND");
    expect(await list()).toHaveLength(1);
  });

  test("does not find another user's session, even for a superuser", async () => {
    const { id, username } = await fixture.createPerson();
    await fixture.signIn(username);
    const [session] = await fixture.context.accounts.sessions(id, null);
    const answer = await fixture.requestAs("superuser", { method: "DELETE", url: `/api/sessions/${session?.id}` });
    expect(answer.body.error?.code).toBe("SESSION_NOT_FOUND");
    expect(await fixture.context.accounts.sessions(id, null)).toHaveLength(1);
  });

  test("keeps the current session when the others are ended", async () => {
    const { id, username } = await fixture.createPerson();
    const current = await fixture.signIn(username);
    await fixture.signIn(username);
    await fixture.signIn(username);
    expect(await fixture.context.accounts.sessions(id, null)).toHaveLength(3);
    await fixture.request({ method: "DELETE", url: "/api/sessions", headers: { cookie: current.cookie } });
    expect(await fixture.context.accounts.sessions(id, null)).toHaveLength(1);
    expect((await fixture.request({ method: "GET", url: "/api/me", headers: { cookie: current.cookie } })).status).toBe(
      200,
    );
  });

  test("requires the current password to change it, keeps this session and ends the others", async () => {
    const { username } = await fixture.createPerson();
    const current = await fixture.signIn(username);
    const other = await fixture.signIn(username);
    const change = (currentPassword: string, newPassword: string) =>
      fixture.request({
        method: "POST",
        url: "/api/me/password",
        payload: { currentPassword, newPassword },
        headers: { cookie: current.cookie },
      });
    const wrong = await change("not this one", "a new long password");
    expect(wrong.status).toBe(400);
    expect(wrong.body.error).toMatchObject({ code: "COMMAND_INVALID", issues: [{ path: "currentPassword" }] });
    expect((await change(PASSWORD, "short")).body.error).toMatchObject({ issues: [{ path: "newPassword" }] });
    const changed = await change(PASSWORD, "a new long password");
    expect(changed.status).toBe(200);
    const cookie =
      changed.cookies.length > 0 ? changed.cookies.map((line) => line.split(";", 1)[0]).join("; ") : current.cookie;
    expect((await fixture.request({ method: "GET", url: "/api/me", headers: { cookie } })).status).toBe(200);
    expect((await fixture.request({ method: "GET", url: "/api/me", headers: { cookie: other.cookie } })).status).toBe(
      401,
    );
    expect((await fixture.trySignIn(username, PASSWORD)).status).toBe(401);
    expect((await fixture.trySignIn(username, "a new long password")).status).toBe(200);
  });

  test("ends all sessions immediately on deactivation or a password reset", async () => {
    for (const changes of [{ active: false }, { password: "another password" }]) {
      const { id, username } = await fixture.createPerson();
      const { cookie } = await fixture.signIn(username);
      const look = () => fixture.request({ method: "GET", url: "/api/me", headers: { cookie } });
      expect((await look()).status).toBe(200);
      await fixture.requestAs("staff", { method: "PATCH", url: `/api/people/${id}`, payload: changes });
      expect((await look()).status).toBe(401);
    }
  });

  test("cannot demote or deactivate the last superuser", async () => {
    const account = await fixture.context.accounts.find("superuser");
    for (const payload of [{ superuser: false }, { active: false }]) {
      const answer = await fixture.requestAs("superuser", {
        method: "PATCH",
        url: `/api/people/${account?.id}`,
        payload,
      });
      expect(answer.body.error?.code).toBe("LAST_SUPERUSER");
      expect(answer.status).toBe(409);
    }
  });
});

describe("over https", () => {
  test("sets a Secure cookie and sends HSTS", async () => {
    const fixture = await HttpFixture.open({ env: { PUBLIC_URL: "https://chat.example.org" } });
    try {
      const { answer } = await fixture.signIn("user");
      expect(answer.cookies[0]).toMatch(/sessionid=[^;]+;.*Secure/i);
      expect(answer.headers["strict-transport-security"]).toMatch(/^max-age=\d{7,}/);
    } finally {
      await fixture.close();
    }
  });
});

describe("guessing passwords", () => {
  let fixture: HttpFixture;
  beforeAll(async () => {
    fixture = await HttpFixture.open({ env: { LIMIT_SIGN_IN_PER_MINUTE: "3", TRUST_PROXY: "true" } });
  });
  afterAll(() => fixture.close());

  const from = (address: string) => ({ "x-forwarded-for": address });
  const guess = async (username: string, address: string, password = "a guess") =>
    (await fixture.trySignIn(username, password, from(address))).body.error?.code ?? "ok";

  test("is limited per username and address, in the same way for unknown usernames", async () => {
    for (const username of ["user", "nobody"]) {
      const results = [];
      for (let n = 0; n < 4; n += 1) results.push(await guess(username, "192.0.2.1"));
      expect(results).toEqual(["SIGN_IN_FAILED", "SIGN_IN_FAILED", "SIGN_IN_FAILED", "RATE_LIMITED"]);
    }
    const refused = await fixture.trySignIn("USER", PASSWORD, from("192.0.2.1"));
    expect(refused.status).toBe(429);
    expect(refused.body.error?.retryAfter).toBeGreaterThan(0);
    expect(Number(refused.headers["retry-after"])).toBeGreaterThan(0);
  });

  test("is no lock-out: the owner signs in elsewhere, on a known device, and from a known address", async () => {
    const { username } = await fixture.createPerson();
    const owner = await fixture.trySignIn(username, PASSWORD, from("192.0.2.50"));
    const device = owner.cookies
      .map((line) => line.split(";", 1)[0])
      .find((line) => line?.startsWith("multichat_device="));
    const guessAll = async () => {
      for (let n = 0; n < 4; n += 1) await guess(username, "192.0.2.51");
      expect(await guess(username, "192.0.2.51", PASSWORD), "premise: guessing is limited").toBe("RATE_LIMITED");
    };
    await guessAll();
    expect(await guess(username, "192.0.2.52", PASSWORD), "a new address").toBe("ok");
    expect(await guess(username, "192.0.2.50", PASSWORD), "the known address").toBe("ok");
    const onDevice = { ...from("192.0.2.51"), cookie: String(device) };
    expect((await fixture.trySignIn(username, PASSWORD, onDevice)).status, "the known device").toBe(200);
    const other = await fixture.createPerson();
    for (let n = 0; n < 4; n += 1) await guess(other.username, "192.0.2.51");
    expect((await fixture.trySignIn(other.username, PASSWORD, onDevice)).status, "a device of another account").toBe(
      429,
    );
  });

  test("counts parallel attempts before the first one has failed", async () => {
    const { username } = await fixture.createPerson();
    const results = await Promise.all(Array.from({ length: 10 }, () => guess(username, "198.51.100.1")));
    expect(results.filter((code) => code === "SIGN_IN_FAILED")).toHaveLength(3);
    expect(results.filter((code) => code === "RATE_LIMITED")).toHaveLength(7);
  });

  test("allows an address five times as many attempts across usernames", async () => {
    const results = [];
    for (let n = 0; n < 16; n += 1) results.push(await guess(`stranger${n}`, "203.0.113.9"));
    expect(results.slice(0, 15)).toEqual(Array(15).fill("SIGN_IN_FAILED"));
    expect(results[15]).toBe("RATE_LIMITED");
    expect(await guess("stranger99", "203.0.113.10")).toBe("SIGN_IN_FAILED");
  });

  test("does not count successful attempts", async () => {
    const { username } = await fixture.createPerson();
    for (let n = 0; n < 8; n += 1) expect(await guess(username, "203.0.113.77", PASSWORD)).toBe("ok");
  });

  test("counts wrong current passwords by session, apart from the attempts of strangers", async () => {
    const { username } = await fixture.createPerson();
    const sessions = [await fixture.signIn(username), await fixture.signIn(username)] as const;
    for (let n = 0; n < 9; n += 1) await guess(username, "127.0.0.1");
    const change = ({ token }: { token: string }, currentPassword = "a guess") =>
      fixture.request({
        method: "POST",
        url: "/api/me/password",
        payload: { currentPassword, newPassword: "a long password" },
        headers: { authorization: `Bearer ${token}` },
      });
    const results = [];
    for (let n = 0; n < 4; n += 1) results.push((await change(sessions[0])).body.error?.code);
    expect((await change(sessions[1], PASSWORD)).status, "the user's own session").toBe(200);
    expect(results).toEqual(["COMMAND_INVALID", "COMMAND_INVALID", "COMMAND_INVALID", "RATE_LIMITED"]);
  });
});
