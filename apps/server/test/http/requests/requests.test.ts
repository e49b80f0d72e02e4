import { ERRORS, type HistoryPage } from "@multichat/protocol";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bodyOf, HttpFixture, type TestRequest, type TestResponse } from "../http-fixture.ts";

let fixture: HttpFixture;
beforeAll(async () => {
  fixture = await HttpFixture.open({ env: { ALLOWED_ORIGINS: "https://friend.example", LIMIT_BODY_BYTES: "2048" } });
});
afterAll(() => fixture.close());

const newRoom = (headers: Record<string, string> = {}): TestRequest => ({
  method: "POST",
  url: "/api/rooms",
  payload: { title: "A room" },
  headers,
});

describe("the origin of a request that changes something", () => {
  const accepted: [string, Record<string, string>][] = [
    ["no browser", {}],
    ["our own page", { host: "chat.example:8000", origin: "http://chat.example:8000" }],
    ["our own page, with TLS taken off before us", { host: "chat.example", origin: "https://chat.example" }],
    ["a page that is allowed", { origin: "https://friend.example", "sec-fetch-site": "cross-site" }],
    ["our own page, without Origin", { "sec-fetch-site": "same-origin" }],
  ];
  test.each(accepted)("accepts %s", async (_, headers) => {
    expect((await fixture.requestAs("staff", newRoom(headers))).status).toBe(201);
  });

  const rejected: [string, Record<string, string>][] = [
    ["another site", { origin: "https://evil.example" }],
    ["another port", { host: "chat.example:8000", origin: "http://chat.example:8001" }],
    ["a host that ours is the end of", { host: "chat.example", origin: "https://evilchat.example" }],
    ["a host that ours is the beginning of", { host: "chat.example", origin: "https://chat.example.evil.example" }],
    ["a sandboxed page or a file", { origin: "null" }],
    ["an origin that no browser sends", { host: "chat.example", origin: "https://chat.example/path" }],
    ["another scheme of a friend", { origin: "http://friend.example" }],
    ["another site, without Origin", { "sec-fetch-site": "cross-site" }],
    ["another host of our site, without Origin", { "sec-fetch-site": "same-site" }],
  ];
  test.each(rejected)("rejects %s", async (_, headers) => {
    const answer = await fixture.requestAs("staff", newRoom(headers));
    expect([answer.status, answer.body.error?.code]).toEqual([403, "ORIGIN_NOT_ALLOWED"]);
  });

  test("is checked for sign-in and setup too", async () => {
    for (const url of ["/api/auth/sign-in/username", "/api/auth/sign-out", "/api/setup"]) {
      const answer = await fixture.request({
        method: "POST",
        url,
        payload: {},
        headers: { origin: "https://evil.example" },
      });
      expect(answer.body.error?.code).toBe("ORIGIN_NOT_ALLOWED");
    }
  });

  test("is not checked for reads, whose responses other origins cannot read", async () => {
    const answer = await fixture.requestAs("user", {
      method: "GET",
      url: "/api/me",
      headers: { origin: "https://evil.example" },
    });
    expect(answer.status).toBe(200);
    expect(Object.keys(answer.headers).filter((name) => name.startsWith("access-control"))).toEqual([]);
    expect(answer.headers["cross-origin-resource-policy"]).toBe("same-origin");
  });

  test("must be PUBLIC_URL if it is set, not the host of the request", async () => {
    const open = await HttpFixture.open({ env: { PUBLIC_URL: "https://chat.example.org" } });
    try {
      const ours = await open.requestAs("staff", newRoom({ host: "10.0.0.1", origin: "https://chat.example.org" }));
      expect(ours.status).toBe(201);
      const rebound = await open.requestAs("staff", newRoom({ host: "evil.example", origin: "http://evil.example" }));
      expect(rebound.body.error?.code).toBe("ORIGIN_NOT_ALLOWED");
    } finally {
      await open.close();
    }
  });
});

