import type { CorrectedCase, Step } from "./golden-file.ts";
import type { ServerAction } from "./run-steps.ts";

type Steps = readonly (Step | ServerAction)[];

const connect = (name: string, more: object = {}): Step => [
  name,
  "connect",
  { path: "/chat/stream/", user: name, ...more },
];
const send = (name: string, frame: unknown): Step => [
  name,
  "send",
  typeof frame === "string" ? frame : JSON.stringify(frame),
];
const gets = (name: string, ...frames: unknown[]): Step => [name, "gets", frames];
const error = (code: string) => ({ error: code });
const join = (room: unknown) => ({ command: "join", room });
const leave = (room: unknown) => ({ command: "leave", room });
const say = (room: unknown, message: unknown) => ({ command: "send", room, message });
const joined = (number: number, title: string) => ({ join: String(number), title });
const left = (number: number) => ({ leave: String(number) });
const entered = (room: number, username: string) => ({ msg_type: 4, room, username });
const gone = (room: number, username: string) => ({ msg_type: 5, room, username });
const said = (room: number, username: string, message: string) => ({ msg_type: 0, room, username, message });

const general = joined(1, "General");

/** Alice and Bob have both joined General. */
const bothJoined: Steps = [
  connect("alice"),
  connect("bob"),
  send("alice", join(1)),
  gets("alice", general),
  send("bob", join(1)),
  gets("alice", entered(1, "bob")),
  gets("bob", general),
];

const aliceJoined: Steps = [connect("alice"), send("alice", join(1)), gets("alice", general)];

/** The connection still works. */
const stillWorks: Steps = [send("alice", join(1)), gets("alice", general)];

/** Both receive a message, so nothing was posted before it and both connections work. */
const receivedByBoth: Steps = [
  send("alice", say(1, "next")),
  gets("alice", said(1, "alice", "next")),
  gets("bob", said(1, "alice", "next")),
];

const frames = (original: readonly Step[]): string[] =>
  original.filter(([, act]) => act === "send").map(([, , text]) => text as string);

/** Every recorded frame with such a room is refused, and the connection stays open. */
const roomInvalid = ({ original }: CorrectedCase): Steps => [
  connect("alice"),
  ...frames(original).flatMap((text) => [send("alice", text), gets("alice", error("ROOM_INVALID"))]),
  ...stillWorks,
];

/** The third recorded frame, sent while two users have joined the room. */
const refusedInRoom =
  (code: string) =>
  ({ original }: CorrectedCase): Steps => [
    ...bothJoined,
    send("alice", frames(original)[2]),
    gets("alice", error(code)),
    gets("bob"),
    ...receivedByBoth,
  ];

const messageInvalid = refusedInRoom("MESSAGE_INVALID");

const refusedAlone =
  (code: string) =>
  ({ original }: CorrectedCase): Steps => [
    connect("alice"),
    ...frames(original)
      .filter((text) => text !== JSON.stringify(join(1)))
      .flatMap((text) => [send("alice", text), gets("alice", error(code))]),
    ...stillWorks,
  ];

/** The recorded steps, but with rooms as numbers in notices and messages. */
const withNumbers = ({ original }: CorrectedCase): Steps =>
  original.map(([name, act, what]) => [
    name,
    act,
    act === "gets"
      ? (what as { room?: unknown }[]).map((frame) =>
          frame.room === undefined ? frame : { ...frame, room: Number(frame.room) },
        )
      : what,
  ]);

const changeServer =
  (change: (chat: Parameters<ServerAction>[0]) => Promise<unknown>): ServerAction =>
  async (chat) => {
    await change(chat);
  };

