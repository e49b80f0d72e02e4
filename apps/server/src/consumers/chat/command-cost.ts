import type { Command, CommandName } from "@multichat/protocol";
import { bodyCost } from "../../access/work-cost.ts";

/**
 * Microseconds of the server's processor, in all of its threads, that a command takes where it costs the most: a room with 6,000
 * messages and 120 members, 20,000 accounts, 70 rooms. Measured by `npm run bench:commands` (2026-11-30, Node 24.21); run it after
 * a change of what a command does, and correct what has moved by more than half.
 */
export const COMMAND_MICROS = {
  "direct.open": 580,
  "history.page": 980,
  "member.add": 2_340,
  "member.bans": 170,
  "member.change": 1_910,
  "member.list": 490,
  "member.remove": 2_110,
  "message.delete": 1_020,
  "message.edit": 1_500,
  "message.history": 500,
  "message.pin": 890,
  "message.search": 7_830,
  // A short one; what a long body adds is charged by its length.
  "message.send": 450,
  "message.unpin": 700,
  "people.find": 1_930,
  "pin.list": 580,
  ping: 40,
  "preference.list": 190,
  "preference.set": 480,
  "presence.list": 90,
  "presence.set": 140,
  "reaction.add": 990,
  // The same code as `reaction.add`; alone it would have to wait for the rate of repeated reactions.
  "reaction.remove": 990,
  // For each room, see `RESUME_MICROS_PER_ROOM`.
  resume: 0,
  "room.create": 1_170,
  "room.join": 710,
  "room.leave": 40,
  "room.list": 670,
  "room.read": 710,
  "typing.start": 80,
  "typing.stop": 80,
} as const satisfies Readonly<Record<CommandName, number>>;

/** Of the 70 rooms of a resume. */
export const RESUME_MICROS_PER_ROOM = 130;

/** What one command of the rate pays for: at 50 commands a second, an account takes at most a tenth of a core. */
const MICROS_PER_COMMAND = 1_000;

/** Returns what a command costs beyond an ordinary one, in ordinary commands. */
export function extraCost(command: Command): number {
  const units = Math.max(1, Math.round(microsOf(command) / MICROS_PER_COMMAND));
  return units - 1 + bodyCostOf(command);
}

/** Whether a command has a body that costs more than an ordinary command. */
export function hasLongBody(command: Command): boolean {
  return bodyCostOf(command) > 0;
}

function bodyCostOf(command: Command): number {
  return command.do === "message.send" || command.do === "message.edit" ? bodyCost(command.body) : 0;
}

function microsOf(command: Command): number {
  if (command.do === "resume") return RESUME_MICROS_PER_ROOM * Object.keys(command.rooms).length;
  return COMMAND_MICROS[command.do];
}
