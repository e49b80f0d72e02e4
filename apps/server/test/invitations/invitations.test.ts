import type { Invitation } from "@multichat/protocol";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { AuditEntry } from "../../src/store/store.ts";
import { bodyOf, HttpFixture, type TestResponse } from "../http/http-fixture.ts";

let fixture: HttpFixture;
beforeAll(async () => {
  fixture = await HttpFixture.open();
});
afterAll(() => fixture.close());

interface Created {
  readonly invitation: Invitation;
  readonly token: string;
}

let names = 0;
const newName = (): string => {
  names += 1;
  return `guest${names}`;
};

const post = (by: string, payload: object) =>
  fixture.requestAs(by, { method: "POST", url: "/api/invitations", payload });
const invite = async (payload: object = {}, by = "staff"): Promise<Created> => {
  const response = await post(by, payload);
  expect(response.status).toBe(201);
  return bodyOf<Created>(response);
};
const accept = (token: string, account: object = {}): Promise<TestResponse> =>
  fixture.request({
    method: "POST",
    url: "/api/invitations/accept",
    payload: { token, username: newName(), password: "a long password", ...account },
  });
const check = (token: string) => fixture.request({ method: "POST", url: "/api/invitations/token", payload: { token } });
const list = async (by = "staff") =>
  bodyOf<{ invitations: Invitation[] }>(await fixture.requestAs(by, { method: "GET", url: "/api/invitations" }))
    .invitations;
const find = async (id: string) => (await list()).find((listed) => listed.id === id);
const accountOf = async (name: string) => {
  const account = await fixture.context.accounts.find(name);
  if (account === undefined) throw new Error(`expected an account ${name}`);
  return account;
};

test("someone with the link creates their account, is signed in, and is a member of the rooms", async () => {
  const room = await fixture.createRoom({ private: true }, "staff");
  const { invitation, token } = await invite({ rooms: [room.id] });
  expect(invitation).toMatchObject({ state: "open", maxUses: 1, uses: 0, staff: false, rooms: [{ id: room.id }] });
  expect((await check(token)).body).toEqual({ by: "staff" });
  const username = newName();
  const accepted = await accept(token, { username, email: "Guest@Example.org" });
  expect(accepted.status).toBe(201);
  const { person } = bodyOf<{ person: { id: string } }>(accepted);
  expect(person).toMatchObject({ username, email: "guest@example.org", staff: false, superuser: false, active: true });
  const cookie = accepted.cookies.map((set) => set.split(";")[0]).join("; ");
  const me = await fixture.request({ method: "GET", url: "/api/me", headers: { cookie } });
  expect(me.body).toMatchObject({ me: { id: person.id } });
  expect(await fixture.context.store.members.find({ room: room.id, user: person.id })).toMatchObject({
    role: "member",
  });
  const rooms = await fixture.request({ method: "GET", url: "/api/rooms", headers: { cookie } });
  const entry = expect.objectContaining({ id: room.id, role: "member" });
  expect(bodyOf<{ rooms: object[] }>(rooms).rooms).toContainEqual(entry);
  expect(await find(invitation.id)).toMatchObject({ state: "used-up", uses: 1, people: [{ id: person.id, username }] });
});

test("the secret is in no list, no entry of the audit log and no line of the log", async () => {
  const { invitation, token } = await invite();
  const username = newName();
  await accept(token, { username });
  await accept(token);
  const entries = (await fixture.context.store.audit.read({ limit: 50 })) as AuditEntry[];
  expect(entries.filter(({ target }) => target === invitation.id).map(({ action }) => action)).toEqual([
    "invitation.create",
  ]);
  expect(entries.find(({ action, target }) => action === "person.create" && target === username)).toMatchObject({
    actor: null,
    address: "127.0.0.1",
    details: { invitation: invitation.id },
  });
  expect(JSON.stringify(entries) + JSON.stringify(await list()) + fixture.log.join("")).not.toContain(token);
});

