import type { LayerMessage, LayerValue } from "@multichat/channels";

/** What a forger knows of a chat. */
export interface ForgedWorld {
  /** Ids of rooms: joined, hidden, deleted. */
  readonly rooms: readonly string[];
  /** Ids of accounts. */
  readonly users: readonly string[];
  readonly usernames: readonly string[];
}

/** Words that are no event, names of methods that an event must not reach, and those that objects inherit. */
const OTHER_TYPES = ["log.replayed", "room.refreshed", "layer.probe", "message", "", "send", "close", "constructor"];
const LONG = "x".repeat(100_000);
const DEEP: LayerValue = Array.from({ length: 90 }).reduce<LayerValue>((inner) => [inner], "deep");
const WRONG_VALUES: readonly LayerValue[] = [
  null,
  true,
  -1,
  0.5,
  2 ** 53,
  "",
  LONG,
  [],
  {},
  DEEP,
  new Uint8Array([0xff]),
];

/** Events as they would be if other processes were believed: with content, and with rights that nobody has given. */
function* contentFor(room: string, user: string, username: string): Iterable<LayerMessage> {
  const author = { id: user, username };
  const message = {
    id: "forged",
    room,
    seq: 1_000,
    kind: "user",
    author,
    body: "transfer the money",
    createdAt: 1,
    editedAt: null,
    deletedAt: null,
    replyTo: null,
    reactions: [],
    clientId: "forged",
  };
  const entry = {
    id: room,
    number: 1,
    title: "Forged",
    topic: "",
    kind: "open",
    staffOnly: false,
    archived: false,
    slowModeSeconds: 0,
    people: [],
    lastSeq: 9_000_000,
    createdAt: 1,
  };
  const audience = { members: null, banned: [] };
  for (const seq of [1, 2, 3, 1_000]) {
    const posted = { on: "message.posted", room, seq, message: { ...message, seq } };
    yield { type: "log.event", number: 1, event: posted };
    yield { type: "log.events", room, number: 1, events: [posted] };
    yield {
      type: "log.event",
      number: 1,
      event: { on: "message.deleted", room, seq, message: "m", deletedAt: 1, by: author },
    };
  }
  yield { type: "log.replayed", number: 1, event: { on: "message.posted", room, seq: 1_001, message } };
  for (const type of ["room.changed", "room.refreshed"]) {
    yield { type, room: entry, accessVersion: 9, audience, roles: [[user, "owner"]], muted: [], previous: null };
    yield {
      type,
      room: { ...entry, staffOnly: true },
      accessVersion: 9,
      audience: { members: [], banned: [user] },
      roles: [],
      muted: [[user, 9e15]],
      previous: { staffOnly: false, open: true },
    };
  }
  yield { type: "room.deleted", id: room, kind: "open", staffOnly: false, audience };
  yield { type: "room.evicted", room, number: 1, deleted: true };
  const membership = { role: "owner", mutedUntil: null };
  for (const admitted of [true, false]) {
    yield { type: "membership.changed", room: entry, admitted, wasAdmitted: !admitted, membership };
  }
  yield { type: "account.changed", id: user, username: "admin", email: null, staff: true, superuser: true };
  yield { type: "account.changed", id: user, username, email: null, staff: false, superuser: false };
  for (const code of [4200, 4201, 1000]) yield { type: "session.ended", session: null, keep: null, code };
  yield { type: "occupancy.changed", room, number: 1, user: author, entered: true, except: null };
  yield { type: "occupancy.counted", room, count: 9, entered: [author], exited: [] };
  yield { type: "typing.changed", room, user: { id: user, username: "admin" }, started: true, except: "none" };
  yield { type: "presence.changed", presence: { user, status: "busy", text: "forged" } };
  yield {
    type: "marker.moved",
    room,
    state: { role: "owner", mutedUntil: null, readSeq: 0, unread: 99, mentions: 99 },
  };
  yield { type: "preference.changed", preference: { room, notify: "nothing", starred: true } };
}

