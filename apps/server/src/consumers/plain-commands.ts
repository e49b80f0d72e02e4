import type { Command, CommandName, CommandOf, CommandResult } from "@multichat/protocol";
import { addMember } from "../commands/add-member.ts";
import { changeMember } from "../commands/change-member.ts";
import type { Actor, Context } from "../commands/context.ts";
import { createRoom } from "../commands/create-room.ts";
import { deleteMessage } from "../commands/delete-message.ts";
import { editMessage } from "../commands/edit-message.ts";
import { findPeople } from "../commands/find-people.ts";
import { listBans } from "../commands/list-bans.ts";
import { listMembers } from "../commands/list-members.ts";
import { listPresences } from "../commands/list-presences.ts";
import { listRooms } from "../commands/list-rooms.ts";
import { markRead } from "../commands/mark-read.ts";
import { openDirect } from "../commands/open-direct.ts";
import { pageHistory } from "../commands/page-history.ts";
import { listPins, pinMessage } from "../commands/pin-message.ts";
import { react } from "../commands/react.ts";
import { readVersions } from "../commands/read-versions.ts";
import { removeMember } from "../commands/remove-member.ts";
import { searchMessages } from "../commands/search-messages.ts";
import { whoIs } from "../commands/who-is.ts";

/** The commands that touch the connection itself: the rooms that it hears, what it is doing, how it is there. */
type Connected =
  | "room.join"
  | "room.leave"
  | "resume"
  | "message.send"
  | "typing.start"
  | "typing.stop"
  | "presence.set"
  | "ping";
type Plain = Exclude<CommandName, Connected>;
export type PlainCommand = { [N in Plain]: CommandOf<N> }[Plain];
export type ConnectedCommand = Exclude<Command, { readonly do: Plain }>;

/** The commands that are one question to the chat, whatever connection it comes by. */
const PLAIN: {
  readonly [N in Plain]: (context: Context, actor: Actor, command: CommandOf<N>) => Promise<CommandResult<N>>;
} = {
  "room.list": async (context, actor) => ({
    rooms: await listRooms(context, actor),
    me: await whoIs(context, actor),
    epoch: context.store.epoch,
  }),
  "room.create": async (context, actor, command) => ({ room: await createRoom(context, actor, command) }),
  "room.read": markRead,
  "direct.open": async (context, actor, command) => ({ room: await openDirect(context, actor, command) }),
  "message.edit": editMessage,
  "message.delete": deleteMessage,
  "message.pin": (context, actor, command) => pinMessage(context, actor, { ...command, pinned: true }),
  "message.unpin": (context, actor, command) => pinMessage(context, actor, { ...command, pinned: false }),
  "message.history": readVersions,
  "message.search": searchMessages,
  "reaction.add": (context, actor, command) => react(context, actor, { ...command, add: true }),
  "reaction.remove": (context, actor, command) => react(context, actor, { ...command, add: false }),
  "pin.list": async (context, actor, command) => ({ messages: await listPins(context, actor, command) }),
  "member.list": listMembers,
  "member.bans": listBans,
  "member.add": addMember,
  "member.remove": removeMember,
  "member.change": changeMember,
  "presence.list": async (context, actor, command) => ({ presences: await listPresences(context, actor, command) }),
  "people.find": async (context, actor, command) => ({ people: await findPeople(context, actor, command) }),
  "history.page": pageHistory,
};

export function isPlain(command: Command): command is PlainCommand {
  return Object.hasOwn(PLAIN, command.do);
}

export function runPlain(context: Context, actor: Actor, command: PlainCommand): Promise<CommandResult<Plain>> {
  // The compiler does not follow a union from the name to its command; the table's own type has tied them together.
  const run = PLAIN[command.do] as (
    context: Context,
    actor: Actor,
    command: PlainCommand,
  ) => Promise<CommandResult<Plain>>;
  return run(context, actor, command);
}
