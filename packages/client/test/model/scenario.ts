import fc from "fast-check";

/** Whose devices there are: two of one person, one each of two others. */
export const DEVICES = ["alice", "alice", "bob", "dave"] as const;
export const ROOMS = 3;
export const EMOJI = ["👍", "❤️", "🎉"] as const;

/** On a message: the which-th of those that the device shows, as a fraction of a hundred. */
interface OnMessage {
  readonly client: number;
  readonly room: number;
  readonly which: number;
}

export type Step =
  | { do: "send"; client: number; room: number; count: number; mention: "" | "@alice " | "@bob " | "@all " }
  | ({ do: "reply" | "edit" | "delete" | "outsideEdit" | "outsideDelete" } & OnMessage)
  | ({ do: "react" | "outsideReact"; emoji: string; on: boolean } & OnMessage)
  | ({ do: "pin"; on: boolean } & OnMessage)
  | { do: "open" | "close" | "read" | "before" | "gap" | "watch" | "type"; client: number; room: number }
  | { do: "join" | "leave"; client: number; room: number }
  | { do: "expel"; client: number; room: number; ban: boolean }
  | { do: "promote"; client: number; room: number; muted: boolean }
  | { do: "around"; client: number; room: number; place: number }
  | { do: "cut"; client: number; seen: boolean }
  | { do: "reload" | "offline"; client: number }
  | { do: "kill"; down: number; drain: boolean }
  | { do: "restore"; lost: number }
  | { do: "rename" | "outside"; room: number }
  | { do: "staffOnly" | "private"; room: number; on: boolean }
  | {
      do: "refuse";
      code: "RATE_LIMITED" | "UNAVAILABLE" | "INTERNAL";
      command: "message.send" | "message.edit" | "reaction.add" | "resume" | "room.join" | "member.list";
    }
  | { do: "wait"; ms: number };

const client = fc.nat(DEVICES.length - 1);
const room = fc.nat(ROOMS - 1);
const which = fc.nat(99);
const on = fc.boolean();
const one = <const T extends string>(...names: T[]) => fc.constantFrom(...names);

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 14,
    arbitrary: fc.record({
      do: one("send"),
      client,
      room,
      count: fc.integer({ min: 1, max: 4 }),
      mention: one("", "", "", "@alice ", "@bob ", "@all "),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: one("reply"), client, room, which }) },
  {
    weight: 20,
    arbitrary: fc.record({ do: one("edit", "delete", "outsideEdit", "outsideDelete"), client, room, which }),
  },
  {
    weight: 14,
    arbitrary: fc.record({ do: one("react", "outsideReact"), client, room, which, emoji: one(...EMOJI), on }),
  },
  { weight: 6, arbitrary: fc.record({ do: one("pin"), client, room, which, on }) },
  { weight: 6, arbitrary: fc.record({ do: one("open", "close", "read"), client, room }) },
  { weight: 10, arbitrary: fc.record({ do: one("before", "gap", "watch", "type"), client, room }) },
  { weight: 4, arbitrary: fc.record({ do: one("join", "leave"), client, room }) },
  { weight: 2, arbitrary: fc.record({ do: one("expel"), client, room, ban: on }) },
  { weight: 2, arbitrary: fc.record({ do: one("promote"), client, room, muted: on }) },
  { weight: 3, arbitrary: fc.record({ do: one("around"), client, room, place: fc.nat(99) }) },
  { weight: 9, arbitrary: fc.record({ do: one("cut"), client, seen: on }) },
  { weight: 3, arbitrary: fc.record({ do: one("reload", "offline"), client }) },
  { weight: 3, arbitrary: fc.record({ do: one("kill"), down: fc.nat(5_000), drain: on }) },
  { weight: 1, arbitrary: fc.record({ do: one("restore"), lost: fc.integer({ min: 1, max: 6 }) }) },
  { weight: 6, arbitrary: fc.record({ do: one("rename", "outside"), room }) },
  { weight: 4, arbitrary: fc.record({ do: one("staffOnly", "private"), room, on }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: one("refuse"),
      code: one("RATE_LIMITED", "UNAVAILABLE", "INTERNAL"),
      command: one("message.send", "message.edit", "reaction.add", "resume", "room.join", "member.list"),
    }),
  },
  {
    weight: 18,
    arbitrary: fc.record({
      do: one("wait"),
      ms: fc.oneof(fc.nat(20), fc.nat(300), fc.constantFrom(2_000, 40_000)),
    }),
  },
);

/** What happens in one run of the model, and how bad the network is. */
export const scenarios = fc.record({
  seed: fc.nat(),
  follow: one("listed", "opened"),
  /** Of the deliveries these parts are lost, doubled and late. */
  lose: fc.constantFrom(0, 0, 0.1),
  double: fc.constantFrom(0, 0.2),
  delay: fc.constantFrom(0, 0.2),
  /** Of what is on its way when its line is cut this part arrives all the same, seconds later. */
  heldUp: fc.constantFrom(0, 0.5),
  storage: fc.boolean(),
  /** Messages that are there when it begins. */
  history: fc.nat(14),
  /** Everybody looks at every room, to begin with. */
  opened: fc.constantFrom(true, true, false),
  /** Everybody looks at the members and pins of every room, to begin with. */
  watched: fc.boolean(),
  steps: fc.array(step, { minLength: 4, maxLength: 40, size: "max" }),
});

export type Scenario = typeof scenarios extends fc.Arbitrary<infer T> ? T : never;
