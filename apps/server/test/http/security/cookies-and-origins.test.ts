import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TestChat } from "../../support/chat-server.ts";
import { Socket } from "../../support/socket.ts";
import { HttpFixture, PASSWORD } from "../http-fixture.ts";

const FRIEND = "https://friend.example";

let fixture: HttpFixture;
let secure: HttpFixture;
let withCookies: HttpFixture;
beforeAll(async () => {
  fixture = await HttpFixture.open({ env: { ALLOWED_ORIGINS: `${FRIEND},http://b.example:81`, METRICS_ACCESS: "" } });
  secure = await HttpFixture.open({ env: { PUBLIC_URL: "https://chat.example" } });
  withCookies = await HttpFixture.open({ env: { ALLOWED_ORIGINS: FRIEND, ALLOWED_ORIGINS_CREDENTIALS: "yes" } });
});
afterAll(() => Promise.all([fixture?.close(), secure?.close(), withCookies?.close()]));

describe("a session's cookie", () => {
  test("is named __Host-sessionid over TLS, and the classic name is removed", async () => {
    const { answer } = await secure.signIn("user");
    const [cookie, removed] = answer.cookies;
    expect(cookie).toMatch(/^__Host-sessionid=[^;]+;(?=.*Secure)(?=.*HttpOnly)(?=.*Path=\/)(?!.*Domain)/);
    expect(removed).toMatch(/^sessionid=; Max-Age=0;/);
    expect(answer.headers["strict-transport-security"]).toMatch(/^max-age=\d+/);
  });

  test("and every other one is Secure over TLS, also where only a trusted proxy says so", async () => {
    const proxied = await HttpFixture.open({ env: { TRUST_PROXY: "1" } });
    const answer = await proxied.request({
      method: "POST",
      url: "/api/auth/sign-in/username",
      headers: { "x-forwarded-proto": "https" },
      payload: { username: "user", password: PASSWORD },
    });
    await proxied.close();
    expect(answer.status).toBe(200);
    expect(answer.cookies.length).toBeGreaterThan(2);
    for (const line of answer.cookies) expect(line).toMatch(/; *Secure(;|$)/);
  });

  test("is named sessionid on plain HTTP, without Secure and HSTS", async () => {
    const { answer } = await fixture.signIn("user");
    expect(answer.cookies.filter((line) => line.includes("sessionid="))).toEqual([
      expect.stringMatching(/^sessionid=[^;]+;(?!.*Secure)/),
    ]);
    for (const line of answer.cookies) expect(line).not.toMatch(/; *Secure/i);
    expect(answer.headers["strict-transport-security"]).toBeUndefined();
  });

  test("signs in and out by either name", async () => {
    const { cookie } = await secure.signIn("user");
    const value = /__Host-sessionid=([^;]+)/.exec(cookie)?.[1] ?? "";
    const get = async (header: string) =>
      (await secure.request({ method: "GET", url: "/api/me", headers: { cookie: header } })).status;
    expect(await get(`__Host-sessionid=${value}`)).toBe(200);
    expect(await get(`sessionid=${value}`)).toBe(200);
    expect(await get(`a=b; __Host-sessionid=${value}; sessionid=forged`)).toBe(200);
    expect(await get(`__Host-sessionid=forged; sessionid=${value}`)).toBe(401);
    const headers = { cookie: `__Host-sessionid=${value}` };
    expect((await secure.request({ method: "POST", url: "/api/auth/sign-out", payload: {}, headers })).status).toBe(
      200,
    );
    expect(await get(`__Host-sessionid=${value}`)).toBe(401);
  });

  test("is refused, not guessed, when there are two of its name", async () => {
    const { cookie } = await fixture.signIn("user");
    const value = cookie.slice("sessionid=".length);
    const attempts = [
      `${cookie}; ${cookie}`,
      `${cookie}; sessionid=`,
      `sessionid=; ${cookie}`,
      `sessionid=x; ${cookie}`,
      `${cookie}; sessionid=x`,
      `${cookie};sessionid=x`,
      `sessionid =x; ${cookie}`,
      `a=b; sessionid=x; c=d; ${cookie}`,
      `__Host-sessionid=${value}; __Host-sessionid=${value}`,
      `__Host-sessionid=${value}; __Host-sessionid=x; ${cookie}`,
      "sessionid=%ff",
      "sessionid",
    ];
    for (const header of attempts) {
      const { status, body } = await fixture.request({ method: "GET", url: "/api/me", headers: { cookie: header } });
      expect(status, header).toBe(401);
      expect(body).toMatchObject({ error: { code: "USER_HAS_TO_LOGIN" } });
    }
    expect((await fixture.request({ method: "GET", url: "/api/me", headers: { cookie } })).status).toBe(200);
  });
});

