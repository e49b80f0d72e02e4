import { afterAll, beforeAll, expect, test } from "vitest";
import type { AuditEntry } from "../../src/store/store.ts";
import { openBeside } from "../store/support/raw-database.ts";
import { bodyOf, HttpFixture, PASSWORD, type TestRequest } from "./http-fixture.ts";

let fixture: HttpFixture;
beforeAll(async () => {
  fixture = await HttpFixture.open();
});
afterAll(() => fixture.close());

const newest = async (): Promise<AuditEntry | undefined> => (await fixture.context.store.audit.read({ limit: 1 }))[0];

const SECRETS = [PASSWORD, "another long one", "a wrong guess", "typed in the wrong field"];

test("every event of security is in the audit log and in the server's log, and none contains a secret", async () => {
  const { username, id } = await fixture.createPerson();
  const expectNewest = async (expected: object) => {
    const entry = await newest();
    expect(entry).toMatchObject({ address: "127.0.0.1", request: expect.any(String), ...expected });
    const line = fixture.log.map((text) => JSON.parse(text)).findLast(({ event }) => event !== undefined);
    expect(line).toMatchObject({ event: entry?.action, outcome: entry?.outcome, audit: `${entry?.n}:${entry?.hash}` });
  };
  const { token } = await fixture.signIn(username);
  await expectNewest({ action: "sign-in", outcome: "success", actor: { id, username }, target: username });
  await fixture.trySignIn(username, "a wrong guess");
  await expectNewest({ action: "sign-in", outcome: "failure", actor: null, target: username });
  await fixture.trySignIn("typed in the wrong field", "x");
  await expectNewest({ action: "sign-in", outcome: "failure", actor: null, target: null });
  const send = (by: string, request: TestRequest) => fixture.requestAs(by, request);
  const change = (payload: object) => send("superuser", { method: "PATCH", url: `/api/people/${id}`, payload });
  await fixture.token("superuser");
  await change({ staff: true });
  await expectNewest({ action: "person.change", outcome: "success", target: username, details: { staff: true } });
  await send("user", { method: "PATCH", url: `/api/people/${id}`, payload: { superuser: true } });
  await expectNewest({
    action: "person.change",
    outcome: "refused",
    actor: { username: "user" },
    details: { code: "FORBIDDEN" },
  });
  await send("user", { method: "GET", url: "/api/settings" });
  await expectNewest({ action: "access.refuse", outcome: "refused", target: "GET /api/settings" });
  await send("superuser", { method: "PATCH", url: "/api/settings", payload: { roomCreators: "everybody" } });
  await expectNewest({ action: "settings.change", outcome: "success", details: { roomCreators: "everybody" } });
  const headers = { authorization: `Bearer ${token}` };
  await fixture.request({ method: "DELETE", url: "/api/sessions", headers });
  await expectNewest({ action: "session.end-others", outcome: "success", actor: { id, username } });
  await fixture.request({
    method: "POST",
    url: "/api/me/password",
    payload: { currentPassword: PASSWORD, newPassword: "another long one" },
    headers,
  });
  await expectNewest({ action: "password.change", outcome: "success", actor: { id, username } });
  await fixture.request({ method: "POST", url: "/api/auth/sign-out", headers });
  await expectNewest({ action: "sign-out", outcome: "success", actor: { id, username } });
  const everything = JSON.stringify(await fixture.context.store.audit.read({ limit: 500 })) + fixture.log.join("");
  for (const secret of [...SECRETS, token]) expect(everything).not.toContain(secret);
  expect(await fixture.context.store.audit.verify({})).not.toHaveProperty("damage");
});

test("failures of one source fill the audit log and the server's log no faster than 30 a minute, and are counted", async () => {
  const requests = 40;
  const countLines = () => fixture.log.filter((line) => line.includes('"event"')).length;
  const linesBefore = countLines();
  const read = async () =>
    (await fixture.context.store.audit.read({ action: "access.refuse", actor: "staff", limit: 200 })) as AuditEntry[];
  for (let n = 0; n < requests; n += 1) await fixture.requestAs("staff", { method: "GET", url: "/api/audit" });
  expect(await read()).toHaveLength(30);
  expect(countLines() - linesBefore).toBeLessThan(requests);
  const [newest] = await read();
  expect(newest).toMatchObject({ target: "GET /api/audit", details: { code: "FORBIDDEN" } });
});

