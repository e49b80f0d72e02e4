import { ERRORS } from "@multichat/protocol";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Answer, type Ask, HttpHouse, ROLES, type Role } from "./http-fixture.ts";
import { CLOSED_TO_ALL, MATRIX, PAGE_FILES, type Row } from "./refusal-matrix.ts";

let house: HttpHouse;
beforeAll(async () => {
  house = await HttpHouse.open();
});
afterAll(() => house.close());
beforeEach(async () => {
  await house.context.store.settings.update({ roomCreators: "staff" });
});

/** `GET /api/rooms/:room` … from fastify's own picture of its routes. */
function routesOf(picture: string): string[] {
  const path: string[] = [];
  return picture.split("\n").flatMap((line) => {
    const [, indent = "", segment = "", methods = ""] = /^((?:[│ ] {3})*)[├└]── (\S*) \(([A-Z, ]+)\)/.exec(line) ?? [];
    if (methods === "") return [];
    path.splice(indent.length / 4, path.length, segment);
    return methods
      .split(", ")
      .filter((method) => method !== "HEAD")
      .map((method) => `${method} ${path.join("")}`);
  });
}

async function everything(): Promise<string> {
  const { accounts, store } = house.context;
  const people = await accounts.list();
  return JSON.stringify([
    people,
    await Promise.all(people.map(async ({ id }) => (await accounts.sessions(id, null)).map((session) => session.id))),
    await store.rooms.list(),
    await Promise.all((await store.rooms.list()).map(({ id }) => store.members.list({ room: id, limit: 100 }))),
    await store.settings.get(),
  ]);
}

const ask = async (row: Row, who: Role): Promise<{ request: Ask; before: string }> => {
  // Everybody has a session before the world is looked at.
  if (who !== "outsider") await house.token(who);
  const [method] = row.route.split(" ") as [Ask["method"]];
  const request = { method, ...(await row.ask(house, who)) };
  return { request, before: await everything() };
};

const told = (answer: Answer): string =>
  answer.body.error?.code ?? (answer.status < 300 ? "ok" : `HTTP ${answer.status}`);

describe("the premise", () => {
  test("the four who ask are who they are said to be", async () => {
    const me = async (who: Role) => (await house.as(who, { method: "GET", url: "/api/me" })).body.me as unknown;
    expect((await house.as("outsider", { method: "GET", url: "/api/me" })).status).toBe(401);
    expect(await me("user")).toMatchObject({ username: "user", staff: false, superuser: false });
    expect(await me("staff")).toMatchObject({ username: "staff", staff: true, superuser: false });
    expect(await me("superuser")).toMatchObject({ username: "superuser", staff: true, superuser: true });
  });

  test("every route that is registered has a row, and every row a route", () => {
    const routes = routesOf(house.app.printRoutes({ commonPrefix: false })).filter((route) => !PAGE_FILES.test(route));
    expect(routes).toContain("POST /api/rooms/:room/messages");
    expect([...new Set(MATRIX.map(({ route }) => route))].sort()).toEqual([...new Set(routes)].sort());
  });

  test("every row lets somebody in, so that a refusal is for who asks and not for what is asked", () => {
    const never = MATRIX.filter(({ expected }) => !Object.values(expected).includes("ok")).map(({ what }) => what);
    expect(new Set(never)).toEqual(CLOSED_TO_ALL);
  });
});

describe.each(MATRIX.map((row) => [row.route, row.what, row] as const))("%s: %s", (_route, _what, row) => {
  test.each(ROLES)("%s", async (who) => {
    const expected = row.expected[who];
    const { request, before } = await ask(row, who);
    const answer = await house.as(who, request);
    expect(told(answer)).toBe(expected);
    if (expected === "ok") return;
    expect(answer.status).toBe(ERRORS[expected].status);
    expect(Object.keys(answer.body)).toEqual(["error"]);
    expect(await everything(), "a refused request changed something").toBe(before);
  });
});

