import { createHmac } from "node:crypto";
import Database from "better-sqlite3";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import type { AccountChange } from "../../src/accounts/accounts.ts";
import { until } from "../store/temp-store.ts";
import { ask, neighbour, openHouse, PASSWORD, sharedHouse, signIn, somebody, tempHouse } from "./temp-accounts.ts";

const shared = sharedHouse();

/** Alters what no interface offers to: what a session would be after a long time. */
function altered(file: string, sql: string, ...parameters: unknown[]): void {
  const raw = new Database(file);
  raw.prepare(sql).run(...parameters);
  raw.close();
}

describe("who acts", () => {
  test("is known by the cookie, among other cookies, and by the token", async () => {
    const house = shared();
    const { id, username } = await somebody(house, { superuser: true });
    const { cookie, token } = await signIn(house, username);
    const actor = { id, username, staff: true, superuser: true, session: expect.any(String) };
    for (const header of [cookie, `a=b; ${cookie}`, `a=b;${cookie};c=d`, `xsessionid=1; ${cookie}`]) {
      expect(await house.accounts.authenticate({ cookie: header }), header).toEqual(actor);
    }
    expect(await house.accounts.authenticate({ bearer: token })).toEqual(actor);
  });

  test("is nobody for what was not signed here", async () => {
    const house = shared();
    const { username } = await somebody(house);
    const { cookie, token } = await signIn(house, username);
    expect(await house.accounts.authenticate({ cookie }), "premise: the true one is known").toBeDefined();
    const signature = decodeURIComponent(cookie).split(".").at(-1) ?? "";
    const ours = (value: string) => encodeURIComponent(value);
    const foreign = createHmac("sha256", "another secret").update(token).digest("base64");
    const values = [
      token,
      ours(`${token}.`),
      ours(`${token}.${foreign}`),
      ours(`${token}.${signature.slice(0, -2)}`),
      ours(`${token}.${signature}=`),
      ours(`${token.slice(0, -1)}A.${signature}`),
      ours(`.${signature}`),
      "%",
      "%E0%A4%A",
      "",
      ".",
      "x".repeat(100_000),
    ];
    for (const value of values) {
      expect(await house.accounts.authenticate({ cookie: `sessionid=${value}` }), value.slice(0, 80)).toBeUndefined();
    }
    for (const header of ["", ";", "sessionid", cookie.replace("sessionid", "SESSIONID")]) {
      expect(await house.accounts.authenticate({ cookie: header }), header).toBeUndefined();
    }
  });

  test("is nobody for a token that nobody has, and a signed cookie is no token", async () => {
    const house = shared();
    const { username } = await somebody(house);
    const { cookie, token } = await signIn(house, username);
    expect(await house.accounts.authenticate({ bearer: token }), "premise: the true one is known").toBeDefined();
    await house.accounts.authenticate({ cookie });
    for (const bearer of ["", "x", "A".repeat(32), `${token} `, "' or 1=1 --"]) {
      expect(await house.accounts.authenticate({ bearer }), bearer).toBeUndefined();
    }
    // Also not where the same texts were seen the other way before.
    expect(await house.accounts.authenticate({ cookie: `sessionid=${token}` })).toBeUndefined();
    expect(await house.accounts.authenticate({ bearer: cookie.slice("sessionid=".length) })).toBeUndefined();
  });

  test("is nobody without credentials", async () => {
    expect(await shared().accounts.authenticate({})).toBeUndefined();
  });

  test("is looked up once, then known for a while", async () => {
    const house = shared();
    const { username } = await somebody(house);
    const { cookie } = await signIn(house, username);
    const findSession = vi.spyOn(house.store.people, "findSession");
    for (let i = 0; i < 5; i += 1) await house.accounts.authenticate({ cookie });
    expect(findSession).toHaveBeenCalledTimes(1);
    findSession.mockRestore();
  });

  test("is nobody when the session has run out, also where it was known before", async () => {
    const house = await tempHouse();
    const { username } = await somebody(house);
    const { cookie } = await signIn(house, username);
    const expiresAt = Date.now() + 3_600_000;
    altered(house.file, "update session set expiresAt = ?", new Date(expiresAt).toISOString());
    expect(await house.accounts.authenticate({ cookie }), "premise: not yet").toBeDefined();
    vi.useFakeTimers({ toFake: ["Date"], now: expiresAt });
    onTestFinished(() => {
      vi.useRealTimers();
    });
    expect(await house.accounts.authenticate({ cookie })).toBeUndefined();
    const other = await neighbour(house);
    expect(await other.accounts.authenticate({ cookie })).toBeUndefined();
  });

  test("is the same after a restart: the secret is kept", async () => {
    const house = await tempHouse();
    const { id, username } = await somebody(house);
    const { cookie } = await signIn(house, username);
    const again = await openHouse(house.file);
    expect(await again.accounts.authenticate({ cookie })).toMatchObject({ id });
    await again.accounts.close();
    await again.store.close();
  });
});