test.each([1, 3])(
  "of people who use a link at the same time, as many as it is for (%i) get an account",
  async (uses) => {
    const { invitation, token } = await invite({ maxUses: uses });
    const answers = await Promise.all(Array.from({ length: uses + 4 }, () => accept(token)));
    expect(answers.map(({ status }) => status).sort()).toEqual([
      ...Array.from({ length: uses }, () => 201),
      ...Array.from({ length: 4 }, () => 404),
    ]);
    expect(await find(invitation.id)).toMatchObject({ uses, state: "used-up" });
  },
);

test("a link for any number of people, without an end", async () => {
  const { invitation, token } = await invite({ maxUses: null, expiresInSeconds: null });
  for (let n = 0; n < 3; n += 1) expect((await accept(token)).status).toBe(201);
  expect(await find(invitation.id)).toMatchObject({ uses: 3, state: "open", maxUses: null, expiresAt: null });
});

describe("a link that cannot be used says the same, whatever the reason", () => {
  const BY = { actor: null, address: null, request: null };
  const lose = async (state: string, changes: object, staff: boolean): Promise<Created & { state: string }> => {
    const { username } = await fixture.createPerson({ staff: true, superuser: staff });
    const created = await invite({ staff }, username);
    await fixture.context.accounts.change((await accountOf(username)).id, changes);
    return { ...created, state };
  };
  const REASONS: Record<string, () => Promise<{ token: string; state?: string; invitation?: { id: string } }>> = {
    unknown: async () => ({ token: "a".repeat(32) }),
    "used up": async () => {
      const created = await invite();
      await accept(created.token);
      return { ...created, state: "used-up" };
    },
    expired: async () => {
      const wanted = { createdBy: null, expiresAt: Date.now() - 1, maxUses: null, staff: false, rooms: [] };
      const created = await fixture.context.accounts.links.createInvitation(wanted, BY);
      if (created === undefined) throw new Error("expected an invitation");
      return { token: created.token, invitation: created, state: "expired" };
    },
    revoked: async () => {
      const created = await invite();
      const url = `/api/invitations/${created.invitation.id}`;
      for (let n = 0; n < 2; n += 1) {
        expect((await fixture.requestAs("staff", { method: "DELETE", url })).status).toBe(200);
      }
      return { ...created, state: "revoked" };
    },
    "of someone who is no longer staff": () => lose("withdrawn", { staff: false }, false),
    "of someone who was deactivated": () => lose("withdrawn", { active: false }, false),
    "for staff, of someone who is no longer a superuser": () => lose("withdrawn", { superuser: false }, true),
  };
  test.each(Object.keys(REASONS))("%s", async (reason) => {
    const { token, state, invitation } = (await REASONS[reason]?.()) ?? { token: "" };
    const username = newName();
    for (const answer of [await check(token), await accept(token, { username })]) {
      expect(answer.status).toBe(404);
      expect(answer.body.error).toEqual({
        code: "LINK_INVALID",
        message: "This link has been used, has expired, or was revoked. Ask for a new one.",
      });
    }
    expect(await fixture.context.accounts.find(username)).toBeUndefined();
    if (invitation !== undefined) expect((await find(invitation.id))?.state).toBe(state);
  });
});

test.each([
  ["a name that is taken", { username: "Taken.Name" }, "USERNAME_TAKEN"],
  ["a name that looks like another", { username: "tаkеn.nаmе" }, "COMMAND_INVALID"],
  ["another name that looks like one", { username: "taken.narne" }, "USERNAME_CONFUSABLE"],
  ["a reserved name", { username: "everyone" }, "USERNAME_RESERVED"],
  ["a password that is easy to guess", { password: "password1" }, "COMMAND_INVALID"],
])("%s is refused, and the link can be used again", async (_, account, code) => {
  if ((await fixture.context.accounts.find("taken.name")) === undefined) {
    await fixture.createPerson({ username: "taken.name" });
  }
  const { invitation, token } = await invite();
  expect((await accept(token, account)).body.error?.code).toBe(code);
  expect(await find(invitation.id)).toMatchObject({ uses: 0, state: "open" });
  expect((await accept(token)).status).toBe(201);
});