test("a superuser reads the audit log by actor, action, outcome, target, time and page", async () => {
  const ask = (query: string) => fixture.requestAs("superuser", { method: "GET", url: `/api/audit${query}` });
  const entries = async (query: string) => bodyOf<{ entries: AuditEntry[] }>(await ask(query)).entries;
  const all = await entries("?limit=5");
  expect(all).toHaveLength(5);
  const before = all.at(-1)?.n ?? 0;
  expect((await entries(`?limit=1&before=${before}`))[0]?.n).toBe(before - 1);
  const ins = await entries("?action=sign-in&actor=superuser");
  expect(ins.map(({ actor }) => actor?.username)).toContain("superuser");
  expect((await entries("?actor=SuperUser&action=sign-in")).length, "in any case").toBe(ins.length);
  expect((await entries("?outcome=refused")).every(({ outcome }) => outcome === "refused")).toBe(true);
  const person = await fixture.createPerson({ username: "Renamed.Later" });
  const change = { method: "PATCH", url: `/api/people/${person.id}`, payload: { staff: true } } as const;
  await fixture.requestAs("superuser", change);
  expect(await entries("?target=renamed.later&action=person.change")).toMatchObject([{ details: { staff: true } }]);
  const { at } = (await entries("?limit=1"))[0] ?? { at: 0 };
  expect(await entries(`?since=${at + 1}`)).toEqual([]);
  expect((await entries(`?until=${at + 1}&limit=1`))[0]?.at).toBe(at);
  for (const query of [
    "?limit=0",
    "?limit=1000",
    "?before=0",
    "?before=x",
    "?action=nothing",
    "?outcome=maybe",
    "?since=yesterday",
    "?until=-1",
    "?actor=",
    `?target=${"x".repeat(501)}`,
  ]) {
    expect((await ask(query)).body.error?.code, query).toBe("COMMAND_INVALID");
  }
});

test("a superuser reads no title of a private room that they cannot see, whether it exists or was deleted", async () => {
  const { store } = fixture.context;
  const owner = await fixture.createPerson();
  const reader = await fixture.context.accounts.find("superuser");
  if (reader === undefined) throw new Error("expected a superuser");
  const by = { id: owner.id, username: owner.username };
  const operator = { actor: null, address: null, request: null };
  const create = async (title: string, { isPrivate, withReader }: { isPrivate: boolean; withReader: boolean }) => {
    const { room } = await store.rooms.create({ title, private: isPrivate, by, audit: operator });
    if (withReader) await store.members.add({ room: room.id, user: reader, role: "member", by });
    return room.id;
  };
  const hidden = await create("Merger", { isPrivate: true, withReader: false });
  const visible = await create("Known", { isPrivate: true, withReader: true });
  const open = await create("Open", { isPrivate: false, withReader: false });
  await store.rooms.change({ room: hidden, changes: { title: "Merger II" }, by: null, audit: operator });
  const read = async () => {
    const response = await fixture.requestAs("superuser", { method: "GET", url: "/api/audit?limit=50" });
    const { entries } = bodyOf<{ entries: AuditEntry[] }>(response);
    return (room: string) => entries.flatMap(({ target, details }) => (target === room ? [details.title ?? null] : []));
  };
  let titles = await read();
  expect(titles(hidden)).toEqual([null, null]);
  expect([titles(visible), titles(open)]).toEqual([["Known"], ["Open"]]);
  for (const room of [hidden, visible, open]) await store.rooms.delete({ room, by: null, audit: operator });
  titles = await read();
  expect(titles(hidden)).toEqual([null, null, null]);
  expect(titles(open)).toEqual(["Open", "Open"]);
  expect(titles(visible), "nobody can be asked any more who saw it").toEqual([null, null]);
  expect(await store.audit.verify({})).not.toHaveProperty("damage");
});

test("an account's entries are found under its earlier name too", async () => {
  const { id, username } = await fixture.createPerson();
  await fixture.signIn(username);
  const rename = { method: "PATCH", url: `/api/people/${id}`, payload: { username: "quite.another" } } as const;
  await fixture.requestAs("superuser", rename);
  const found = await fixture.requestAs("superuser", { method: "GET", url: "/api/audit?actor=quite.another" });
  expect(found.body.entries).toMatchObject([{ action: "sign-in", actor: { id, username } }]);
});

/** Requests to every recorded route, and some others, with secrets wherever a client can put one. */
const REQUESTS: readonly (readonly [method: TestRequest["method"], url: string, fields: readonly string[]])[] = [
  ["POST", "/api/auth/sign-in/username", ["username", "password"]],
  ["POST", "/api/auth/sign-in/username?token=1", ["password", "extra"]],
  ["POST", "/api/auth/sign-out", ["anything"]],
  ["POST", "/api/me/password", ["currentPassword", "newPassword", "password"]],
  ["POST", "/api/me/confirm", ["password"]],
  ["DELETE", "/api/sessions", []],
  ["DELETE", "/api/sessions/{secret}", []],
  ["POST", "/api/people", ["username", "password", "email", "staff", "superuser", "passwordChangeRequired"]],
  ["PATCH", "/api/people/{secret}", ["password", "staff"]],
  ["PATCH", "/api/people/user", ["password", "username", "staff", "superuser", "active", "passwordChangeRequired"]],
  ["POST", "/api/people/{secret}/sign-out", ["x"]],
  ["PATCH", "/api/settings", ["roomCreators", "allMentioners", "historyReaders", "password"]],
  ["POST", "/api/setup", ["token", "username", "password", "email", "room"]],
  ["GET", "/api/setup?token={secret}", []],
  ["POST", "/api/setup/token", ["token"]],
  ["GET", "/api/audit?actor={secret}", []],
  ["GET", "/api/rooms/{secret}", []],
  ["PATCH", "/api/rooms/{secret}", ["title"]],
  ["GET", "/api/search?query={secret}", []],
];

