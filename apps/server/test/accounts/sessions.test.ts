import { createHmac } from "node:crypto";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import type { AccountChange } from "../../src/accounts/accounts.ts";
import { SessionActivityWriter } from "../../src/accounts/session-activity-writer.ts";
import { until } from "../store/support/temp-store.ts";
import { testDatabase } from "../store/support/test-database.ts";
import {
  createPerson,
  openFixture,
  openSecondProcess,
  openTempFixture,
  PASSWORD,
  sendRequest,
  signIn,
  useSharedFixture,
} from "./accounts-fixture.ts";

const shared = useSharedFixture();

/** Changes or reads stored sessions directly, for example to simulate that time has passed. */
const runSql = ({ place }: { place: string }, sql: string) => testDatabase().execute(place, sql);

describe("authentication", () => {
  test("accepts the cookie among other cookies, and the token", async () => {
    const fixture = shared();
    const { id, username } = await createPerson(fixture, { superuser: true });
    const { cookie, token } = await signIn(fixture, username);
    const actor = {
      id,
      username,
      staff: true,
      superuser: true,
      session: expect.any(String),
      confirmedAt: expect.any(Number),
    };
    for (const header of [cookie, `a=b; ${cookie}`, `a=b;${cookie};c=d`, `xsessionid=1; ${cookie}`]) {
      expect(await fixture.accounts.authenticate({ cookie: header }), header).toEqual(actor);
    }
    expect(await fixture.accounts.authenticate({ bearer: token })).toEqual(actor);
  });

  test("rejects a cookie with an invalid signature", async () => {
    const fixture = shared();
    const { username } = await createPerson(fixture);
    const { cookie, token } = await signIn(fixture, username);
    expect(await fixture.accounts.authenticate({ cookie }), "premise: the true one is known").toBeDefined();
    const signature = decodeURIComponent(cookie).split(".").at(-1) ?? "";
    const ours = (value: string) => encodeURIComponent(value);
    const foreign = createHmac("sha256", "another secret").update(token).digest("base64");
    const values = [
      token,
      ours(`${token}.`),
      ours(`${token}.${foreign}`),
      ours(`${token}.${signature.slice(0, -2)}`),
      ours(`${token}.${signature}=`),
      ours(`${token.slice(0, -1)}${token.endsWith("A") ? "B" : "A"}.${signature}`),
      ours(`.${signature}`),
      "%",
      "%E0%A4%A",
      "",
      ".",
      "x".repeat(100_000),
    ];
    for (const value of values) {
      expect(await fixture.accounts.authenticate({ cookie: `sessionid=${value}` }), value.slice(0, 80)).toBeUndefined();
    }
    for (const header of ["", ";", "sessionid", cookie.replace("sessionid", "SESSIONID")]) {
      expect(await fixture.accounts.authenticate({ cookie: header }), header).toBeUndefined();
    }
  });

  test("rejects an unknown token, and a cookie value as a token", async () => {
    const fixture = shared();
    const { username } = await createPerson(fixture);
    const { cookie, token } = await signIn(fixture, username);
    expect(await fixture.accounts.authenticate({ bearer: token }), "premise: the true one is known").toBeDefined();
    await fixture.accounts.authenticate({ cookie });
    for (const bearer of ["", "x", "A".repeat(32), `${token} `, "' or 1=1 --"]) {
      expect(await fixture.accounts.authenticate({ bearer }), bearer).toBeUndefined();
    }
    // Nor when the same strings were cached as the other kind of credential.
    expect(await fixture.accounts.authenticate({ cookie: `sessionid=${token}` })).toBeUndefined();
    expect(await fixture.accounts.authenticate({ bearer: cookie.slice("sessionid=".length) })).toBeUndefined();
  });

  test("rejects missing credentials", async () => {
    expect(await shared().accounts.authenticate({})).toBeUndefined();
  });

  test("looks a session up once and caches it", async () => {
    const fixture = shared();
    const { username } = await createPerson(fixture);
    const { cookie } = await signIn(fixture, username);
    const findSession = vi.spyOn(fixture.store.people, "findSession");
    for (let i = 0; i < 5; i += 1) await fixture.accounts.authenticate({ cookie });
    expect(findSession).toHaveBeenCalledTimes(1);
    findSession.mockRestore();
  });

  test("rejects an expired session, even if it is cached", async () => {
    const fixture = await openTempFixture();
    const { username } = await createPerson(fixture);
    const { cookie } = await signIn(fixture, username);
    const expiresAt = Date.now() + 3_600_000;
    await runSql(fixture, `update session set "expiresAt" = '${new Date(expiresAt).toISOString()}'`);
    expect(await fixture.accounts.authenticate({ cookie }), "premise: not yet").toBeDefined();
    vi.useFakeTimers({ toFake: ["Date"], now: expiresAt });
    onTestFinished(() => {
      vi.useRealTimers();
    });
    expect(await fixture.accounts.authenticate({ cookie })).toBeUndefined();
    const other = await openSecondProcess(fixture);
    expect(await other.accounts.authenticate({ cookie })).toBeUndefined();
  });

  test("accepts the cookie after a restart, because the secret is stored", async () => {
    const fixture = await openTempFixture();
    const { id, username } = await createPerson(fixture);
    const { cookie } = await signIn(fixture, username);
    const again = await openFixture(fixture.place);
    expect(await again.accounts.authenticate({ cookie })).toMatchObject({ id });
    await again.accounts.close();
    await again.store.close();
  });
});

