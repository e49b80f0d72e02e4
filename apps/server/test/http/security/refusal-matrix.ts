import { uuidv7 } from "uuidv7";
import { type HttpFixture, PASSWORD, type Role, type TestRequest } from "../http-fixture.ts";

type Expected =
  | "ok"
  | "USER_HAS_TO_LOGIN"
  | "FORBIDDEN"
  | "ROOM_INVALID"
  | "ROOM_ACCESS_DENIED"
  | "SETUP_CLOSED"
  | "SIGN_IN_FAILED"
  | "LAST_SUPERUSER";

export interface Row {
  /** The registered route. */
  readonly route: string;
  readonly action: string;
  /** Creates a valid request, for data created for this request. */
  readonly ask: (fixture: HttpFixture, role: Role) => Promise<Omit<TestRequest, "method">>;
  readonly expected: Readonly<Record<Role, Expected>>;
}

const EVERYBODY = { outsider: "ok", user: "ok", staff: "ok", superuser: "ok" } as const;
const SIGNED_IN = { ...EVERYBODY, outsider: "USER_HAS_TO_LOGIN" } as const;
const STAFF = { ...SIGNED_IN, user: "FORBIDDEN" } as const;
const SUPERUSERS = { ...STAFF, staff: "FORBIDDEN" } as const;
/** The results for a room that ordinary users cannot see. */
const HIDDEN = { ...SIGNED_IN, user: "ROOM_INVALID" } as const;

const name = () => `n${uuidv7().replaceAll("-", "").slice(12)}`;
const at = (url: string) => async () => ({ url });
const notice = () => ({ kind: "warning", text: "closing soon" });
const message = () => ({ clientId: uuidv7(), body: "hello" });

async function newSession(fixture: HttpFixture, role: Role): Promise<Record<string, string>> {
  return role === "outsider" ? {} : { authorization: `Bearer ${(await fixture.signIn(role)).token}` };
}

const roomAt =
  ({ staffOnly }: { readonly staffOnly: boolean }, suffix = "", payload?: () => unknown) =>
  async (fixture: HttpFixture) => {
    const { id } = await fixture.createRoom({ staffOnly });
    return { url: `/api/rooms/${id}${suffix}`, ...(payload === undefined ? {} : { payload: payload() }) };
  };

const personAt =
  (flags: { staff?: boolean; superuser?: boolean }, suffix: string, payload?: unknown) =>
  async (fixture: HttpFixture) => {
    const { id } = await fixture.createPerson({ username: name(), ...flags });
    return { url: `/api/people/${id}${suffix}`, ...(payload === undefined ? {} : { payload }) };
  };

/** The results for an action of moderators. */
const MODERATORS = { ...SIGNED_IN, user: "ROOM_ACCESS_DENIED" } as const;
/** The results for a room whose only member is the ordinary user; staff has no access to it. */
const USERS_OWN = { ...SIGNED_IN, staff: "ROOM_INVALID", superuser: "ROOM_INVALID" } as const;

/** Posts a message in a new open room. */
const messageBy =
  (author: "user" | "staff" | "asker", payload?: unknown) => async (fixture: HttpFixture, role: Role) => {
    const name = author !== "asker" ? author : role === "outsider" ? "user" : role;
    const room = await fixture.createRoom();
    const { id } = await fixture.postAs(name, room, "hello");
    return { url: `/api/rooms/${room.id}/messages/${id}`, ...(payload === undefined ? {} : { payload }) };
  };

const privateAt = (suffix: string, payload?: unknown) => async (fixture: HttpFixture) => {
  const { id } = await fixture.createRoom({ private: true }, "user");
  return { url: `/api/rooms/${id}${suffix}`, ...(payload === undefined ? {} : { payload }) };
};

