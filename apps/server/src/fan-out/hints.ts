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
  | { readonly type: "occupancy.changed"; readonly room: string; readonly user: string; readonly entered: boolean }
  | { readonly type: "typing.changed"; readonly room: string; readonly user: string; readonly started: boolean }
  | {
      readonly type: "presence.changed";
      readonly room: string;
      readonly user: string;
      readonly status: "online" | "away" | "busy" | "offline";
      readonly text: string;
    };

/** Hints of what is stored nowhere: who enters, leaves, types and is online. */
export type ActivityHint = Extract<Hint, { type: "occupancy.changed" | "typing.changed" | "presence.changed" }>;

/** Returns the group that a hint is sent to; it is believed in no other. */
export function groupOf(hint: Hint): string {
  if (hint.type === "changes.committed") return PROCESSES;
  return hint.type === "marker.moved" ? userGroup(hint.user) : roomGroup(hint.room);
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
    hint("occupancy.changed", { room: id, user: id, entered: z.boolean() }),
    hint("typing.changed", { room: id, user: id, started: z.boolean() }),
    hint("presence.changed", { room: id, user: id, status, text: text.unwrap() }),
  ]);
}