describe("an invalid request", () => {
  const send = async (payload: string | undefined, type: string | undefined, url = "/api/rooms") => {
    const token = await fixture.token("staff");
    const got = await fixture.app.inject({
      method: "POST",
      url,
      headers: { authorization: `Bearer ${token}`, ...(type === undefined ? {} : { "content-type": type }) },
      ...(payload === undefined ? {} : { payload }),
    });
    const { error } = got.json() as { error: { code: string; message: string; issues?: unknown } };
    expect(Object.keys(got.json())).toEqual(["error"]);
    expect(got.statusCode).toBe(ERRORS[error.code as keyof typeof ERRORS].status);
    return error;
  };

  test.each([
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "application/xml",
    "json",
  ])("is rejected with content type %s, which a form could send", async (type) => {
    const error = await send('{"title":"A room"}', type);
    expect(error).toMatchObject({ code: "COMMAND_INVALID", message: expect.stringContaining("application/json") });
  });

  test("is rejected with invalid JSON or a __proto__ property", async () => {
    for (const body of [
      "{",
      '{"title":',
      "nothing",
      '{"__proto__":{"staff":true},"title":"x"}',
      '{"constructor":{"prototype":{}}}',
    ]) {
      expect((await send(body, "application/json")).code).toBe("COMMAND_INVALID");
    }
  });

  test("without a body, with an empty body or null is COMMAND_INVALID", async () => {
    expect((await send(undefined, undefined)).code).toBe("COMMAND_INVALID");
    expect((await send("", "application/json")).code).toBe("COMMAND_INVALID");
    expect((await send("null", "application/json")).code).toBe("COMMAND_INVALID");
  });

  test("names the path of an invalid field", async () => {
    expect(await send('{"title":""}', "application/json")).toMatchObject({
      code: "COMMAND_INVALID",
      issues: [{ path: "title", message: "expected text, got none" }],
    });
    expect(await send('{"title":"x","staffOnly":"yes"}', "application/json")).toMatchObject({
      issues: [{ path: "staffOnly" }],
    });
  });

  test("is rejected with a body over the limit, with or without Content-Length", async () => {
    expect((await send(JSON.stringify({ title: "x".repeat(3000) }), "application/json")).code).toBe(
      "PAYLOAD_TOO_LARGE",
    );
  });

  test("is MESSAGE_INVALID for an invalid body and COMMAND_INVALID for an invalid clientId", async () => {
    const { id } = await fixture.createRoom();
    const url = `/api/rooms/${id}/messages`;
    const post = (command: object) => send(JSON.stringify(command), "application/json", url);
    for (const body of ["", "  \n", "x".repeat(10_001), "a\u0000b", 7, null]) {
      expect((await post({ clientId: "a", body })).code).toBe("MESSAGE_INVALID");
    }
    expect((await post({ clientId: "a b", body: "hi" })).code).toBe("COMMAND_INVALID");
    expect((await post({ body: "hi" })).code).toBe("COMMAND_INVALID");
    expect((await post({})).code).toBe("COMMAND_INVALID");
  });

  test("can contain a message of the maximum length in any characters", async () => {
    const { id } = await fixture.createRoom();
    for (const [n, character] of ["x", "é", "漢", "🙂"].entries()) {
      const payload = { clientId: `long-${n}`, body: character.repeat(10_000) };
      const answer = await fixture.requestAs("user", { method: "POST", url: `/api/rooms/${id}/messages`, payload });
      expect(answer.status).toBe(201);
      expect(answer.body.message).toMatchObject({ body: payload.body });
    }
  });

  test.each(["limit=0", "limit=101", "limit=x", "before=-1", "before=1&after=1", "before=1.5"])(
    "is COMMAND_INVALID for history?%s",
    async (query) => {
      const { id } = await fixture.createRoom();
      const answer = await fixture.requestAs("user", { method: "GET", url: `/api/rooms/${id}/messages?${query}` });
      expect([answer.status, answer.body.error?.code]).toEqual([400, "COMMAND_INVALID"]);
    },
  );

  test("is NOT_FOUND in JSON for an unknown path, a wrong method or a malformed URL", async () => {
    const asks: TestRequest[] = [
      { method: "GET", url: "/api" },
      { method: "GET", url: "/api/nothing" },
      { method: "PUT", url: "/api/rooms" },
      { method: "GET", url: "/api/rooms/%E0%A4%A" },
      { method: "GET", url: "/nothing" },
      { method: "POST", url: "/" },
    ];
    for (const ask of asks) {
      const answer = await fixture.requestAs("superuser", ask);
      expect([ask.url, answer.status, answer.body.error?.code]).toEqual([ask.url, 404, "NOT_FOUND"]);
    }
  });

  test("is ROOM_INVALID for a malformed room address", async () => {
    for (const room of ["0", "-1", "+1", "01", "1.0", "1e0", "%20", "null", "x".repeat(90), "%00", "..%2f1"]) {
      const answer = await fixture.requestAs("staff", { method: "GET", url: `/api/rooms/${room}` });
      expect([room, answer.body.error?.code]).toEqual([room, "ROOM_INVALID"]);
    }
  });

  test("discloses nothing about an internal failure, which is logged", async () => {
    const { store } = fixture.context;
    const broken = await HttpFixture.open();
    try {
      const token = await broken.token("user");
      // Its accounts still answer, its store fails.
      await broken.context.store.close();
      const answer = await broken.request({
        method: "GET",
        url: "/api/rooms",
        headers: { authorization: `Bearer ${token}` },
      });
      expect([500, 503]).toContain(answer.status);
      expect(Object.keys(answer.body)).toEqual(["error"]);
      expect(answer.text).not.toMatch(/\.ts|at .*\(|sqlite/i);
    } finally {
      // Its store is closed already.
      await broken.close().catch(() => {});
    }
    await expect(store.check()).resolves.toBeUndefined();
  });
});

describe("the request limit", () => {
  test("applies per user, or per address without a session, and returns a retry time", async () => {
    const busy = await HttpFixture.open({ env: { LIMIT_REQUESTS_PER_MINUTE: "20" } });
    try {
      const token = await busy.token("user");
      const other = await busy.token("staff");
      const look = (by: string) =>
        busy.request({ method: "GET", url: "/api/me", headers: { authorization: `Bearer ${by}` } });
      for (let n = 0; n < 20; n += 1) expect((await look(token)).status).toBe(200);
      const refused = await look(token);
      expect([refused.status, refused.body.error?.code]).toEqual([429, "RATE_LIMITED"]);
      expect(refused.body.error?.retryAfter).toBeGreaterThan(0);
      expect((await look(other)).status).toBe(200);
      expect((await busy.request({ method: "GET", url: "/healthz" })).status).toBe(200);
    } finally {
      await busy.close();
    }
  });
});

describe("what long bodies and replies cost is paid by waiting, over HTTP as on a socket", () => {
  const nested = "[".repeat(40_000) + "]".repeat(40_000);
  const signIn = (password: string) => ({ username: "user", password });
  const longBody = (n: number) => ({ clientId: `long-${n}`, body: "一".repeat(9_000) });
  const kinds: readonly (readonly [string, (room: string, n: number) => Omit<TestRequest, "headers">])[] = [
    ["long messages", (room, n) => ({ method: "POST", url: `/api/rooms/${room}/messages`, payload: longBody(n) })],
    [
      "bodies that are refused",
      (room) => ({ method: "POST", url: `/api/rooms/${room}/messages`, payload: { nested } }),
    ],
    ["unknown fields", () => ({ method: "POST", url: "/api/direct", payload: { [nested]: 1 } })],
    ["long names", () => ({ method: "POST", url: "/api/direct", payload: { user: nested } })],
    ["long passwords", () => ({ method: "POST", url: "/api/auth/sign-in/username", payload: signIn(nested) })],
    ["long pages", (room) => ({ method: "GET", url: `/api/rooms/${room}/messages` })],
  ];

  test.each(kinds)("%s", async (_name, requestOf) => {
    const busy = await HttpFixture.open();
    try {
      const room = await busy.createRoom();
      for (let n = 0; n < 40; n += 1) await busy.post(room, "一".repeat(9_000));
      let count = 0;
      let last: TestResponse | undefined;
      while (last?.status !== 429 && count < 200) {
        last = await busy.requestAs("user", requestOf(room.id, count));
        count += 1;
      }
      expect(count).toBeGreaterThan(2);
      expect(last?.body.error).toMatchObject({ code: "RATE_LIMITED", retryAfter: expect.any(Number) });
      expect(last?.body.error?.retryAfter).toBeLessThanOrEqual(11);
      expect((await busy.requestAs("staff", { method: "GET", url: "/api/me" })).status).toBe(200);
    } finally {
      await busy.close();
    }
  });

  test.each<[string, { readonly url?: string; readonly headers?: Readonly<Record<string, string>> }]>([
    [
      "many headers",
      { headers: Object.fromEntries(Array.from({ length: 800 }, (_, index) => [`x-${index}`, "value"])) },
    ],
    ["a long header", { headers: { "accept-language": "de-DE,de;q=0.9,".repeat(1_000) } }],
    ["many cookies", { headers: { cookie: "name=%E4%B8%80; ".repeat(900) } }],
    ["a few long parameters", { url: `/api/search?query=${"%E4%B8%80".repeat(1_500)}&b=${"x".repeat(1_000)}` }],
  ])("%s", async (_name, { url = "/api/me", headers = {} }) => {
    const busy = await HttpFixture.open();
    try {
      let count = 0;
      let status = 0;
      for (; status !== 429 && count < 300; count += 1) {
        ({ status } = await busy.requestAs("user", { method: "GET", url, headers }));
      }
      expect(status).toBe(429);
      expect(count).toBeGreaterThan(2);
    } finally {
      await busy.close();
    }
  });

  test.each([50, 51, 1_000])("%d parameters are read only where they are few", async (count) => {
    const url = `/api/search?${Array.from({ length: count }, (_, index) => `a${index}=1`).join("&")}`;
    const { status, body } = await fixture.requestAs("superuser", { method: "GET", url });
    expect([status, body.error?.code]).toEqual([400, "COMMAND_INVALID"]);
    expect(body.error?.message.includes("at most 50 parameters")).toBe(count > 50);
  });

  test("ordinary requests have no such cost", async () => {
    const { id } = await fixture.createRoom();
    for (let n = 0; n < 300; n += 1) {
      const payload = { clientId: `short-${n}`, body: "a sentence of an ordinary length, as people write them" };
      const request = { method: "POST", url: `/api/rooms/${id}/messages`, payload } as const;
      expect((await fixture.requestAs("superuser", request)).status).toBe(201);
    }
  });
});

describe("a body that costs much to parse is refused unparsed", () => {
  test.each([
    ["lists in each other", "[".repeat(800) + "]".repeat(800)],
    ["objects in each other", `${'{"a":'.repeat(300)}0${"}".repeat(300)}`],
    ["a list of numbers", `[${"1,".repeat(1_001)}0]`],
  ])("%s", async (_name, payload) => {
    const headers = { "content-type": "application/json", authorization: `Bearer ${await fixture.token("user")}` };
    const response = await fixture.app.inject({ method: "POST", url: "/api/direct", payload, headers });
    expect(response.statusCode).toBe(400);
    expect(response.json()).toMatchObject({
      error: { code: "COMMAND_INVALID", message: expect.stringMatching(/at most 1000 values/) },
    });
  });
});

describe("messages over HTTP", () => {
  test("return the first response for a repeated clientId, and post nothing twice", async () => {
    const { id, number } = await fixture.createRoom();
    const payload = { clientId: "once", body: "hello" };
    const first = await fixture.requestAs("user", { method: "POST", url: `/api/rooms/${id}/messages`, payload });
    const again = await fixture.requestAs("user", { method: "POST", url: `/api/rooms/${number}/messages`, payload });
    expect(first.status).toBe(201);
    expect(again.body).toEqual(first.body);
    const page = await fixture.requestAs("staff", { method: "GET", url: `/api/rooms/${number}/messages` });
    expect(page.body).toMatchObject({ messages: [{ body: "hello", author: { username: "user" } }], hasBefore: false });
  });

  test("store a notice with its kind and author, and post nothing for a repeated clientId", async () => {
    const { id, number } = await fixture.createRoom();
    const place = (payload: object) =>
      fixture.requestAs("staff", { method: "POST", url: `/api/rooms/${number}/notices`, payload });
    const once = { kind: "alert", text: "closing", clientId: "once" };
    const first = await place(once);
    expect([first.status, first.body]).toMatchObject([
      201,
      { message: { room: id, kind: "alert", body: "closing", author: { username: "staff" }, clientId: "once" } },
    ]);
    expect((await place(once)).body).toEqual(first.body);
    await place({ kind: "muted", text: "closed" });
    const { body } = await fixture.requestAs("user", { method: "GET", url: `/api/rooms/${id}/messages` });
    expect(body).toMatchObject({ messages: [{ kind: "alert" }, { kind: "muted", body: "closed" }] });
    for (const [payload, code] of [
      [{ kind: "message", text: "x" }, "COMMAND_INVALID"],
      [{ kind: "alert" }, "MESSAGE_INVALID"],
      [{ kind: "alert", text: " " }, "MESSAGE_INVALID"],
    ] as const) {
      expect((await place(payload)).body).toMatchObject({ error: { code } });
    }
  });

  test("page history before, after and around a seq", async () => {
    const room = await fixture.createRoom();
    for (let n = 1; n <= 7; n += 1) await fixture.post(room, `m${n}`);
    const bodies = async (query: string) => {
      const answer = await fixture.requestAs("user", {
        method: "GET",
        url: `/api/rooms/${room.id}/messages?${query}`,
      });
      const { messages, hasBefore, hasAfter } = bodyOf<HistoryPage>(answer);
      return {
        bodies: messages.map(({ body: text }) => text),
        seqs: messages.map(({ seq }) => seq),
        hasBefore,
        hasAfter,
      };
    };
    const latest = await bodies("limit=3");
    expect(latest).toMatchObject({ bodies: ["m5", "m6", "m7"], hasBefore: true, hasAfter: false });
    expect(await bodies(`limit=3&before=${latest.seqs[0]}`)).toMatchObject({
      bodies: ["m2", "m3", "m4"],
      hasBefore: true,
    });
    expect(await bodies(`limit=2&after=${latest.seqs[0]}`)).toMatchObject({ bodies: ["m6", "m7"], hasAfter: false });
    expect((await bodies(`limit=3&around=${latest.seqs[0]}`)).bodies).toContain("m5");
  });

  test("can be read but not posted in an archived room", async () => {
    const { id } = await fixture.createRoom();
    await fixture.requestAs("staff", { method: "PATCH", url: `/api/rooms/${id}`, payload: { archived: true } });
    const payload = { clientId: "late", body: "hello" };
    const answer = await fixture.requestAs("staff", { method: "POST", url: `/api/rooms/${id}/messages`, payload });
    expect([answer.status, answer.body.error?.code]).toEqual([409, "ROOM_ARCHIVED"]);
    expect((await fixture.requestAs("user", { method: "GET", url: `/api/rooms/${id}/messages` })).status).toBe(200);
  });
});

describe("people over HTTP", () => {
  test("are created, listed, renamed and addressed by id or username", async () => {
    const payload = { username: "Newcomer", password: "a long password", email: "new@example.org" };
    const created = await fixture.requestAs("staff", { method: "POST", url: "/api/people", payload });
    expect(created.status).toBe(201);
    expect(created.body.person).toMatchObject({
      username: "Newcomer",
      email: "new@example.org",
      staff: false,
      active: true,
    });
    expect(created.text).not.toMatch(/password|argon/);
    const taken = await fixture.requestAs("staff", {
      method: "POST",
      url: "/api/people",
      payload: { ...payload, username: "newcomer" },
    });
    expect([taken.status, taken.body.error?.code]).toEqual([409, "USERNAME_TAKEN"]);
    const renamed = await fixture.requestAs("staff", {
      method: "PATCH",
      url: "/api/people/newcomer",
      payload: { username: "Regular" },
    });
    expect(renamed.body.person).toMatchObject({ username: "Regular" });
    const list = await fixture.requestAs("staff", { method: "GET", url: "/api/people" });
    const { people } = bodyOf<{ people: { username: string }[] }>(list);
    expect(people.map(({ username }) => username)).toContain("Regular");
    const unknown = await fixture.requestAs("staff", {
      method: "PATCH",
      url: "/api/people/newcomer",
      payload: { active: false },
    });
    expect([unknown.status, unknown.body.error?.code]).toEqual([404, "PERSON_NOT_FOUND"]);
  });

  test("are staff when they are superusers", async () => {
    const payload = { username: "boss", password: "a long password", superuser: true };
    const created = await fixture.requestAs("superuser", { method: "POST", url: "/api/people", payload });
    expect(created.body.person).toMatchObject({ staff: true, superuser: true });
  });

  test("can read earlier versions of messages depending on a setting", async () => {
    const isAllowed = async (username: string) =>
      (await fixture.requestAs(username, { method: "GET", url: "/api/me" })).body.mayReadVersions;
    const set = (historyReaders: string) =>
      fixture.requestAs("staff", { method: "PATCH", url: "/api/settings", payload: { historyReaders } });
    expect([await isAllowed("user"), await isAllowed("staff")]).toEqual([false, true]);
    await set("everybody");
    expect([await isAllowed("user"), await isAllowed("staff")]).toEqual([true, true]);
    await set("nobody");
    expect([await isAllowed("user"), await isAllowed("staff")]).toEqual([false, false]);
    await set("staff");
  });

  test("can create rooms depending on a setting, as their profile shows", async () => {
    const isAllowed = async (username: string) =>
      (await fixture.requestAs(username, { method: "GET", url: "/api/me" })).body.mayCreateRooms;
    expect([await isAllowed("user"), await isAllowed("staff")]).toEqual([false, true]);
    const set = await fixture.requestAs("staff", {
      method: "PATCH",
      url: "/api/settings",
      payload: { roomCreators: "everybody" },
    });
    expect(set.body).toEqual({ roomCreators: "everybody", allMentioners: "moderators", historyReaders: "staff" });
    expect(await isAllowed("user")).toBe(true);
    const profile = await fixture.requestAs("user", { method: "GET", url: "/api/me" });
    expect(profile.body).toMatchObject({
      version: "1.2.3",
      limits: { messageChars: 10_000 },
      me: { username: "user" },
    });
    const wrong = await fixture.requestAs("staff", {
      method: "PATCH",
      url: "/api/settings",
      payload: { roomCreators: "nobody" },
    });
    expect(wrong.body.error?.code).toBe("COMMAND_INVALID");
  });
});