/** Creates a room with a member. */
const memberAt = (suffix: string, payload?: unknown) => async (fixture: HttpFixture) => {
  const [room, { id, username }] = [await fixture.createRoom(), await fixture.createPerson({ username: name() })];
  await fixture.context.store.members.add({ room: room.id, user: { id, username }, role: "member", by: null });
  return { url: `/api/rooms/${room.id}/members/${id}${suffix}`, ...(payload === undefined ? {} : { payload }) };
};

const STAFF_MEMBER = { staff: true };
const SUPERUSER = { staff: true, superuser: true };

/** Every route of the API with its result for each role. A missing route fails the test. */
export const MATRIX: readonly Row[] = [
  {
    route: "POST /api/auth/sign-in/username",
    action: "sign in with a right password",
    // With a new session, because a sign-in ends the session that it came with.
    ask: async (fixture, role) => {
      const { username } = await fixture.createPerson({ username: name(), password: "a long password" });
      const headers = await newSession(fixture, role);
      return { url: "/api/auth/sign-in/username", payload: { username, password: "a long password" }, headers };
    },
    expected: EVERYBODY,
  },
  {
    route: "POST /api/auth/sign-out",
    action: "sign out",
    // With a new session, because the cached one is needed later.
    ask: async (fixture, role) => ({
      url: "/api/auth/sign-out",
      payload: {},
      headers: await newSession(fixture, role),
    }),
    expected: EVERYBODY,
  },
  { route: "GET /api/me", action: "get the signed-in user", ask: at("/api/me"), expected: SIGNED_IN },
  {
    route: "POST /api/me/password",
    action: "change your password",
    // For a new account of the same role, because its password changes.
    ask: async (fixture, role) => {
      const payload = { currentPassword: "the old password", newPassword: "the new password" };
      if (role === "outsider") return { url: "/api/me/password", payload };
      const flags = { staff: role !== "user", superuser: role === "superuser" };
      const { username } = await fixture.createPerson({ username: name(), password: "the old password", ...flags });
      const { token } = await fixture.signIn(username, "the old password");
      return { url: "/api/me/password", payload, headers: { authorization: `Bearer ${token}` } };
    },
    expected: SIGNED_IN,
  },
  {
    route: "POST /api/me/confirm",
    action: "confirm your password",
    ask: async () => ({ url: "/api/me/confirm", payload: { password: PASSWORD } }),
    expected: SIGNED_IN,
  },
  { route: "GET /api/sessions", action: "list sessions", ask: at("/api/sessions"), expected: SIGNED_IN },
  { route: "DELETE /api/sessions", action: "end all other sessions", ask: at("/api/sessions"), expected: SIGNED_IN },
  {
    route: "DELETE /api/sessions/:session",
    action: "end a session",
    ask: async (fixture, role) => {
      const owner = role === "outsider" ? "user" : role;
      const { accounts } = fixture.context;
      const account = await accounts.find(owner);
      const sessions = () => accounts.sessions(account?.id ?? "", null);
      const before = new Set((await sessions()).map(({ id }) => id));
      await fixture.signIn(owner);
      const made = (await sessions()).find(({ id }) => !before.has(id));
      return { url: `/api/sessions/${made?.id}` };
    },
    expected: SIGNED_IN,
  },
  { route: "GET /api/rooms", action: "list rooms", ask: at("/api/rooms"), expected: SIGNED_IN },
  {
    route: "POST /api/rooms",
    action: "make a room, while staff make rooms",
    ask: async () => ({ url: "/api/rooms", payload: { title: name() } }),
    expected: STAFF,
  },
  {
    route: "POST /api/rooms",
    action: "make a room, while everybody does",
    ask: async (fixture) => {
      await fixture.context.store.settings.update({ roomCreators: "everybody" });
      return { url: "/api/rooms", payload: { title: name() } };
    },
    expected: SIGNED_IN,
  },
  {
    route: "POST /api/rooms",
    action: "make a staff-only room, while everybody makes rooms",
    ask: async (fixture) => {
      await fixture.context.store.settings.update({ roomCreators: "everybody" });
      return { url: "/api/rooms", payload: { title: name(), staffOnly: true } };
    },
    expected: STAFF,
  },
  { route: "GET /api/rooms/:room", action: "look at a room", ask: roomAt({ staffOnly: false }), expected: SIGNED_IN },
  {
    route: "GET /api/rooms/:room",
    action: "look at a staff-only room",
    ask: roomAt({ staffOnly: true }),
    expected: HIDDEN,
  },
  {
    route: "PATCH /api/rooms/:room",
    action: "rename a room",
    ask: roomAt({ staffOnly: false }, "", () => ({ title: "Another" })),
    expected: STAFF,
  },
  {
    route: "PATCH /api/rooms/:room",
    action: "open a staff-only room",
    ask: roomAt({ staffOnly: true }, "", () => ({ staffOnly: false })),
    expected: HIDDEN,
  },
  { route: "DELETE /api/rooms/:room", action: "delete a room", ask: roomAt({ staffOnly: false }), expected: STAFF },
  {
    route: "DELETE /api/rooms/:room",
    action: "delete a staff-only room",
    ask: roomAt({ staffOnly: true }),
    expected: HIDDEN,
  },
  {
    route: "GET /api/rooms/:room/messages",
    action: "read a room",
    ask: roomAt({ staffOnly: false }, "/messages"),
    expected: SIGNED_IN,
  },
  {
    route: "GET /api/rooms/:room/messages",
    action: "read a staff-only room",
    ask: roomAt({ staffOnly: true }, "/messages"),
    expected: HIDDEN,
  },
  {
    route: "POST /api/rooms/:room/messages",
    action: "post to a room",
    ask: roomAt({ staffOnly: false }, "/messages", message),
    expected: SIGNED_IN,
  },
  {
    route: "POST /api/rooms/:room/messages",
    action: "post to a staff-only room",
    ask: roomAt({ staffOnly: true }, "/messages", message),
    expected: HIDDEN,
  },
  {
    route: "POST /api/rooms/:room/notices",
    action: "place a notice in a room",
    ask: roomAt({ staffOnly: false }, "/notices", notice),
    expected: STAFF,
  },
  {
    route: "POST /api/rooms/:room/notices",
    action: "place a notice in a staff-only room",
    ask: roomAt({ staffOnly: true }, "/notices", notice),
    expected: HIDDEN,
  },
  {
    route: "GET /api/rooms/:room",
    action: "look at the user's private room",
    ask: privateAt(""),
    expected: USERS_OWN,
  },
  {
    route: "PATCH /api/rooms/:room",
    action: "open the user's private room",
    ask: privateAt("", { kind: "open" }),
    expected: USERS_OWN,
  },
  {
    route: "DELETE /api/rooms/:room",
    action: "delete the user's private room",
    ask: privateAt(""),
    expected: USERS_OWN,
  },
  {
    route: "PATCH /api/rooms/:room/messages/:message",
    action: "edit what one wrote",
    ask: messageBy("asker", { body: "hello there" }),
    expected: SIGNED_IN,
  },
  {
    route: "PATCH /api/rooms/:room/messages/:message",
    action: "edit what the user wrote",
    ask: messageBy("user", { body: "hello there" }),
    expected: { ...SIGNED_IN, staff: "ROOM_ACCESS_DENIED", superuser: "ROOM_ACCESS_DENIED" },
  },
  {
    route: "DELETE /api/rooms/:room/messages/:message",
    action: "delete what one wrote",
    ask: messageBy("asker"),
    expected: SIGNED_IN,
  },
  {
    route: "DELETE /api/rooms/:room/messages/:message",
    action: "delete what staff wrote",
    ask: messageBy("staff"),
    expected: MODERATORS,
  },
  {
    route: "GET /api/rooms/:room/members",
    action: "list a room's members",
    ask: roomAt({ staffOnly: false }, "/members"),
    expected: SIGNED_IN,
  },
  {
    route: "GET /api/rooms/:room/members",
    action: "list a staff-only room's members",
    ask: roomAt({ staffOnly: true }, "/members"),
    expected: HIDDEN,
  },
  {
    route: "GET /api/rooms/:room/members",
    action: "list the members of the user's private room",
    ask: privateAt("/members"),
    expected: USERS_OWN,
  },
  {
    route: "GET /api/rooms/:room/bans",
    action: "list who is banned from a room",
    ask: roomAt({ staffOnly: false }, "/bans"),
    expected: MODERATORS,
  },
  {
    route: "GET /api/rooms/:room/bans",
    action: "list who is banned from a staff-only room",
    ask: roomAt({ staffOnly: true }, "/bans"),
    expected: HIDDEN,
  },
  {
    route: "GET /api/rooms/:room/bans",
    action: "list who is banned from the user's private room",
    ask: privateAt("/bans"),
    expected: USERS_OWN,
  },
  {
    route: "POST /api/rooms/:room/members",
    action: "become a member",
    ask: roomAt({ staffOnly: false }, "/members", () => ({})),
    expected: SIGNED_IN,
  },
  {
    route: "POST /api/rooms/:room/members",
    action: "add a user",
    ask: async (fixture) => {
      const [room, { username }] = [await fixture.createRoom(), await fixture.createPerson({ username: name() })];
      return { url: `/api/rooms/${room.id}/members`, payload: { user: username } };
    },
    expected: MODERATORS,
  },
  {
    route: "PATCH /api/rooms/:room/members/:user",
    action: "mute a member",
    ask: memberAt("", { muteSeconds: 60 }),
    expected: MODERATORS,
  },
  {
    route: "PATCH /api/rooms/:room/members/:user",
    action: "make a member an owner",
    ask: memberAt("", { role: "owner" }),
    expected: { ...MODERATORS, staff: "ROOM_ACCESS_DENIED" },
  },
  {
    route: "DELETE /api/rooms/:room/members/:user",
    action: "remove a member",
    ask: memberAt(""),
    expected: MODERATORS,
  },
  {
    route: "DELETE /api/rooms/:room/members/:user",
    action: "ban a member",
    ask: memberAt("?ban=true"),
    expected: MODERATORS,
  },
  {
    route: "POST /api/direct",
    action: "open a direct conversation",
    ask: async (fixture) => ({
      url: "/api/direct",
      payload: { user: (await fixture.createPerson({ username: name() })).username },
    }),
    expected: SIGNED_IN,
  },
  { route: "GET /api/search", action: "search", ask: at("/api/search?query=hello"), expected: SIGNED_IN },
  { route: "GET /api/people", action: "list people", ask: at("/api/people"), expected: STAFF },
  {
    route: "POST /api/people",
    action: "make an ordinary account",
    ask: async () => ({ url: "/api/people", payload: { username: name(), password: "a long password", staff: false } }),
    expected: STAFF,
  },
  {
    route: "POST /api/people",
    action: "make a staff account",
    ask: async () => ({ url: "/api/people", payload: { username: name(), password: "a long password", staff: true } }),
    expected: SUPERUSERS,
  },
  {
    route: "POST /api/people",
    action: "make a superuser",
    ask: async () => ({
      url: "/api/people",
      payload: { username: name(), password: "a long password", superuser: true },
    }),
    expected: SUPERUSERS,
  },
  ...(
    [
      ["rename", { username: "renamed" }],
      ["deactivate", { active: false }],
      ["reset the password of", { password: "another password" }],
    ] as const
  ).flatMap(([what, payload]): Row[] => {
    // A unique name for each request.
    const own = () => ("username" in payload ? { username: name() } : payload);
    const route = "PATCH /api/people/:person";
    return [
      {
        route,
        action: `${what} an ordinary account`,
        ask: (fixture) => personAt({}, "", own())(fixture),
        expected: STAFF,
      },
      {
        route,
        action: `${what} a staff account`,
        ask: (fixture) => personAt(STAFF_MEMBER, "", own())(fixture),
        expected: "password" in payload ? SUPERUSERS : STAFF,
      },
      {
        route,
        action: `${what} a superuser`,
        ask: (fixture) => personAt(SUPERUSER, "", own())(fixture),
        expected: SUPERUSERS,
      },
    ];
  }),
  ...(
    [
      ["grant the staff flag", {}, { staff: true }],
      ["revoke the staff flag", STAFF_MEMBER, { staff: false }],
      ["set the staff flag to its value", {}, { staff: false }],
      ["grant the superuser flag", STAFF_MEMBER, { superuser: true }],
      ["revoke the superuser flag", SUPERUSER, { superuser: false }],
      ["touch a flag beside something harmless", {}, { active: true, superuser: false }],
    ] as const
  ).map(
    ([action, flags, payload]): Row => ({
      route: "PATCH /api/people/:person",
      action,
      ask: personAt(flags, "", payload),
      expected: SUPERUSERS,
    }),
  ),
  {
    route: "POST /api/people/:person/sign-out",
    action: "sign an ordinary account out everywhere",
    ask: personAt({}, "/sign-out", {}),
    expected: STAFF,
  },
  {
    route: "POST /api/people/:person/sign-out",
    action: "sign a superuser out everywhere",
    ask: personAt(SUPERUSER, "/sign-out", {}),
    expected: SUPERUSERS,
  },
  { route: "GET /api/audit", action: "read the audit log", ask: at("/api/audit"), expected: SUPERUSERS },
  { route: "GET /api/settings", action: "read the settings", ask: at("/api/settings"), expected: STAFF },
  {
    route: "PATCH /api/settings",
    action: "change the settings",
    ask: async () => ({ url: "/api/settings", payload: { roomCreators: "everybody" } }),
    expected: STAFF,
  },
  { route: "GET /api/setup", action: "ask for the first run", ask: at("/api/setup"), expected: EVERYBODY },
  {
    route: "POST /api/setup/token",
    action: "try a setup token",
    ask: async () => ({ url: "/api/setup/token", payload: { token: "guessed" } }),
    expected: EVERYBODY,
  },
  {
    route: "POST /api/setup",
    action: "the first run, again",
    ask: async (fixture) => ({
      url: "/api/setup",
      payload: { token: fixture.setup.token, username: name(), password: "a long password", room: "General" },
    }),
    expected: { outsider: "SETUP_CLOSED", user: "SETUP_CLOSED", staff: "SETUP_CLOSED", superuser: "SETUP_CLOSED" },
  },
  { route: "GET /api/openapi.json", action: "the API document", ask: at("/api/openapi.json"), expected: EVERYBODY },
  {
    route: "GET /.well-known/security.txt",
    action: "security contacts",
    ask: at("/.well-known/security.txt"),
    expected: EVERYBODY,
  },
  { route: "GET /healthz", action: "health", ask: at("/healthz"), expected: EVERYBODY },
  { route: "GET /readyz", action: "readiness", ask: at("/readyz"), expected: EVERYBODY },
  { route: "GET /metrics", action: "metrics from this machine", ask: at("/metrics"), expected: EVERYBODY },
  {
    route: "GET /metrics",
    action: "metrics through a proxy, without the token",
    ask: async () => ({ url: "/metrics", headers: { "x-forwarded-for": "192.0.2.1" } }),
    expected: { outsider: "FORBIDDEN", user: "FORBIDDEN", staff: "FORBIDDEN", superuser: "FORBIDDEN" },
  },
];

/** Rows that no role may use; other tests show that the request itself is valid. */
export const CLOSED_TO_ALL = new Set(["the first run, again", "metrics through a proxy, without the token"]);

/** The static files of the API documentation page. */
export const PAGE_FILES = /^GET \/api\/docs(\/|$)/;