describe("the end of a session", () => {
  test("by revocation is effective immediately for cookie and token, and notified once", async () => {
    const fixture = shared();
    const { id, username } = await createPerson(fixture);
    const { cookie, token } = await signIn(fixture, username);
    const actor = await fixture.accounts.authenticate({ cookie });
    await fixture.accounts.authenticate({ bearer: token });
    const changes: AccountChange[] = [];
    const stop = fixture.accounts.onChange((change) => changes.push(change));
    const session = actor?.session ?? "";
    expect(await fixture.accounts.revoke(id, session)).toBe(true);
    expect(await fixture.accounts.authenticate({ cookie })).toBeUndefined();
    expect(await fixture.accounts.authenticate({ bearer: token })).toBeUndefined();
    expect(changes).toEqual([{ kind: "session", user: id, session }]);
    expect(await fixture.accounts.revoke(id, session), "twice").toBe(false);
    stop();
  });

  test("cannot be requested by another user", async () => {
    const fixture = shared();
    const [mine, theirs] = [await createPerson(fixture), await createPerson(fixture)];
    const { cookie } = await signIn(fixture, theirs.username);
    const session = (await fixture.accounts.authenticate({ cookie }))?.session ?? "";
    expect(await fixture.accounts.revoke(mine.id, session)).toBe(false);
    expect(await fixture.accounts.authenticate({ cookie })).toBeDefined();
  });

  test("keeps the session that is excluded", async () => {
    const fixture = shared();
    const { id, username } = await createPerson(fixture);
    const [one, two, three] = [
      await signIn(fixture, username),
      await signIn(fixture, username),
      await signIn(fixture, username),
    ];
    const keep = (await fixture.accounts.authenticate(two))?.session ?? "";
    await fixture.accounts.revokeAll(id, keep);
    expect(await fixture.accounts.authenticate({ cookie: one.cookie })).toBeUndefined();
    expect(await fixture.accounts.authenticate({ cookie: two.cookie })).toBeDefined();
    expect(await fixture.accounts.authenticate({ cookie: three.cookie })).toBeUndefined();
    await fixture.accounts.revokeAll(id);
    expect(await fixture.accounts.authenticate({ cookie: two.cookie })).toBeUndefined();
  });

  test("during a lookup is not overwritten by its result", async () => {
    const fixture = shared();
    const { id, username } = await createPerson(fixture);
    const { cookie } = await signIn(fixture, username);
    const session = (await fixture.accounts.sessions(id, null))[0]?.id ?? "";
    const { findSession } = fixture.store.people;
    const spy = vi.spyOn(fixture.store.people, "findSession").mockImplementationOnce(async (token) => {
      const found = await findSession(token);
      await fixture.accounts.revoke(id, session);
      return found;
    });
    expect(await fixture.accounts.authenticate({ cookie })).toBeUndefined();
    expect(spy).toHaveBeenCalledTimes(2);
    spy.mockRestore();
  });

  test("by another process is effective here", async () => {
    const fixture = await openTempFixture();
    const { id, username } = await createPerson(fixture);
    const [one, two] = [await signIn(fixture, username), await signIn(fixture, username)];
    const session = (await fixture.accounts.authenticate(one))?.session ?? "";
    await fixture.accounts.authenticate(two);
    const other = await openSecondProcess(fixture);
    await other.accounts.revoke(id, session);
    await until(async () => (await fixture.accounts.authenticate({ cookie: one.cookie })) === undefined);
    expect(await fixture.accounts.authenticate({ cookie: two.cookie })).toBeDefined();
    await other.accounts.change(id, { password: "another password" });
    await until(async () => (await fixture.accounts.authenticate({ cookie: two.cookie })) === undefined);
  });

  test("by deactivation is immediate, notified as an account change only, and permanent", async () => {
    const fixture = shared();
    const { id, username } = await createPerson(fixture);
    const { cookie } = await signIn(fixture, username);
    await fixture.accounts.authenticate({ cookie });
    const changes: AccountChange[] = [];
    const stop = fixture.accounts.onChange((change) => changes.push(change));
    const account = await fixture.accounts.change(id, { active: false });
    expect(changes).toEqual([{ kind: "account", account }]);
    expect(await fixture.accounts.authenticate({ cookie })).toBeUndefined();
    expect(await fixture.accounts.sessions(id, null)).toEqual([]);
    await fixture.accounts.change(id, { active: true });
    expect(await fixture.accounts.authenticate({ cookie })).toBeUndefined();
    await signIn(fixture, username);
    stop();
  });

  test("follows a password reset", async () => {
    const fixture = shared();
    const { id, username } = await createPerson(fixture);
    const { cookie } = await signIn(fixture, username);
    await fixture.accounts.authenticate({ cookie });
    await fixture.accounts.change(id, { password: "another password" });
    expect(await fixture.accounts.authenticate({ cookie })).toBeUndefined();
    await expect(signIn(fixture, username, PASSWORD)).rejects.toThrow("SIGN_IN_FAILED");
  });

  test("is recorded for expired sessions", async () => {
    const fixture = await openTempFixture();
    const { id, username } = await createPerson(fixture);
    await signIn(fixture, username);
    await signIn(fixture, username);
    const [one] = await fixture.accounts.sessions(id, null);
    await runSql(fixture, `update session set "expiresAt" = '${new Date(0).toISOString()}' where id = '${one?.id}'`);
    expect(await fixture.accounts.sessions(id, null)).toHaveLength(1);
    expect(await fixture.store.people.endExpiredSessions()).toBe(1);
  });

  test("follows its expiry within a minute, also where nobody uses it", async () => {
    const fixture = await openTempFixture();
    const { username } = await createPerson(fixture);
    await signIn(fixture, username);
    await runSql(fixture, `update session set "expiresAt" = '${new Date(0).toISOString()}'`);
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    onTestFinished(() => {
      vi.useRealTimers();
    });
    const writer = new SessionActivityWriter(fixture.store.people, (error) => {
      throw error;
    });
    vi.advanceTimersByTime(60_000);
    await until(async () => (await runSql(fixture, "select id from session")).length === 0);
    await writer.close();
  });
});