/** The steps of each corrected case, by its name. */
export const correctedSteps: Readonly<Record<string, (correction: CorrectedCase) => Steps>> = {
  "foreign Origin header": () => [
    connect("alice", { headers: { Origin: "https://evil.example" } }),
    gets("alice", { http: 403 }),
  ],
  "path without trailing slash": () => [connect("alice", { path: "/chat/stream" }), gets("alice"), ...stillWorks],
  "unknown WebSocket path": () => [connect("alice", { path: "/chat/other/" }), gets("alice", { http: 404 })],
  "unknown WebSocket path, anonymous": () => [["x", "connect", { path: "/" }], gets("x", { http: 404 })],
  "join with a member present, room as string": withNumbers,
  "join twice": () => [
    ...bothJoined,
    send("bob", join(1)),
    gets("alice"),
    gets("bob", general),
    ...receivedByBoth,
    send("bob", leave(1)),
    gets("alice", gone(1, "bob")),
    gets("bob", left(1), gone(1, "bob")),
    send("alice", say(1, "after leave")),
    gets("alice", said(1, "alice", "after leave")),
    gets("bob"),
  ],
  "join twice, number then string": () => [
    ...bothJoined,
    send("bob", join("1")),
    gets("alice"),
    gets("bob", general),
    ...receivedByBoth,
    ["bob", "close", { code: 1000 }],
    gets("alice", gone(1, "bob")),
    gets("bob", { close: 1000 }),
  ],
  "join room value: float 1.0": () => [
    connect("alice"),
    send("alice", '{"command":"join","room":1.0}'),
    gets("alice", general),
    send("alice", '{"command":"send","room":1.0,"message":"m"}'),
    gets("alice", said(1, "alice", "m")),
  ],
  "join room value: float 1.9": roomInvalid,
  "join room value: true": roomInvalid,
  "join room value: false": roomInvalid,
  "join room value: null": roomInvalid,
  "join room value: empty string": roomInvalid,
  "join room value: string abc": roomInvalid,
  "join room value: string with spaces": roomInvalid,
  "join room value: string 1_0": roomInvalid,
  "join room value: string +1": roomInvalid,
  "join room value: string 01": roomInvalid,
  "join room value: full-width digit": roomInvalid,
  "join room value: array": roomInvalid,
  "join room value: object": roomInvalid,
  "join room value: 2^63": roomInvalid,
  "join room value: 1e20": roomInvalid,
  "join room value: SQL-like string": roomInvalid,
  "join missing room": refusedAlone("COMMAND_INVALID"),
  "leave twice": () => [
    ...bothJoined,
    send("bob", leave(1)),
    gets("alice", gone(1, "bob")),
    gets("bob", left(1), gone(1, "bob")),
    send("bob", leave(1)),
    gets("alice"),
    gets("bob", left(1)),
  ],
  "leave a room never joined": () => [
    connect("alice"),
    connect("bob"),
    send("alice", join(1)),
    gets("alice", general),
    send("bob", leave(1)),
    gets("alice"),
    gets("bob", left(1)),
  ],
  "leave missing room": refusedAlone("COMMAND_INVALID"),
  "leave room abc": refusedAlone("ROOM_INVALID"),
  "join as number, leave as string": () => [
    ...bothJoined,
    send("bob", leave("1")),
    gets("alice", gone(1, "bob")),
    gets("bob", left(1), gone(1, "bob")),
    send("bob", say(1, "ghost")),
    gets("bob", error("ROOM_ACCESS_DENIED")),
    gets("alice"),
    ["bob", "close", { code: 1000 }],
    gets("bob", { close: 1000 }),
    gets("alice"),
  ],
  "joined as number, send as string": () => [
    ...aliceJoined,
    send("alice", say("1", "x")),
    gets("alice", said(1, "alice", "x")),
  ],
  "joined as string, send as number": () => [
    connect("alice"),
    send("alice", join("1")),
    gets("alice", general),
    send("alice", say(1, "x")),
    gets("alice", said(1, "alice", "x")),
    send("alice", say("1", "ok")),
    gets("alice", said(1, "alice", "ok")),
  ],
  "message room value differs per sender": withNumbers,
  "send message value: empty string": messageInvalid,
  "send message value: spaces only": messageInvalid,
  "send message value: NUL character": messageInvalid,
  "send message value: lone surrogate": messageInvalid,
  "send message value: null": messageInvalid,
  "send message value: number": messageInvalid,
  "send message value: array": messageInvalid,
  "send message value: object": messageInvalid,
  "send missing message": refusedInRoom("COMMAND_INVALID"),
  "send missing room": refusedInRoom("COMMAND_INVALID"),
  "send room as array": refusedInRoom("ROOM_INVALID"),
  "unknown command": refusedAlone("COMMAND_UNKNOWN"),
  "missing command": refusedAlone("COMMAND_INVALID"),
  "command null / number": refusedAlone("COMMAND_INVALID"),
  "frame: invalid JSON": refusedInRoom("COMMAND_INVALID"),
  "frame: JSON array": refusedInRoom("COMMAND_INVALID"),
  "frame: empty text frame": refusedInRoom("COMMAND_INVALID"),
  "binary frame with valid JSON": ({ original }) => [
    ...bothJoined,
    ["alice", "send", original.findLast(([name, act]) => name === "alice" && act === "send")?.[2]],
    gets("alice", { close: 1003 }),
    gets("bob", gone(1, "alice")),
    send("bob", say(1, "still here")),
    gets("bob", said(1, "bob", "still here")),
  ],
  "crashed socket stays in the group": () => [
    ...bothJoined,
    ["bob", "terminate", {}],
    gets("bob", { close: 1006 }),
    gets("alice", gone(1, "bob")),
    ["bob2", "connect", { path: "/chat/stream/", user: "bob" }],
    send("bob2", join(1)),
    gets("alice", entered(1, "bob")),
    gets("bob2", general),
    send("alice", say(1, "hello")),
    gets("alice", said(1, "alice", "hello")),
    gets("bob2", said(1, "alice", "hello")),
  ],
  "room becomes staff-only while a member is inside": () => [
    connect("alice"),
    connect("admin"),
    send("alice", join(50)),
    gets("alice", joined(50, "Room 50")),
    send("admin", join(50)),
    gets("alice", entered(50, "admin")),
    gets("admin", joined(50, "Room 50")),
    changeServer((chat) => chat.changeRoom(50, { staffOnly: true })),
    gets("alice", error("ROOM_ACCESS_DENIED"), left(50)),
    gets("admin", gone(50, "alice")),
    send("admin", say(50, "does alice still hear this?")),
    gets("alice"),
    gets("admin", said(50, "admin", "does alice still hear this?")),
    send("alice", say(50, "x")),
    gets("alice", error("ROOM_ACCESS_DENIED")),
    send("alice", leave(50)),
    gets("alice", error("ROOM_ACCESS_DENIED")),
    ["alice", "close", { code: 1000 }],
    gets("alice", { close: 1000 }),
    gets("admin"),
    changeServer((chat) => chat.changeRoom(50, { staffOnly: false })),
  ],
  "room deleted while a member is inside": () => [
    connect("alice"),
    connect("bob"),
    send("alice", join(60)),
    gets("alice", joined(60, "Temp")),
    send("bob", join(60)),
    gets("alice", entered(60, "bob")),
    gets("bob", joined(60, "Temp")),
    changeServer((chat) => chat.deleteRoom(60)),
    gets("alice", error("ROOM_INVALID"), left(60)),
    gets("bob", error("ROOM_INVALID"), left(60)),
    send("alice", say(60, "x")),
    gets("alice", error("ROOM_INVALID")),
    send("alice", leave(60)),
    gets("alice", error("ROOM_INVALID")),
    gets("bob"),
  ],
  "staff flag removed while in the staff room": () => [
    connect("u180"),
    connect("admin"),
    send("u180", join(3)),
    gets("u180", joined(3, "Staff only")),
    send("admin", join(3)),
    gets("u180", entered(3, "admin")),
    gets("admin", joined(3, "Staff only")),
    changeServer((chat) => chat.changePerson("u180", { staff: false })),
    gets("u180", error("ROOM_ACCESS_DENIED"), left(3)),
    gets("admin", gone(3, "u180")),
    send("admin", say(3, "still there?")),
    gets("admin", said(3, "admin", "still there?")),
    gets("u180"),
    send("u180", join(3)),
    gets("u180", error("ROOM_ACCESS_DENIED")),
    ["u180b", "connect", { path: "/chat/stream/", user: "u180" }],
    send("u180b", join(3)),
    gets("u180b", error("ROOM_ACCESS_DENIED")),
  ],
  "user logs out over HTTP while the socket is open": () => [
    connect("u181"),
    connect("alice"),
    send("alice", join(1)),
    gets("alice", general),
    send("u181", join(1)),
    gets("alice", entered(1, "u181")),
    gets("u181", general),
    changeServer((chat) => chat.api("u181", "POST", "/api/auth/sign-out")),
    gets("u181", { close: 4200 }),
    gets("alice", gone(1, "u181")),
    ["again", "connect", { path: "/chat/stream/", user: "u181" }],
    gets("again", { http: 403 }),
  ],
  "user deactivated while the socket is open": () => [
    connect("u182"),
    connect("alice"),
    send("alice", join(1)),
    gets("alice", general),
    send("u182", join(1)),
    gets("alice", entered(1, "u182")),
    gets("u182", general),
    changeServer((chat) => chat.changePerson("u182", { active: false })),
    gets("u182", { close: 4200 }),
    gets("alice", gone(1, "u182")),
    ["again", "connect", { path: "/chat/stream/", user: "u182" }],
    gets("again", { http: 403 }),
  ],
  "user renamed while the socket is open": () => [
    connect("u183"),
    send("u183", join(1)),
    gets("u183", general),
    changeServer((chat) => chat.changePerson("u183", { username: "zed" })),
    send("u183", say(1, "who am I")),
    gets("u183", said(1, "zed", "who am I")),
  ],
  "notify off: join twice": () => [
    ...aliceJoined,
    send("alice", join(1)),
    gets("alice", general),
    send("alice", say(1, "one copy?")),
    gets("alice", said(1, "alice", "one copy?")),
  ],
};

/** Returns whether the case was recorded with notices off, which only its name says. */
export const isSilent = ({ case: name }: CorrectedCase): boolean => name.startsWith("notify off");