describe("rooms of an invitation", () => {
  test.each([
    ["a private room that its creator cannot see", () => fixture.createRoom({ private: true }, "user"), "ROOM_INVALID"],
    ["a room that does not exist", async () => ({ id: "nothing" }), "ROOM_INVALID"],
    ["a room for staff only", () => fixture.createRoom({ staffOnly: true }), "ROOM_ACCESS_DENIED"],
  ])("%s is refused", async (_, createRoom, code) => {
    const { id } = await createRoom();
    const before = (await list()).length;
    expect((await post("staff", { rooms: [id] })).body.error?.code).toBe(code);
    expect((await list()).length).toBe(before);
  });

  test("a room that its creator has lost since is not joined, and the others are", async () => {
    const [lost, other] = [
      await fixture.createRoom({ private: true }, "staff"),
      await fixture.createRoom({ private: true }, "staff"),
    ];
    const staff = await accountOf("staff");
    const { store } = fixture.context;
    const user = await accountOf("user");
    await store.members.add({ room: lost.id, user, role: "owner", by: null });
    const { invitation, token } = await invite({ rooms: [lost.id, other.id] });
    await store.members.remove({ room: lost.id, user: staff, by: null });
    expect((await find(invitation.id))?.rooms.map(({ id }) => id)).toEqual([other.id]);
    const { person } = bodyOf<{ person: { id: string } }>(await accept(token));
    expect(await store.members.find({ room: lost.id, user: person.id })).toBeUndefined();
    expect(await store.members.find({ room: other.id, user: person.id })).toBeDefined();
  });

  test("an archived or deleted room is left out", async () => {
    const [archived, deleted] = [await fixture.createRoom(), await fixture.createRoom()];
    const { token } = await invite({ rooms: [archived.id, deleted.id] });
    const { store } = fixture.context;
    await store.rooms.change({ room: archived.id, changes: { archived: true }, by: null });
    await store.rooms.delete({ room: deleted.id, by: null });
    const { person } = bodyOf<{ person: { id: string } }>(await accept(token));
    expect(await store.members.find({ room: archived.id, user: person.id })).toBeUndefined();
  });

  test("those that the reader cannot see are not in the list", async () => {
    const room = await fixture.createRoom({ private: true }, "staff");
    const { invitation } = await invite({ rooms: [room.id] });
    const seen = async (by: string) => (await list(by)).find(({ id }) => id === invitation.id)?.rooms;
    expect(await seen("staff")).toMatchObject([{ id: room.id, number: room.number }]);
    expect(await seen("superuser")).toEqual([]);
  });
});

test("a superuser invites staff; others can neither make nor revoke such a link", async () => {
  expect((await post("staff", { staff: true })).body.error?.code).toBe("FORBIDDEN");
  const room = await fixture.createRoom({ staffOnly: true });
  const { invitation, token } = await invite({ staff: true, rooms: [room.number] }, "superuser");
  const url = `/api/invitations/${invitation.id}`;
  expect((await fixture.requestAs("staff", { method: "DELETE", url })).body.error?.code).toBe("FORBIDDEN");
  const { person } = bodyOf<{ person: { id: string; staff: boolean } }>(await accept(token));
  expect(person.staff).toBe(true);
  expect(await fixture.context.store.members.find({ room: room.id, user: person.id })).toBeDefined();
});

test.each([
  [{ maxUses: 0 }],
  [{ maxUses: 1.5 }],
  [{ expiresInSeconds: 1 }],
  [{ rooms: Array.from({ length: 21 }, (_, n) => n + 1) }],
  [{ rooms: [0] }],
  [{ staff: "yes" }],
])("%j is refused as malformed", async (payload) => {
  expect((await post("staff", payload)).body.error?.code).toBe("COMMAND_INVALID");
});