describe.each([
  ["staff-only", "user", "staff", () => house.room({ staffOnly: true })],
  ["private", "staff", "user", () => house.room({ private: true }, "user")],
  ["private", "superuser", "user", () => house.room({ private: true }, "user")],
] as const)("a %s room that %s may not see does not exist", (_, stranger, insider, makeHidden) => {
  const asks: [string, (room: string) => Ask][] = [
    ["look", (room) => ({ method: "GET", url: `/api/rooms/${room}` })],
    ["change", (room) => ({ method: "PATCH", url: `/api/rooms/${room}`, payload: { title: "Mine" } })],
    ["change wrongly", (room) => ({ method: "PATCH", url: `/api/rooms/${room}`, payload: { title: "" } })],
    ["delete", (room) => ({ method: "DELETE", url: `/api/rooms/${room}` })],
    ["read", (room) => ({ method: "GET", url: `/api/rooms/${room}/messages?limit=5` })],
    [
      "post",
      (room) => ({ method: "POST", url: `/api/rooms/${room}/messages`, payload: { clientId: "a", body: "hi" } }),
    ],
    [
      "post wrongly",
      (room) => ({ method: "POST", url: `/api/rooms/${room}/messages`, payload: { clientId: "a", body: "" } }),
    ],
    ["edit", (room) => ({ method: "PATCH", url: `/api/rooms/${room}/messages/m`, payload: { body: "hi" } })],
    ["delete a message", (room) => ({ method: "DELETE", url: `/api/rooms/${room}/messages/m` })],
    ["list members", (room) => ({ method: "GET", url: `/api/rooms/${room}/members` })],
    ["list who is banned", (room) => ({ method: "GET", url: `/api/rooms/${room}/bans` })],
    ["become a member", (room) => ({ method: "POST", url: `/api/rooms/${room}/members`, payload: {} })],
    [
      "bring somebody",
      (room) => ({ method: "POST", url: `/api/rooms/${room}/members`, payload: { user: "nobody-there" } }),
    ],
    [
      "mute somebody",
      (room) => ({ method: "PATCH", url: `/api/rooms/${room}/members/user`, payload: { muteSeconds: 1 } }),
    ],
    ["remove somebody", (room) => ({ method: "DELETE", url: `/api/rooms/${room}/members/user?ban=true` })],
  ];

  test.each(asks)("%s: the answer is, to the letter, that for a room that was never made", async (_, make) => {
    const hidden = await makeHidden();
    await house.post(hidden, "not for everybody");
    const asked = (room: string) => house.as(stranger, make(room));
    const letter = ({ status, text, headers }: Answer) => {
      const { date: _date, ...rest } = headers;
      return { status, text, headers: rest };
    };
    const never = letter(await asked("999999999"));
    expect(never.status).toBeGreaterThanOrEqual(400);
    expect(letter(await asked(hidden.id))).toEqual(never);
    expect(letter(await asked(String(hidden.number)))).toEqual(never);
    expect(letter(await asked("019a0000-0000-7000-8000-000000000000"))).toEqual(never);
  });

  test("it is in no list and no search, and a search for it by name is as one for any other", async () => {
    const hidden = await makeHidden();
    // A word of its own: rooms of other tests are open to whoever asks here.
    const word = `pomegranate${hidden.number}`;
    await house.post(hidden, `a ${word}`);
    const found = await house.as(insider, { method: "GET", url: `/api/search?query=${word}` });
    expect(found.text, "who may see it finds it").toContain(hidden.id);
    const get = (url: string) => house.as(stranger, { method: "GET", url });
    expect((await get("/api/rooms")).text).not.toContain(hidden.id);
    expect((await get(`/api/search?query=${word}`)).body).toEqual({ found: [], cursor: null });
    const searched = async (room: string) =>
      (await get(`/api/search?query=${encodeURIComponent(`${word} in:"${room}"`)}`)).text.replaceAll(room, "…");
    const never = await searched("No such room");
    expect(never).toContain("SEARCH_INVALID");
    for (const name of [hidden.title, hidden.id, String(hidden.number)]) expect(await searched(name)).toBe(never);
  });
});

describe("a staff-only room", () => {
  test("it is in no list, and there again once it is opened", async () => {
    const hidden = await house.room({ staffOnly: true });
    const listed = async (who: Role) =>
      (await house.as(who, { method: "GET", url: "/api/rooms" })).text.includes(hidden.id);
    expect(await listed("staff")).toBe(true);
    expect(await listed("user")).toBe(false);
    const opened = await house.as("staff", {
      method: "PATCH",
      url: `/api/rooms/${hidden.number}`,
      payload: { staffOnly: false },
    });
    expect(opened.status).toBe(200);
    expect(await listed("user")).toBe(true);
  });

  test("who loses the staff flag loses it at the next request", async () => {
    const hidden = await house.room({ staffOnly: true });
    const { id, username } = await house.person({ staff: true });
    const look = () => house.as(username, { method: "GET", url: `/api/rooms/${hidden.id}` });
    expect((await look()).status).toBe(200);
    await house.as("superuser", { method: "PATCH", url: `/api/people/${id}`, payload: { staff: false } });
    expect(told(await look())).toBe("ROOM_INVALID");
  });
});
