import { ERRORS } from "@multichat/protocol";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { HttpFixture, ROLES, type Role, type TestRequest, type TestResponse } from "../http-fixture.ts";
import type { Row } from "./refusal-matrix/row.ts";
import { CLOSED_TO_ALL, MATRIX, PAGE_FILES } from "./refusal-matrix.ts";

let fixture: HttpFixture;
beforeAll(async () => {
  fixture = await HttpFixture.open({ env: { SECURITY_CONTACT: "security@example.org" } });
});
afterAll(() => fixture.close());
beforeEach(async () => {
  await fixture.context.store.settings.update({ roomCreators: "staff" });
});

/** Reads the routes, such as `GET /api/rooms/:room`, from Fastify's route tree. */
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
  const { accounts, store } = fixture.context;
  const people = await accounts.list();
  return JSON.stringify([
    people,
    await Promise.all(people.map(async ({ id }) => (await accounts.sessions(id, null)).map((session) => session.id))),
    await store.rooms.list(),
    await Promise.all((await store.rooms.list()).map(({ id }) => store.members.list({ room: id, limit: 100 }))),
    await store.settings.get(),
  ]);
}

const ask = async (row: Row, who: Role): Promise<{ request: TestRequest; before: string }> => {
  // Creates all sessions before the state is compared.
  if (who !== "outsider") await fixture.token(who);
  const [method] = row.route.split(" ") as [TestRequest["method"]];
  const request = { method, ...(await row.ask(fixture, who)) };
  return { request, before: await everything() };
};

const resultOf = (answer: TestResponse): string =>
  answer.body.error?.code ?? (answer.status < 300 ? "ok" : `HTTP ${answer.status}`);

describe("the premise", () => {
  test("each role has the expected flags", async () => {
    const me = async (who: Role) =>
      (await fixture.requestAs(who, { method: "GET", url: "/api/me" })).body.me as unknown;
    expect((await fixture.requestAs("outsider", { method: "GET", url: "/api/me" })).status).toBe(401);
    expect(await me("user")).toMatchObject({ username: "user", staff: false, superuser: false });
    expect(await me("staff")).toMatchObject({ username: "staff", staff: true, superuser: false });
    expect(await me("superuser")).toMatchObject({ username: "superuser", staff: true, superuser: true });
  });

  test("every registered route has a row, and every row a route", () => {
    const routes = routesOf(fixture.app.printRoutes({ commonPrefix: false })).filter(
      (route) => !PAGE_FILES.test(route),
    );
    expect(routes).toContain("POST /api/rooms/:room/messages");
    expect([...new Set(MATRIX.map(({ route }) => route))].sort()).toEqual([...new Set(routes)].sort());
  });

  test("every row allows some role, so that a refusal depends on the role and not on the request", () => {
    const never = MATRIX.filter(({ expected }) => !Object.values(expected).includes("ok")).map(({ action }) => action);
    expect(new Set(never)).toEqual(CLOSED_TO_ALL);
  });
});

describe.each(MATRIX.map((row) => [row.route, row.action, row] as const))("%s: %s", (_route, _action, row) => {
  test.each(ROLES)("%s", async (who) => {
    const expected = row.expected[who];
    const { request, before } = await ask(row, who);
    const answer = await fixture.requestAs(who, request);
    expect(resultOf(answer)).toBe(expected);
    if (expected === "ok") return;
    expect(answer.status).toBe(ERRORS[expected].status);
    expect(Object.keys(answer.body)).toEqual(["error"]);
    expect(await everything(), "a refused request changed something").toBe(before);
  });
});

describe.each([
  ["staff-only", "user", "staff", () => fixture.createRoom({ staffOnly: true })],
  ["private", "staff", "user", () => fixture.createRoom({ private: true }, "user")],
  ["private", "superuser", "user", () => fixture.createRoom({ private: true }, "user")],
] as const)("a %s room that %s may not see does not exist", (_, stranger, insider, makeHidden) => {
  const asks: [string, (room: string) => TestRequest][] = [
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
      "add a user",
      (room) => ({ method: "POST", url: `/api/rooms/${room}/members`, payload: { user: "nobody-there" } }),
    ],
    [
      "mute a user",
      (room) => ({ method: "PATCH", url: `/api/rooms/${room}/members/user`, payload: { muteSeconds: 1 } }),
    ],
    ["remove a user", (room) => ({ method: "DELETE", url: `/api/rooms/${room}/members/user?ban=true` })],
  ];

  test.each(asks)("%s: answers exactly as for a room that was never created", async (_, make) => {
    const hidden = await makeHidden();
    await fixture.post(hidden, "not for everybody");
    const asked = (room: string) => fixture.requestAs(stranger, make(room));
    const letter = ({ status, text, headers }: TestResponse) => {
      const { date: _date, ...rest } = headers;
      return { status, text, headers: rest };
    };
    const never = letter(await asked("999999999"));
    expect(never.status).toBeGreaterThanOrEqual(400);
    expect(letter(await asked(hidden.id))).toEqual(never);
    expect(letter(await asked(String(hidden.number)))).toEqual(never);
    expect(letter(await asked("019a0000-0000-7000-8000-000000000000"))).toEqual(never);
  });

  test("is in no list and no search, and cannot be found by name", async () => {
    const hidden = await makeHidden();
    // A unique word, because the user can see rooms of other tests.
    const word = `pomegranate${hidden.number}`;
    await fixture.post(hidden, `a ${word}`);
    const search = { method: "GET", url: `/api/search?query=${word}` } as const;
    // A message can be found a moment after it was posted.
    const findAsInsider = async () => (await fixture.requestAs(insider, search)).text;
    await expect.poll(findAsInsider, { message: "who may see it finds it" }).toContain(hidden.id);
    const get = (url: string) => fixture.requestAs(stranger, { method: "GET", url });
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
  test("is in no list, and appears once it is opened", async () => {
    const hidden = await fixture.createRoom({ staffOnly: true });
    const listed = async (who: Role) =>
      (await fixture.requestAs(who, { method: "GET", url: "/api/rooms" })).text.includes(hidden.id);
    expect(await listed("staff")).toBe(true);
    expect(await listed("user")).toBe(false);
    const opened = await fixture.requestAs("staff", {
      method: "PATCH",
      url: `/api/rooms/${hidden.number}`,
      payload: { staffOnly: false },
    });
    expect(opened.status).toBe(200);
    expect(await listed("user")).toBe(true);
  });

  test("is hidden from a user who lost the staff flag at the next request", async () => {
    const hidden = await fixture.createRoom({ staffOnly: true });
    const { id, username } = await fixture.createPerson({ staff: true });
    const look = () => fixture.requestAs(username, { method: "GET", url: `/api/rooms/${hidden.id}` });
    expect((await look()).status).toBe(200);
    await fixture.requestAs("superuser", { method: "PATCH", url: `/api/people/${id}`, payload: { staff: false } });
    expect(resultOf(await look())).toBe("ROOM_INVALID");
  });
});
