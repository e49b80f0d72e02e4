import { ERRORS } from "@multichat/protocol";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Ask, HttpHouse } from "./http-fixture.ts";

let house: HttpHouse;
beforeAll(async () => {
  house = await HttpHouse.open({ env: { ALLOWED_ORIGINS: "https://friend.example", LIMIT_BODY_BYTES: "2048" } });
});
afterAll(() => house.close());

const newRoom = (headers: Record<string, string> = {}): Ask => ({
  method: "POST",
  url: "/api/rooms",
  payload: { title: "A room" },
  headers,
});

describe("where a request that changes something comes from", () => {
  const taken: [string, Record<string, string>][] = [
    ["no browser", {}],
    ["our own page", { host: "chat.example:8000", origin: "http://chat.example:8000" }],
    ["our own page, with TLS taken off before us", { host: "chat.example", origin: "https://chat.example" }],
    ["a page that is allowed", { origin: "https://friend.example", "sec-fetch-site": "cross-site" }],
    ["our own page, without Origin", { "sec-fetch-site": "same-origin" }],
  ];
  test.each(taken)("%s is taken", async (_, headers) => {
    expect((await house.as("staff", newRoom(headers))).status).toBe(201);
  });

  const refused: [string, Record<string, string>][] = [
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
  test.each(refused)("%s is refused", async (_, headers) => {
    const answer = await house.as("staff", newRoom(headers));
    expect([answer.status, answer.body.error?.code]).toEqual([403, "ORIGIN_NOT_ALLOWED"]);
  });

  test("signing in and the first run are guarded alike", async () => {
    for (const url of ["/api/auth/sign-in/username", "/api/auth/sign-out", "/api/setup"]) {
      const answer = await house.ask({ method: "POST", url, payload: {}, headers: { origin: "https://evil.example" } });
      expect(answer.body.error?.code).toBe("ORIGIN_NOT_ALLOWED");
    }
  });

  test("looking is free, and nobody else's page can read what it gets", async () => {
    const answer = await house.as("user", {
      method: "GET",
      url: "/api/me",
      headers: { origin: "https://evil.example" },
    });
    expect(answer.status).toBe(200);
    expect(Object.keys(answer.headers).filter((name) => name.startsWith("access-control"))).toEqual([]);
    expect(answer.headers["cross-origin-resource-policy"]).toBe("same-origin");
  });

  test("with PUBLIC_URL set, that origin is ours and the host that a request names is not", async () => {
    const open = await HttpHouse.open({ env: { PUBLIC_URL: "https://chat.example.org" } });
    try {
      const ours = await open.as("staff", newRoom({ host: "10.0.0.1", origin: "https://chat.example.org" }));
      expect(ours.status).toBe(201);
      const rebound = await open.as("staff", newRoom({ host: "evil.example", origin: "http://evil.example" }));
      expect(rebound.body.error?.code).toBe("ORIGIN_NOT_ALLOWED");
    } finally {
      await open.close();
    }
  });
});

describe("what is wrong with a request", () => {
  const send = async (payload: string | undefined, type: string | undefined, url = "/api/rooms") => {
    const token = await house.token("staff");
    const got = await house.app.inject({
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
  ])("a body of the type %s, which a form could send, is not read", async (type) => {
    const error = await send('{"title":"A room"}', type);
    expect(error).toMatchObject({ code: "COMMAND_INVALID", message: expect.stringContaining("application/json") });
  });

  test("what is no JSON, or would change an object's prototype, is not read", async () => {
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

  test("no body, an empty one and null are faults in the command, by name", async () => {
    expect((await send(undefined, undefined)).code).toBe("COMMAND_INVALID");
    expect((await send("", "application/json")).code).toBe("COMMAND_INVALID");
    expect((await send("null", "application/json")).code).toBe("COMMAND_INVALID");
  });

  test("a wrong member is told by its path", async () => {
    expect(await send('{"title":""}', "application/json")).toMatchObject({
      code: "COMMAND_INVALID",
      issues: [{ path: "title", message: "expected text, got none" }],
    });
    expect(await send('{"title":"x","staffOnly":"yes"}', "application/json")).toMatchObject({
      issues: [{ path: "staffOnly" }],
    });
  });

  test("a body over the limit is refused, also where its length is not told", async () => {
    expect((await send(JSON.stringify({ title: "x".repeat(3000) }), "application/json")).code).toBe(
      "PAYLOAD_TOO_LARGE",
    );
  });

  test("a message that cannot be one is MESSAGE_INVALID; a wrong clientId is a fault in the command", async () => {
    const { id } = await house.room();
    const url = `/api/rooms/${id}/messages`;
    const post = (command: object) => send(JSON.stringify(command), "application/json", url);
    for (const body of ["", "  \n", "x".repeat(10_001), "a\u0000b", 7, null]) {
      expect((await post({ clientId: "a", body })).code).toBe("MESSAGE_INVALID");
    }
    expect((await post({ clientId: "a b", body: "hi" })).code).toBe("COMMAND_INVALID");
    expect((await post({ body: "hi" })).code).toBe("COMMAND_INVALID");
    expect((await post({})).code).toBe("COMMAND_INVALID");
  });

  test("a message of the full length is taken, in whatever characters", async () => {
    const { id } = await house.room();
    for (const [n, character] of ["x", "é", "漢", "🙂"].entries()) {
      const payload = { clientId: `long-${n}`, body: character.repeat(10_000) };
      const answer = await house.as("user", { method: "POST", url: `/api/rooms/${id}/messages`, payload });
      expect(answer.status).toBe(201);
      expect(answer.body.message).toMatchObject({ body: payload.body });
    }
  });

  test.each(["limit=0", "limit=101", "limit=x", "before=-1", "before=1&after=1", "before=1.5"])(
    "history?%s is a fault in the command",
    async (query) => {
      const { id } = await house.room();
      const answer = await house.as("user", { method: "GET", url: `/api/rooms/${id}/messages?${query}` });
      expect([answer.status, answer.body.error?.code]).toEqual([400, "COMMAND_INVALID"]);
    },
  );

  test("an address of the API that is none, a wrong method and a broken address are NOT_FOUND, in JSON", async () => {
    const asks: Ask[] = [
      { method: "GET", url: "/api" },
      { method: "GET", url: "/api/nothing" },
      { method: "PUT", url: "/api/rooms" },
      { method: "GET", url: "/api/rooms/%E0%A4%A" },
      { method: "GET", url: "/nothing" },
      { method: "POST", url: "/" },
    ];
    for (const ask of asks) {
      const answer = await house.as("superuser", ask);
      expect([ask.url, answer.status, answer.body.error?.code]).toEqual([ask.url, 404, "NOT_FOUND"]);
    }
  });

  test("an odd address of a room is a room that does not exist", async () => {
    for (const room of ["0", "-1", "+1", "01", "1.0", "1e0", "%20", "null", "x".repeat(90), "%00", "..%2f1"]) {
      const answer = await house.as("staff", { method: "GET", url: `/api/rooms/${room}` });
      expect([room, answer.body.error?.code]).toEqual([room, "ROOM_INVALID"]);
    }
  });

  test("a failure of ours tells nothing of its inside, and is logged", async () => {
    const { store } = house.context;
    const broken = await HttpHouse.open();
    try {
      const token = await broken.token("user");
      // The accounts of this one still answer; its store does not.
      await broken.context.store.close();
      const answer = await broken.ask({
        method: "GET",
        url: "/api/rooms",
        headers: { authorization: `Bearer ${token}` },
      });
      expect([500, 503]).toContain(answer.status);
      expect(Object.keys(answer.body)).toEqual(["error"]);
      expect(answer.text).not.toMatch(/\.ts|at .*\(|sqlite/i);
    } finally {
      await broken.close().catch(() => {});
    }
    await expect(store.check()).resolves.toBeUndefined();
  });
});

describe("too many requests", () => {
  test("are refused with when to come back, counted by person, and by address where nobody is signed in", async () => {
    const busy = await HttpHouse.open({ env: { LIMIT_REQUESTS_PER_MINUTE: "20" } });
    try {
      const token = await busy.token("user");
      const other = await busy.token("staff");
      const look = (by: string) =>
        busy.ask({ method: "GET", url: "/api/me", headers: { authorization: `Bearer ${by}` } });
      for (let n = 0; n < 20; n += 1) expect((await look(token)).status).toBe(200);
      const refused = await look(token);
      expect([refused.status, refused.body.error?.code]).toEqual([429, "RATE_LIMITED"]);
      expect(refused.body.error?.retryAfter).toBeGreaterThan(0);
      expect((await look(other)).status).toBe(200);
      expect((await busy.ask({ method: "GET", url: "/healthz" })).status).toBe(200);
    } finally {
      await busy.close();
    }
  });
});

describe("messages over HTTP", () => {
  test("the same clientId again gets the same answer, and nothing is posted twice", async () => {
    const { id, number } = await house.room();
    const payload = { clientId: "once", body: "hello" };
    const first = await house.as("user", { method: "POST", url: `/api/rooms/${id}/messages`, payload });
    const again = await house.as("user", { method: "POST", url: `/api/rooms/${number}/messages`, payload });
    expect(first.status).toBe(201);
    expect(again.body).toEqual(first.body);
    const page = await house.as("staff", { method: "GET", url: `/api/rooms/${number}/messages` });
    expect(page.body).toMatchObject({ messages: [{ body: "hello", author: { username: "user" } }], hasBefore: false });
  });

  test("a notice is kept with its kind and its author, and the same clientId again places nothing", async () => {
    const { id, number } = await house.room();
    const place = (payload: object) =>
      house.as("staff", { method: "POST", url: `/api/rooms/${number}/notices`, payload });
    const once = { kind: "alert", text: "closing", clientId: "once" };
    const first = await place(once);
    expect([first.status, first.body]).toMatchObject([
      201,
      { message: { room: id, kind: "alert", body: "closing", author: { username: "staff" }, clientId: "once" } },
    ]);
    expect((await place(once)).body).toEqual(first.body);
    await place({ kind: "muted", text: "closed" });
    const { body } = await house.as("user", { method: "GET", url: `/api/rooms/${id}/messages` });
    expect(body).toMatchObject({ messages: [{ kind: "alert" }, { kind: "muted", body: "closed" }] });
    for (const [payload, code] of [
      [{ kind: "message", text: "x" }, "COMMAND_INVALID"],
      [{ kind: "alert" }, "MESSAGE_INVALID"],
      [{ kind: "alert", text: " " }, "MESSAGE_INVALID"],
    ] as const) {
      expect((await place(payload)).body).toMatchObject({ error: { code } });
    }
  });

  test("history is paged before, after and around a seq", async () => {
    const room = await house.room();
    for (let n = 1; n <= 7; n += 1) await house.post(room, `m${n}`);
    const bodies = async (query: string) => {
      const { body } = await house.as("user", { method: "GET", url: `/api/rooms/${room.id}/messages?${query}` });
      const { messages, hasBefore, hasAfter } = body as unknown as {
        messages: { body: string; seq: number }[];
        hasBefore: boolean;
        hasAfter: boolean;
      };
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

  test("an archived room is read and not written to", async () => {
    const { id } = await house.room();
    await house.as("staff", { method: "PATCH", url: `/api/rooms/${id}`, payload: { archived: true } });
    const payload = { clientId: "late", body: "hello" };
    const answer = await house.as("staff", { method: "POST", url: `/api/rooms/${id}/messages`, payload });
    expect([answer.status, answer.body.error?.code]).toEqual([409, "ROOM_ARCHIVED"]);
    expect((await house.as("user", { method: "GET", url: `/api/rooms/${id}/messages` })).status).toBe(200);
  });
});

describe("people over HTTP", () => {
  test("an account is made, found in the list, renamed and addressed by id or username", async () => {
    const payload = { username: "Newcomer", password: "a long password", email: "new@example.org" };
    const made = await house.as("staff", { method: "POST", url: "/api/people", payload });
    expect(made.status).toBe(201);
    expect(made.body.person).toMatchObject({
      username: "Newcomer",
      email: "new@example.org",
      staff: false,
      active: true,
    });
    expect(made.text).not.toMatch(/password|argon/);
    const taken = await house.as("staff", {
      method: "POST",
      url: "/api/people",
      payload: { ...payload, username: "newcomer" },
    });
    expect([taken.status, taken.body.error?.code]).toEqual([409, "USERNAME_TAKEN"]);
    const renamed = await house.as("staff", {
      method: "PATCH",
      url: "/api/people/newcomer",
      payload: { username: "Regular" },
    });
    expect(renamed.body.person).toMatchObject({ username: "Regular" });
    const list = await house.as("staff", { method: "GET", url: "/api/people" });
    expect((list.body.people as unknown as { username: string }[]).map(({ username }) => username)).toContain(
      "Regular",
    );
    const nobody = await house.as("staff", {
      method: "PATCH",
      url: "/api/people/newcomer",
      payload: { active: false },
    });
    expect([nobody.status, nobody.body.error?.code]).toEqual([404, "PERSON_NOT_FOUND"]);
  });

  test("a superuser is staff", async () => {
    const payload = { username: "boss", password: "a long password", superuser: true };
    const made = await house.as("superuser", { method: "POST", url: "/api/people", payload });
    expect(made.body.person).toMatchObject({ staff: true, superuser: true });
  });

  test("who may see what messages said before is a setting too", async () => {
    const may = async (who: string) => (await house.as(who, { method: "GET", url: "/api/me" })).body.mayReadVersions;
    const set = (historyReaders: string) =>
      house.as("staff", { method: "PATCH", url: "/api/settings", payload: { historyReaders } });
    expect([await may("user"), await may("staff")]).toEqual([false, true]);
    await set("everybody");
    expect([await may("user"), await may("staff")]).toEqual([true, true]);
    await set("nobody");
    expect([await may("user"), await may("staff")]).toEqual([false, false]);
    await set("staff");
  });

  test("who may make rooms is a setting, and everybody's profile tells what it means for them", async () => {
    const may = async (who: string) => (await house.as(who, { method: "GET", url: "/api/me" })).body.mayCreateRooms;
    expect([await may("user"), await may("staff")]).toEqual([false, true]);
    const set = await house.as("staff", {
      method: "PATCH",
      url: "/api/settings",
      payload: { roomCreators: "everybody" },
    });
    expect(set.body).toEqual({ roomCreators: "everybody", allMentioners: "moderators", historyReaders: "staff" });
    expect(await may("user")).toBe(true);
    const profile = await house.as("user", { method: "GET", url: "/api/me" });
    expect(profile.body).toMatchObject({
      version: "1.2.3",
      limits: { messageChars: 10_000 },
      me: { username: "user" },
    });
    const wrong = await house.as("staff", {
      method: "PATCH",
      url: "/api/settings",
      payload: { roomCreators: "nobody" },
    });
    expect(wrong.body.error?.code).toBe("COMMAND_INVALID");
  });
});
