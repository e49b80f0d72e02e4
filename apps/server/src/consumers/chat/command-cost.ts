import type { Command } from "@multichat/protocol";
import { bodyCost } from "../connection/command-rate.ts";

/** Rooms of a resume that cost as much to read as a command. */
const ROOMS_PER_COMMAND = 4;

/** Returns what a command costs beyond an ordinary one, in ordinary commands. */
export function extraCost(command: Command): number {
  switch (command.do) {
    case "message.send":
    case "message.edit":
      return bodyCost(command.body);
    case "resume":
      return Math.floor(Object.keys(command.rooms).length / ROOMS_PER_COMMAND);
    // Examines up to 5,000 messages, in the one thread of all searches.
    case "message.search":
      return 4;
    // With a room, every account may have to be compared with its members.
    case "people.find":
      return 2;
    // Return up to hundreds of rows.
    case "history.page":
    case "message.history":
    case "member.list":
    case "member.bans":
    case "pin.list":
    case "presence.list":
    case "room.list":
    case "room.join":
      return 1;
    default:
      return 0;
  }
}
