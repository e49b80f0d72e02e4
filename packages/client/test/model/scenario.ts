import fc from "fast-check";

/** The users of the devices: two devices of one user, and one of each other user. */
export const DEVICES = ["alice", "alice", "bob", "dave"] as const;
export const ROOMS = 3;
export const EMOJI = ["👍", "❤️", "🎉"] as const;

/** A message that a device shows: `percentile` says which one, by its place among them. */
interface MessageTarget {
  readonly client: number;
  readonly room: number;
  readonly percentile: number;
}

export type Step =
  | { do: "send"; client: number; room: number; count: number; mention: "" | "@alice " | "@bob " | "@all " }
  | ({ do: "reply" | "edit" | "delete" | "outsideEdit" | "outsideDelete" } & MessageTarget)
  | ({ do: "react" | "outsideReact"; emoji: string; added: boolean } & MessageTarget)
  | ({ do: "pin"; pinned: boolean } & MessageTarget)
  | { do: "open" | "close" | "read" | "loadBefore" | "loadGap" | "watch" | "type"; client: number; room: number }
  | { do: "join" | "leave"; client: number; room: number }
  | { do: "removeMember"; client: number; room: number; banned: boolean }
  | { do: "promote"; client: number; room: number; muted: boolean }
  | { do: "loadAround" | "markUnread"; client: number; room: number; percentile: number }
  | { do: "cut"; client: number; isNoticed: boolean }
  | { do: "reload" | "offline"; client: number }
  | { do: "kill"; downtimeMs: number; drain: boolean }
  | { do: "restoreBackup"; lostEvents: number }
  | { do: "rename" | "outsidePost"; room: number }
  | { do: "setStaffOnly" | "setPrivate"; room: number; value: boolean }
  | {
      do: "refuse";
      code: "RATE_LIMITED" | "UNAVAILABLE" | "INTERNAL";
      command: "message.send" | "message.edit" | "reaction.add" | "resume" | "room.join" | "member.list";
    }
  | { do: "wait"; durationMs: number };

const client = fc.nat(DEVICES.length - 1);
const room = fc.nat(ROOMS - 1);
const percentile = fc.nat(99);
const flag = fc.boolean();
const oneOf = <const T extends string>(...names: T[]) => fc.constantFrom(...names);

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 14,
    arbitrary: fc.record({
      do: oneOf("send"),
      client,
      room,
      count: fc.integer({ min: 1, max: 4 }),
      mention: oneOf("", "", "", "@alice ", "@bob ", "@all "),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: oneOf("reply"), client, room, percentile }) },
  {
    weight: 20,
    arbitrary: fc.record({ do: oneOf("edit", "delete", "outsideEdit", "outsideDelete"), client, room, percentile }),
  },
  {
    weight: 14,
    arbitrary: fc.record({
      do: oneOf("react", "outsideReact"),
      client,
      room,
      percentile,
      emoji: oneOf(...EMOJI),
      added: flag,
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: oneOf("markUnread"), client, room, percentile }) },
  { weight: 6, arbitrary: fc.record({ do: oneOf("pin"), client, room, percentile, pinned: flag }) },
  { weight: 6, arbitrary: fc.record({ do: oneOf("open", "close", "read"), client, room }) },
  { weight: 10, arbitrary: fc.record({ do: oneOf("loadBefore", "loadGap", "watch", "type"), client, room }) },
  { weight: 4, arbitrary: fc.record({ do: oneOf("join", "leave"), client, room }) },
  { weight: 2, arbitrary: fc.record({ do: oneOf("removeMember"), client, room, banned: flag }) },
  { weight: 2, arbitrary: fc.record({ do: oneOf("promote"), client, room, muted: flag }) },
  { weight: 3, arbitrary: fc.record({ do: oneOf("loadAround"), client, room, percentile }) },
  { weight: 9, arbitrary: fc.record({ do: oneOf("cut"), client, isNoticed: flag }) },
  { weight: 3, arbitrary: fc.record({ do: oneOf("reload", "offline"), client }) },
  { weight: 3, arbitrary: fc.record({ do: oneOf("kill"), downtimeMs: fc.nat(5_000), drain: flag }) },
  { weight: 1, arbitrary: fc.record({ do: oneOf("restoreBackup"), lostEvents: fc.integer({ min: 1, max: 6 }) }) },
  { weight: 6, arbitrary: fc.record({ do: oneOf("rename", "outsidePost"), room }) },
  { weight: 4, arbitrary: fc.record({ do: oneOf("setStaffOnly", "setPrivate"), room, value: flag }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: oneOf("refuse"),
      code: oneOf("RATE_LIMITED", "UNAVAILABLE", "INTERNAL"),
      command: oneOf("message.send", "message.edit", "reaction.add", "resume", "room.join", "member.list"),
    }),
  },
  {
    weight: 18,
    arbitrary: fc.record({
      do: oneOf("wait"),
      durationMs: fc.oneof(fc.nat(20), fc.nat(300), fc.constantFrom(2_000, 40_000)),
    }),
  },
);

/** What happens in one run of the model, and how bad the network is. */
export const scenarios = fc.record({
  seed: fc.nat(),
  subscribeTo: oneOf("listed", "opened"),
  /** The parts of the events that are lost, duplicated and delayed. */
  lossRate: fc.constantFrom(0, 0, 0.1),
  duplicationRate: fc.constantFrom(0, 0.2),
  delayRate: fc.constantFrom(0, 0.2),
  /** The part of the frames on a connection that is cut that still arrive, seconds later. */
  lateArrivalRate: fc.constantFrom(0, 0.5),
  hasStorage: fc.boolean(),
  /** The number of messages in each room at the beginning. */
  historyLength: fc.nat(14),
  /** Whether every device has all rooms open at the beginning. */
  startsOpen: fc.constantFrom(true, true, false),
  /** Whether every device has subscribed to the lists of all rooms at the beginning. */
  startsWatched: fc.boolean(),
  steps: fc.array(step, { minLength: 4, maxLength: 40, size: "max" }),
});

export type Scenario = typeof scenarios extends fc.Arbitrary<infer T> ? T : never;
