import { HIDDEN, MODERATORS, memberAt, name, privateAt, type Row, roomAt, SIGNED_IN, USERS_OWN } from "./row.ts";

/** What is done with the members of a room. */
export const MEMBER_ROWS: readonly Row[] = [
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
];
