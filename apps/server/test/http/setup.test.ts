import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ensureFirstAdministrator } from "../../src/setup/setup.ts";
import { HttpFixture, PASSWORD } from "./http-fixture.ts";

describe("setup", () => {
  let fixture: HttpFixture;
  beforeEach(async () => {
    fixture = await HttpFixture.open({ people: false });
  });
  afterEach(() => fixture.close());

  const form = (token: string, username = "founder") => ({
    method: "POST" as const,
    url: "/api/setup",
    payload: { token, username, password: PASSWORD, room: "Lobby" },
  });
  const state = async (token: string) => {
    const { body } = await fixture.request({ method: "GET", url: "/api/setup" });
    const checked = await fixture.request({ method: "POST", url: "/api/setup/token", payload: { token } });
    return { ...body, ...checked.body };
  };

  test("creates the first administrator and room with the printed token, and signs in", async () => {
    expect(await state("wrong")).toEqual({ needed: true, open: false });
    expect(await state(fixture.setup.token)).toEqual({ needed: true, open: true });
    const made = await fixture.request(form(fixture.setup.token));
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({
      person: { username: "founder", staff: true, superuser: true },
      room: { number: 1, title: "Lobby", staffOnly: false },
    });
    const cookie = made.cookies.map((line) => line.split(";", 1)[0]).join("; ");
    const me = await fixture.request({ method: "GET", url: "/api/me", headers: { cookie } });
    expect(me.body.me).toMatchObject({ username: "founder", superuser: true });
    expect(await state(fixture.setup.token)).toEqual({ needed: false, open: false });
  });

  test("accepts the token once", async () => {
    await fixture.request(form(fixture.setup.token));
    const again = await fixture.request(form(fixture.setup.token, "second"));
    expect([again.status, again.body.error?.code]).toEqual([404, "SETUP_CLOSED"]);
    expect(await fixture.context.accounts.count()).toBe(1);
  });

  test("accepts one of many concurrent requests with the token", async () => {
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, n) => fixture.request(form(fixture.setup.token, `founder${n}`))),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array(7).fill(404)]);
    expect(await fixture.context.accounts.count()).toBe(1);
    expect(await fixture.context.store.rooms.list()).toHaveLength(1);
  });

  test("gives the same error for a wrong token and for a server with accounts", async () => {
    const wrong = await fixture.request(form("wrong"));
    await fixture.request(form(fixture.setup.token));
    const closed = await fixture.request(form(fixture.setup.token));
    expect([wrong.status, wrong.text]).toEqual([closed.status, closed.text]);
    expect(wrong.body.error?.code).toBe("SETUP_CLOSED");
  });

  test("stays open after a rejected request", async () => {
    const refused = await fixture.request({
      ...form(fixture.setup.token),
      payload: { ...form(fixture.setup.token).payload, room: "" },
    });
    expect(refused.body.error).toMatchObject({ code: "COMMAND_INVALID", issues: [{ path: "room" }] });
    expect(await state(fixture.setup.token)).toEqual({ needed: true, open: true });
  });

  test.each([
    "?token=TOKEN",
    "?token=",
    "?token=TOKEN&token=other",
    "?a=1&token=TOKEN",
    "?%74oken=TOKEN",
    "?token=wrong",
    "?token",
  ])("a token in the address is refused, right or wrong, and never repeated: %s", async (query) => {
    const url = `/api/setup${query.replace("TOKEN", fixture.setup.token)}`;
    const refused = await fixture.request({ method: "GET", url });
    expect([refused.status, refused.body.error?.code]).toEqual([400, "COMMAND_INVALID"]);
    expect(refused.text).toContain("POST /api/setup/token");
    expect(refused.text).not.toContain(fixture.setup.token);
    expect(await state(fixture.setup.token)).toEqual({ needed: true, open: true });
  });

  test.each([{}, { token: "" }, { token: 1 }, { token: "x".repeat(201) }, { token: null }])(
    "a token that is none is refused: %j",
    async (payload) => {
      const refused = await fixture.request({ method: "POST", url: "/api/setup/token", payload });
      expect([refused.status, refused.body.error?.code]).toEqual([400, "COMMAND_INVALID"]);
    },
  );

  test("creates the configured administrator once, and does not change it afterwards", async () => {
    const first = { username: "root", password: "the first password" };
    expect(await ensureFirstAdministrator(fixture.context, first)).toMatchObject({ username: "root", superuser: true });
    expect(await ensureFirstAdministrator(fixture.context, { ...first, password: "the second one" })).toBeUndefined();
    expect((await fixture.trySignIn("root", "the first password")).status).toBe(200);
    expect((await fixture.trySignIn("root", "the second one")).status).toBe(401);
    expect(await state(fixture.setup.token)).toEqual({ needed: false, open: false });
  });
});
