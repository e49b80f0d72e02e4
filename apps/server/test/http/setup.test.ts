import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ensureFirstAdministrator } from "../../src/setup/setup.ts";
import { HttpHouse, PASSWORD } from "./http-fixture.ts";

describe("the first run", () => {
  let house: HttpHouse;
  beforeEach(async () => {
    house = await HttpHouse.open({ people: false });
  });
  afterEach(() => house.close());

  const form = (token: string, username = "founder") => ({
    method: "POST" as const,
    url: "/api/setup",
    payload: { token, username, password: PASSWORD, room: "Lobby" },
  });
  const state = async (token?: string) =>
    (await house.ask({ method: "GET", url: `/api/setup${token === undefined ? "" : `?token=${token}`}` })).body;

  test("with the printed token: the first administrator and the first room are made, and signed in", async () => {
    expect(await state()).toEqual({ needed: true, open: false });
    expect(await state("wrong")).toEqual({ needed: true, open: false });
    expect(await state(house.setup.token)).toEqual({ needed: true, open: true });
    const made = await house.ask(form(house.setup.token));
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({
      person: { username: "founder", staff: true, superuser: true },
      room: { number: 1, title: "Lobby", staffOnly: false },
    });
    const cookie = made.cookies.map((line) => line.split(";", 1)[0]).join("; ");
    const me = await house.ask({ method: "GET", url: "/api/me", headers: { cookie } });
    expect(me.body.me).toMatchObject({ username: "founder", superuser: true });
    expect(await state(house.setup.token)).toEqual({ needed: false, open: false });
  });

  test("the token works once", async () => {
    await house.ask(form(house.setup.token));
    const again = await house.ask(form(house.setup.token, "second"));
    expect([again.status, again.body.error?.code]).toEqual([404, "SETUP_CLOSED"]);
    expect(await house.context.accounts.count()).toBe(1);
  });

  test("of many that come at once with the token, one gets in", async () => {
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, n) => house.ask(form(house.setup.token, `founder${n}`))),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array(7).fill(404)]);
    expect(await house.context.accounts.count()).toBe(1);
    expect(await house.context.store.rooms.list()).toHaveLength(1);
  });

  test("a wrong token and a server that has people are told alike", async () => {
    const wrong = await house.ask(form("wrong"));
    await house.ask(form(house.setup.token));
    const closed = await house.ask(form(house.setup.token));
    expect([wrong.status, wrong.text]).toEqual([closed.status, closed.text]);
    expect(wrong.body.error?.code).toBe("SETUP_CLOSED");
  });

  test("a form that is refused leaves the door open", async () => {
    const refused = await house.ask({
      ...form(house.setup.token),
      payload: { ...form(house.setup.token).payload, room: "" },
    });
    expect(refused.body.error).toMatchObject({ code: "COMMAND_INVALID", issues: [{ path: "room" }] });
    expect(await state(house.setup.token)).toEqual({ needed: true, open: true });
  });

  test("unattended: made once, and left alone afterwards", async () => {
    const first = { username: "root", password: "the first password" };
    expect(await ensureFirstAdministrator(house.context, first)).toMatchObject({ username: "root", superuser: true });
    expect(await ensureFirstAdministrator(house.context, { ...first, password: "the second one" })).toBeUndefined();
    expect((await house.trySignIn("root", "the first password")).status).toBe(200);
    expect((await house.trySignIn("root", "the second one")).status).toBe(401);
    expect(await state()).toEqual({ needed: false, open: false });
  });
});