test("no secret is in an entry or a log line, wherever a client puts it", async () => {
  await fixture.createPerson({ username: "secretive" });
  const secrets: string[] = [];
  const secret = () => {
    secrets.push(`5ecret${secrets.length}x${Math.random().toString(36).slice(2)}`);
    return secrets.at(-1) ?? "";
  };
  const { token, cookie } = await fixture.signIn("secretive");
  secrets.push(token, cookie.slice(cookie.indexOf("=") + 1));
  const credentials = [
    () => ({}),
    () => ({ authorization: `Bearer ${token}` }),
    () => ({ authorization: `Bearer ${secret()}` }),
    () => ({ cookie: `sessionid=${secret()}; theme=dark` }),
    () => ({ cookie, origin: `https://${secret()}.example` }),
  ];
  for (const [method, url, fields] of REQUESTS) {
    for (const headers of credentials) {
      const send = async (names: readonly string[], by?: string) => {
        const payload = names.length === 0 ? undefined : Object.fromEntries(names.map((name) => [name, secret()]));
        const request = { method, url: url.replace("{secret}", secret()), payload, headers: headers() };
        await (by === undefined ? fixture.request(request) : fixture.requestAs(by, request));
      };
      await send(fields);
      for (const field of fields.length > 1 ? fields : []) await send([field]);
    }
    for (const by of ["staff", "superuser"]) {
      const payload = Object.fromEntries(fields.map((name) => [name, secret()]));
      await fixture.requestAs(by, { method, url: url.replace("{secret}", secret()), payload });
    }
  }
  const everything = JSON.stringify(await fixture.context.store.audit.read({ limit: 10_000 })) + fixture.log.join("");
  expect(secrets.length).toBeGreaterThan(200);
  expect(secrets.filter((each) => everything.toLowerCase().includes(each.toLowerCase()))).toEqual([]);
}, 120_000);

test("a sign-in, a sign-out and a set-up leave one entry for each thing that happened", async () => {
  await using empty = await HttpFixture.open({ people: false });
  const { token } = empty.setup;
  const form = { username: "root", password: "a long pass phrase", room: "General" };
  expect(
    (await empty.request({ method: "POST", url: "/api/setup", payload: { token: "wrong", ...form } })).status,
  ).toBe(404);
  expect((await empty.request({ method: "POST", url: "/api/setup", payload: { token, ...form } })).status).toBe(201);
  const { token: session } = await empty.signIn("root", form.password);
  await empty.request({
    method: "POST",
    url: "/api/auth/sign-out",
    headers: { authorization: `Bearer ${session}` },
  });
  const entries = await empty.context.store.audit.read({ limit: 10 });
  expect(entries.map(({ action, outcome, target }) => `${action} ${outcome} ${target}`).reverse()).toEqual([
    "setup failure null",
    "setup success root",
    "sign-in success root",
    "sign-in success root",
    "sign-out success root",
  ]);
  expect(JSON.stringify(entries)).not.toContain(token);
});

test("a database that takes no entry takes no change, and says so", async () => {
  const { username, id } = await fixture.createPerson();
  const headers = { authorization: `Bearer ${(await fixture.signIn("superuser")).token}` };
  const raw = openBeside(fixture.databaseFile);
  raw.exec("create trigger injected before insert on audit begin select raise(abort, 'injected'); end");
  try {
    expect((await fixture.trySignIn(username, PASSWORD)).status).toBe(500);
    expect(raw.prepare("select id from session where userId = ?").all(id)).toEqual([]);
    const payload = { staff: true };
    const changed = await fixture.request({ method: "PATCH", url: `/api/people/${id}`, payload, headers });
    expect(changed.status).toBe(500);
    expect((await fixture.context.accounts.find(id))?.staff).toBe(false);
  } finally {
    raw.exec("drop trigger injected");
    raw.close();
  }
  await fixture.signIn(username);
  expect(await newest()).toMatchObject({ action: "sign-in", outcome: "success", target: username });
});