describe("a session's end", () => {
  test("by revocation is seen at once, by cookie and token, and told once", async () => {
    const house = shared();
    const { id, username } = await somebody(house);
    const { cookie, token } = await signIn(house, username);
    const actor = await house.accounts.authenticate({ cookie });
    await house.accounts.authenticate({ bearer: token });
    const told: AccountChange[] = [];
    const stop = house.accounts.onChange((change) => told.push(change));
    const session = actor?.session ?? "";
    expect(await house.accounts.revoke(id, session)).toBe(true);
    expect(await house.accounts.authenticate({ cookie })).toBeUndefined();
    expect(await house.accounts.authenticate({ bearer: token })).toBeUndefined();
    expect(told).toEqual([{ kind: "session", user: id, session }]);
    expect(await house.accounts.revoke(id, session), "twice").toBe(false);
    stop();
  });

  test("cannot be caused by another user", async () => {
    const house = shared();
    const [mine, theirs] = [await somebody(house), await somebody(house)];
    const { cookie } = await signIn(house, theirs.username);
    const session = (await house.accounts.authenticate({ cookie }))?.session ?? "";
    expect(await house.accounts.revoke(mine.id, session)).toBe(false);
    expect(await house.accounts.authenticate({ cookie })).toBeDefined();
  });

  test("of all but one keeps the one", async () => {
    const house = shared();
    const { id, username } = await somebody(house);
    const [one, two, three] = [
      await signIn(house, username),
      await signIn(house, username),
      await signIn(house, username),
    ];
    const keep = (await house.accounts.authenticate(two))?.session ?? "";
    await house.accounts.revokeAll(id, keep);
    expect(await house.accounts.authenticate({ cookie: one.cookie })).toBeUndefined();
    expect(await house.accounts.authenticate({ cookie: two.cookie })).toBeDefined();
    expect(await house.accounts.authenticate({ cookie: three.cookie })).toBeUndefined();
    await house.accounts.revokeAll(id);
    expect(await house.accounts.authenticate({ cookie: two.cookie })).toBeUndefined();
  });

  test("that is committed while a look-up is under way is not forgotten", async () => {
    const house = shared();
    const { id, username } = await somebody(house);
    const { cookie } = await signIn(house, username);
    const session = (await house.accounts.sessions(id, null))[0]?.id ?? "";
    const { findSession } = house.store.people;
    const spy = vi.spyOn(house.store.people, "findSession").mockImplementationOnce(async (token) => {
      const found = await findSession(token);
      await house.accounts.revoke(id, session);
      return found;
    });
    expect(await house.accounts.authenticate({ cookie })).toBeUndefined();
    expect(spy).toHaveBeenCalledTimes(2);
    spy.mockRestore();
  });

  test("by another process is seen here", async () => {
    const house = await tempHouse();
    const { id, username } = await somebody(house);
    const [one, two] = [await signIn(house, username), await signIn(house, username)];
    const session = (await house.accounts.authenticate(one))?.session ?? "";
    await house.accounts.authenticate(two);
    const other = await neighbour(house);
    await other.accounts.revoke(id, session);
    await until(async () => (await house.accounts.authenticate({ cookie: one.cookie })) === undefined);
    expect(await house.accounts.authenticate({ cookie: two.cookie })).toBeDefined();
    await other.accounts.change(id, { password: "another password" });
    await until(async () => (await house.accounts.authenticate({ cookie: two.cookie })) === undefined);
  });

  test("by deactivation is at once, told by the account alone, and lasts when the account comes back", async () => {
    const house = shared();
    const { id, username } = await somebody(house);
    const { cookie } = await signIn(house, username);
    await house.accounts.authenticate({ cookie });
    const told: AccountChange[] = [];
    const stop = house.accounts.onChange((change) => told.push(change));
    const account = await house.accounts.change(id, { active: false });
    expect(told).toEqual([{ kind: "account", account }]);
    expect(await house.accounts.authenticate({ cookie })).toBeUndefined();
    expect(await house.accounts.sessions(id, null)).toEqual([]);
    await house.accounts.change(id, { active: true });
    expect(await house.accounts.authenticate({ cookie })).toBeUndefined();
    await signIn(house, username);
    stop();
  });

  test("by a password that was reset", async () => {
    const house = shared();
    const { id, username } = await somebody(house);
    const { cookie } = await signIn(house, username);
    await house.accounts.authenticate({ cookie });
    await house.accounts.change(id, { password: "another password" });
    expect(await house.accounts.authenticate({ cookie })).toBeUndefined();
    await expect(signIn(house, username, PASSWORD)).rejects.toThrow("SIGN_IN_FAILED");
  });

  test("comes to those that ran out", async () => {
    const house = await tempHouse();
    const { id, username } = await somebody(house);
    await signIn(house, username);
    await signIn(house, username);
    const [one] = await house.accounts.sessions(id, null);
    altered(house.file, "update session set expiresAt = ? where id = ?", new Date(0).toISOString(), one?.id);
    expect(await house.accounts.sessions(id, null)).toHaveLength(1);
    expect(await house.store.people.endExpiredSessions()).toBe(1);
  });
});

