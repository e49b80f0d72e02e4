import {
  at,
  fileAt,
  HIDDEN,
  HIDDEN_FILE,
  MODERATORS,
  message,
  messageBy,
  name,
  notice,
  privateAt,
  type Row,
  roomAt,
  SIGNED_IN,
  STAFF,
  USERS_OWN,
  USERS_OWN_FILE,
  uploadAt,
} from "./row.ts";

/** What is done with rooms and their messages. */
export const ROOM_ROWS: readonly Row[] = [
  {
    route: "POST /api/rooms/:room/files",
    action: "upload a file",
    ask: uploadAt({}),
    expected: SIGNED_IN,
  },
  {
    route: "POST /api/rooms/:room/files",
    action: "upload a file to a staff-only room",
    ask: uploadAt({ staffOnly: true }),
    expected: HIDDEN,
  },
  {
    route: "POST /api/rooms/:room/files",
    action: "upload a file to a user's private room",
    ask: uploadAt({ private: true }, "user"),
    expected: USERS_OWN,
  },
  {
    route: "GET /api/files/:file/:name",
    action: "download a file of a staff-only room",
    ask: fileAt({ staffOnly: true }, "staff"),
    expected: HIDDEN_FILE,
  },
  {
    route: "GET /api/files/:file/:name",
    action: "download a file of a user's private room",
    ask: fileAt({ private: true }, "user"),
    expected: USERS_OWN_FILE,
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
    route: "PATCH /api/rooms/:room/read-marker",
    action: "mark a room as read",
    ask: roomAt({ staffOnly: false }, "/read-marker", () => ({ seq: 1 })),
    expected: SIGNED_IN,
  },
  {
    route: "PATCH /api/rooms/:room/read-marker",
    action: "mark a staff-only room as read",
    ask: roomAt({ staffOnly: true }, "/read-marker", () => ({ seq: 1 })),
    expected: HIDDEN,
  },
  {
    route: "PATCH /api/rooms/:room/read-marker",
    action: "mark a user's private room as read",
    ask: privateAt("/read-marker", { seq: 1 }),
    expected: USERS_OWN,
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
    action: "edit your own message",
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
    action: "delete your own message",
    ask: messageBy("asker"),
    expected: SIGNED_IN,
  },
  {
    route: "DELETE /api/rooms/:room/messages/:message",
    action: "delete what staff wrote",
    ask: messageBy("staff"),
    expected: MODERATORS,
  },
];
