import type { Schemas } from "@multichat/protocol/schemas";
import { z } from "zod";
import { PROCESSES, roomGroup, userGroup } from "./chat-groups.ts";

/**
 * What server processes send to each other. Anything that can write to Redis can send the same, so a hint says where to look
 * and not what is there: rooms, messages, memberships, accounts and sessions are read from the database.
 */
export type Hint =
  /** The log of a room has grown. */
  | { readonly type: "log.event"; readonly room: string; readonly seq: number }
  /** The change feed has something new: rooms, memberships, accounts, sessions. */
  | { readonly type: "changes.committed" }
  /** The user moved a read marker. */
  | { readonly type: "marker.moved"; readonly room: string; readonly user: string }
  /** The user set something else for a room. */
  | { readonly type: "preference.changed"; readonly room: string; readonly user: string }
  | { readonly type: "occupancy.changed"; readonly room: string; readonly user: string; readonly entered: boolean }
  /** The number of users that are in the room in the sending process, and who entered and left since its last report. */
  | {
      readonly type: "occupancy.counted";
      readonly room: string;
      readonly count: number;
      readonly entered: readonly string[];
      readonly exited: readonly string[];
    }
  | { readonly type: "typing.changed"; readonly room: string; readonly user: string; readonly started: boolean }
  | {
      readonly type: "presence.changed";
      readonly room: string;
      readonly user: string;
      readonly status: "online" | "away" | "busy" | "offline";
      readonly text: string;
    };

/** More users than a process can have in a room. */
const MAX_OCCUPANTS = 1_000_000;
/** More users than one report names. */
const MAX_NAMED = 100;

/** Hints of what is stored nowhere: who enters, leaves, types and is online. They concern one user. */
export type ActivityHint = Extract<Hint, { type: "occupancy.changed" | "typing.changed" | "presence.changed" }>;

/** Returns the group that a hint is sent to; it is believed in no other. */
export function groupOf(hint: Hint): string {
  if (hint.type === "changes.committed") return PROCESSES;
  const isOfUser = hint.type === "marker.moved" || hint.type === "preference.changed";
  return isOfUser ? userGroup(hint.user) : roomGroup(hint.room);
}

/** Returns the schema of hints as they travel, with the process that sent them. */
export function makeHintSchema({ commands }: Pick<Schemas, "commands">) {
  const id = z.string().min(1).max(64);
  const { status, text } = commands["presence.set"].shape;
  const hint = <Type extends Hint["type"], Shape extends z.ZodRawShape>(type: Type, shape: Shape) =>
    z.strictObject({ type: z.literal(type), from: id, ...shape });
  return z.discriminatedUnion("type", [
    hint("log.event", { room: id, seq: z.int().min(1).max(Number.MAX_SAFE_INTEGER) }),
    hint("changes.committed", {}),
    hint("marker.moved", { room: id, user: id }),
    hint("preference.changed", { room: id, user: id }),
    hint("occupancy.changed", { room: id, user: id, entered: z.boolean() }),
    hint("occupancy.counted", {
      room: id,
      count: z.int().min(0).max(MAX_OCCUPANTS),
      entered: z.array(id).max(MAX_NAMED),
      exited: z.array(id).max(MAX_NAMED),
    }),
    hint("typing.changed", { room: id, user: id, started: z.boolean() }),
    hint("presence.changed", { room: id, user: id, status, text: text.unwrap() }),
  ]);
}
