import { afterAll, beforeAll, expect, test } from "vitest";
import type { AuditEntry } from "../../src/store/store.ts";
import { HttpFixture, PASSWORD, type TestRequest } from "./http-fixture.ts";

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

test("failures of one source fill the audit log no faster than 30 a minute", async () => {
  const count = async () =>
    (await fixture.context.store.audit.read({ action: "access.refuse", actor: "staff", limit: 200 })).length;
  for (let n = 0; n < 40; n += 1) await fixture.requestAs("staff", { method: "GET", url: "/api/audit" });
  expect(await count()).toBe(30);
});

test("a superuser reads the audit log by actor, action and page", async () => {
  const read = async (query: string) =>
    (await fixture.requestAs("superuser", { method: "GET", url: `/api/audit${query}` })).body;
  const all = (await read("?limit=5")).entries as unknown as AuditEntry[];
  expect(all).toHaveLength(5);
  const before = all.at(-1)?.n ?? 0;
  expect(((await read(`?limit=1&before=${before}`)).entries as unknown as AuditEntry[])[0]?.n).toBe(before - 1);
  const ins = (await read("?action=sign-in&actor=superuser")).entries as unknown as AuditEntry[];
  expect(ins.map(({ actor }) => actor?.username)).toContain("superuser");
  for (const query of ["?limit=0", "?limit=1000", "?before=0", "?before=x"]) {
    expect((await read(query)).error?.code, query).toBe("COMMAND_INVALID");
  }
});