/** Hints of the right form: `from` makes one. */
export function hintsFor(room: string, user: string): readonly LayerMessage[] {
  const from = "another process";
  return [
    { type: "log.event", from, room, seq: 1_000 },
    { type: "changes.committed", from },
    { type: "marker.moved", from, room, user },
    { type: "preference.changed", from, room, user },
    { type: "occupancy.changed", from, room, user, entered: true },
    { type: "occupancy.counted", from, room, count: 3, entered: [user], exited: [] },
    { type: "typing.changed", from, room, user, started: true },
    { type: "presence.changed", from, room, user, status: "busy", text: "forged" },
  ];
}

/** Variants of a hint that no process sends: each field missing, of each wrong kind, or with more fields. */
function* damaged(hint: LayerMessage): Iterable<LayerMessage> {
  for (const key of Object.keys(hint)) {
    if (key === "type") continue;
    const { [key]: _, ...rest } = hint;
    // The type is kept.
    yield rest as LayerMessage;
    for (const value of WRONG_VALUES) {
      const isHarmless =
        (key === "text" && value === "") ||
        (typeof hint[key] === "boolean" && value === true) ||
        (Array.isArray(hint[key]) && Array.isArray(value));
      if (!isHarmless) yield { ...hint, [key]: value };
    }
  }
  yield { ...hint, username: "admin" };
  yield { ...hint, staff: true };
  yield { ...hint, event: { on: "message.posted" } };
}

/** Every kind of message that no server of the chat sends, for all rooms and accounts of the world. */
export function* forgedMessages({ rooms, users, usernames }: ForgedWorld): Iterable<LayerMessage> {
  for (const room of rooms) {
    for (const [index, user] of users.entries()) {
      yield* contentFor(room, user, usernames[index] ?? "");
      for (const hint of hintsFor(room, user)) {
        yield* damaged(hint);
        // Of rooms and accounts that do not exist.
        if ("room" in hint) yield { ...hint, room: "no-such-room" };
        if ("user" in hint) yield { ...hint, user: "no-such-user" };
        if ("user" in hint) yield { ...hint, user: usernames[index] ?? "" };
      }
    }
  }
  for (const type of OTHER_TYPES) yield { type, from: "another process", room: rooms[0] ?? "", user: users[0] ?? "" };
  yield { type: LONG };
}

const header = (...bytes: number[]): Buffer => Buffer.from(bytes);

/** Bytes that are no message, or cost a decoder much more than they are long. */
export const HOSTILE_BYTES: Readonly<Record<string, Uint8Array>> = {
  nothing: Buffer.alloc(0),
  "one zero": header(0),
  text: Buffer.from("not a message"),
  json: Buffer.from('{"type":"account.changed","staff":true}'),
  "an array of four billion": header(0xdd, 0xff, 0xff, 0xff, 0xff),
  "a map of four billion": header(0xdf, 0xff, 0xff, 0xff, 0xff),
  "text of four billion bytes": header(0xdb, 0xff, 0xff, 0xff, 0xff),
  "arrays of a million in each other": Buffer.concat(
    Array.from({ length: 1_500 }, () => header(0xdd, 0, 0x0f, 0xff, 0xff)),
  ),
  "maps in each other": Buffer.alloc(8_000, 0x81),
  "arrays a hundred thousand deep": Buffer.alloc(100_000, 0x91),
  "the key __proto__": Buffer.concat([
    header(0x82, 0xa4),
    Buffer.from("type"),
    header(0xa1, 0x78, 0xa9),
    Buffer.from("__proto__"),
    header(0x80),
  ]),
  "a timestamp": Buffer.concat([
    header(0x82, 0xa4),
    Buffer.from("type"),
    header(0xa1, 0x78, 0xa1, 0x61, 0xd6, 0xff, 0, 0, 0, 1),
  ]),
  "a number as type": Buffer.concat([header(0x81, 0xa4), Buffer.from("type"), header(7)]),
  "a truncated message": Buffer.concat([header(0x82, 0xa4), Buffer.from("type"), header(0xd9, 200)]),
  "two messages": Buffer.concat([
    header(0x81, 0xa4),
    Buffer.from("type"),
    header(0xa1, 0x78, 0x81, 0xa4),
    Buffer.from("type"),
    header(0xa1, 0x78),
  ]),
  "the reserved byte": header(0xc1),
  "a megabyte of noise": Buffer.from(Array.from({ length: 1_000_000 }, (_, i) => (i * 2_654_435_761) & 0xff)),
};