describe("the list of sessions", () => {
  test("shows the origin of each session and marks the current one", async () => {
    const fixture = shared();
    const { id, username } = await createPerson(fixture);
    const before = Date.now();
    const response = await fixture.accounts.handle(
      new Request("http://chat.example/api/auth/sign-in/username", {
        method: "POST",
        headers: {
          "content-type": "application/json",
          "user-agent": "Browser/1.0",
          "x-forwarded-for": "2001:db8::1234:5678",
        },
        body: JSON.stringify({ username, password: PASSWORD }),
      }),
    );
    const { token } = (await response.json()) as { token: string };
    await signIn(fixture, username);
    const current = (await fixture.accounts.authenticate({ bearer: token }))?.session ?? null;
    const sessions = await fixture.accounts.sessions(id, current);
    expect(sessions).toHaveLength(2);
    const [present] = sessions.filter((session) => session.current);
    expect(present).toMatchObject({ id: current, userAgent: "Browser/1.0" });
    expect(present?.address).toMatch(/^2001:0?db8:.*1234:5678$/);
    expect(present?.createdAt).toBeGreaterThanOrEqual(before);
    expect(JSON.stringify(sessions), "no secrets").not.toContain(token);
  });

  test("truncates a long user agent", async () => {
    const fixture = shared();
    const { id, username } = await createPerson(fixture);
    const response = await sendRequest(
      fixture,
      "sign-in/username",
      { username, password: PASSWORD },
      { "user-agent": "x".repeat(10_000) },
    );
    expect(response.ok).toBe(true);
    expect((await fixture.accounts.sessions(id, null))[0]?.userAgent).toHaveLength(300);
  });

  test("extends a session in use, and shows when it was last used", async () => {
    const fixture = await openTempFixture();
    const { id, username } = await createPerson(fixture);
    const { cookie } = await signIn(fixture, username);
    const old = new Date(Date.now() - 20 * 24 * 60 * 60 * 1000).toISOString();
    const soon = new Date(Date.now() + 10 * 24 * 60 * 60 * 1000).toISOString();
    await runSql(fixture, `update session set "updatedAt" = '${old}', "expiresAt" = '${soon}'`);
    const before = Date.now();
    await fixture.accounts.authenticate({ cookie });
    await fixture.accounts.close();
    const [session] = await fixture.accounts.sessions(id, null);
    expect(session?.lastSeenAt).toBeGreaterThanOrEqual(before);
    const rows = await runSql(fixture, 'select "expiresAt" from session');
    const [{ expiresAt } = { expiresAt: "" }] = rows as { expiresAt: string }[];
    expect(Date.parse(expiresAt)).toBeGreaterThan(Date.now() + 29 * 24 * 60 * 60 * 1000);
  });

  test("renews the browser's cookie for the same session", async () => {
    const fixture = shared();
    const { username } = await createPerson(fixture);
    const { cookie } = await signIn(fixture, username);
    const renewed = fixture.accounts.renewedCookie(`a=b; ${cookie}`);
    expect(renewed?.split("; ")).toEqual([cookie, "Max-Age=2592000", "Path=/", "HttpOnly", "SameSite=Lax"]);
    expect(fixture.accounts.renewedCookie("sessionid=forged.signature")).toBeUndefined();
    expect(fixture.accounts.renewedCookie("a=b")).toBeUndefined();
  });
});