describe("pages of other origins", () => {
  const preflight = (on: HttpFixture, origin: string, url = "/api/rooms") =>
    on.app.inject({
      method: "OPTIONS",
      url,
      headers: { origin, "access-control-request-method": "POST", "access-control-request-headers": "content-type" },
    });

  test.each([FRIEND, "http://b.example:81"])(
    "%s in ALLOWED_ORIGINS can read responses, without cookies",
    async (origin) => {
      for (const url of ["/api/rooms", "/api/auth/sign-in/username", "/api/people/x"]) {
        const { statusCode, headers } = await preflight(fixture, origin, url);
        expect(statusCode).toBe(204);
        expect(headers["access-control-allow-origin"]).toBe(origin);
        expect(headers["access-control-allow-credentials"]).toBeUndefined();
        expect(String(headers["access-control-allow-methods"])).toContain("PATCH");
      }
      for (const url of ["/api/me", "/api/nothing", "/healthz"]) {
        const { headers } = await fixture.request({ method: "GET", url, headers: { origin } });
        expect(headers["access-control-allow-origin"]).toBe(origin);
        expect(String(headers.vary)).toMatch(/origin/i);
      }
    },
  );

  test.each([
    {},
    { origin: FRIEND },
    { origin: "" },
    { origin: "https://evil.example" },
    { "access-control-request-method": "POST" },
    { "access-control-request-method": "POST", origin: "" },
    { "access-control-request-method": "", origin: FRIEND },
    { "access-control-request-headers": "content-type", origin: FRIEND },
  ])("an OPTIONS request that is no preflight gets the documented error shape: %j", async (headers) => {
    for (const url of ["/api/rooms", "/", "/healthz", "/nothing", "/ws"]) {
      const response = await fixture.app.inject({ method: "OPTIONS", url, headers });
      expect(response.statusCode).toBe(400);
      expect(response.json()).toMatchObject({ error: { code: "COMMAND_INVALID", message: expect.any(String) } });
    }
  });

  test("can send cookies only if the configuration says so", async () => {
    expect((await preflight(withCookies, FRIEND)).headers["access-control-allow-credentials"]).toBe("true");
  });

  test.each([
    "https://evil.example",
    "http://friend.example",
    "https://friend.example:444",
    "https://sub.friend.example",
    "https://friend.example.evil.example",
    "https://evilfriend.example",
    "https://friend.example/",
    "HTTPS://FRIEND.EXAMPLE",
    "null",
    "*",
    "http://b.example",
  ])("%s is not allowed", async (origin) => {
    for (const on of [fixture, withCookies]) {
      expect((await preflight(on, origin)).headers["access-control-allow-origin"]).toBeUndefined();
      const { headers } = await on.request({ method: "GET", url: "/api/me", headers: { origin } });
      expect(headers["access-control-allow-origin"]).toBeUndefined();
      const post = await on.request({ method: "POST", url: "/api/rooms", payload: {}, headers: { origin } });
      expect(post.status).toBe(403);
    }
  });
});

describe("/metrics is closed", () => {
  test("without a token and a setting, also for this machine", async () => {
    expect((await fixture.request({ method: "GET", url: "/metrics" })).status).toBe(403);
    for (const token of ["", "x", "undefined", "null"]) {
      const headers = { authorization: `Bearer ${token}` };
      expect((await fixture.request({ method: "GET", url: "/metrics", headers })).status).toBe(403);
    }
  });
});

describe("the host that a proxy forwards", () => {
  const connect = async (chat: TestChat, headers: Record<string, string | string[]>, origin: string) => {
    const { cookie } = await chat.session("alice");
    const socket = await new Socket(`${chat.socketUrl}/chat/stream/`, { cookie, origin, headers }).settled();
    const [got] = socket.received as { http?: number }[];
    socket.close();
    return got?.http ?? 101;
  };

  test("counts for sockets as for requests, only with TRUST_PROXY", async () => {
    const origin = "https://chat.example";
    const headers = { "x-forwarded-host": "chat.example" };
    await using trusting = await TestChat.start({ env: { TRUST_PROXY: "loopback" } });
    expect(await connect(trusting, headers, origin)).toBe(101);
    expect(await connect(trusting, { "x-forwarded-host": "evil.example, chat.example" }, origin)).toBe(101);
    expect(await connect(trusting, { "x-forwarded-host": "chat.example, evil.example" }, origin)).toBe(403);
    expect(await connect(trusting, { "x-forwarded-host": ["evil.example", "chat.example"] }, origin)).toBe(101);
    expect(await connect(trusting, { "x-forwarded-host": ["chat.example", "evil.example"] }, origin)).toBe(403);
    expect(await connect(trusting, {}, origin)).toBe(403);
    await using plain = await TestChat.start();
    expect(await connect(plain, headers, origin)).toBe(403);
  });
});