describe("the list of sessions", () => {
  test("tells where each came from and which is the present one", async () => {
    const house = shared();
    const { id, username } = await somebody(house);
    const before = Date.now();
    const response = await house.accounts.handle(
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
    await signIn(house, username);
    const current = (await house.accounts.authenticate({ bearer: token }))?.session ?? null;
    const sessions = await house.accounts.sessions(id, current);
    expect(sessions).toHaveLength(2);
    const [present] = sessions.filter((session) => session.current);
    expect(present).toMatchObject({ id: current, userAgent: "Browser/1.0" });
    expect(present?.address).toMatch(/^2001:0?db8:.*1234:5678$/);
    expect(present?.createdAt).toBeGreaterThanOrEqual(before);
    expect(JSON.stringify(sessions), "no secrets").not.toContain(token);
  });

  test("an endless user agent is cut", async () => {
    const house = shared();
    const { id, username } = await somebody(house);
    const response = await ask(
      house,
      "sign-in/username",
      { username, password: PASSWORD },
      { "user-agent": "x".repeat(10_000) },
    );
    expect(response.ok).toBe(true);
    expect((await house.accounts.sessions(id, null))[0]?.userAgent).toHaveLength(300);
  });

  test("a session in use lives on, and tells when it was seen last", async () => {
    const house = await tempHouse();
    const { id, username } = await somebody(house);
    const { cookie } = await signIn(house, username);
    const old = new Date(Date.now() - 20 * 24 * 60 * 60 * 1000).toISOString();
    const soon = new Date(Date.now() + 10 * 24 * 60 * 60 * 1000).toISOString();
    altered(house.file, "update session set updatedAt = ?, expiresAt = ?", old, soon);
    const before = Date.now();
    await house.accounts.authenticate({ cookie });
    await house.accounts.close();
    const [session] = await house.accounts.sessions(id, null);
    expect(session?.lastSeenAt).toBeGreaterThanOrEqual(before);
    const raw = new Database(house.file, { readonly: true });
    const { expiresAt } = raw.prepare("select expiresAt from session").get() as { expiresAt: string };
    raw.close();
    expect(Date.parse(expiresAt)).toBeGreaterThan(Date.now() + 29 * 24 * 60 * 60 * 1000);
  });

  test("the browser's cookie is renewed with the same session", async () => {
    const house = shared();
    const { username } = await somebody(house);
    const { cookie } = await signIn(house, username);
    const renewed = house.accounts.renewedCookie(`a=b; ${cookie}`);
    expect(renewed?.split("; ")).toEqual([cookie, "Max-Age=2592000", "Path=/", "HttpOnly", "SameSite=Lax"]);
    expect(house.accounts.renewedCookie("sessionid=forged.signature")).toBeUndefined();
    expect(house.accounts.renewedCookie("a=b")).toBeUndefined();
  });
});
