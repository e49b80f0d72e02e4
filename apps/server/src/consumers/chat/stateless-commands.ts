import type { Command, CommandName, CommandOf, CommandResult } from "@multichat/protocol";
import { JsonText } from "../../access/json-text.ts";
import type { Actor } from "../../accounts/accounts.ts";
import { addMember, changeMember, listBans, listMembers, removeMember } from "../../members/index.ts";
import {
  deleteMessage,
  editMessage,
  listPins,
  pinMessage,
  readHistoryJson,
  readVersions,
} from "../../messages/index.ts";
import { findPeople, readOwnAccount } from "../../people/index.ts";
import { listPresences, type PresenceContext } from "../../presence/index.ts";
import { createRoom, listPreferences, listRoomsJson, markRead, openDirect, setPreference } from "../../rooms/index.ts";
import { searchMessages } from "../../search/index.ts";

/** Commands that read or change the state of the connection: its joined rooms, typing, presence, and what it repeats. */
type StatefulName =
  | "room.join"
  | "room.leave"
  | "resume"
  | "message.send"
  | "typing.start"
  | "typing.stop"
  | "presence.set"
  | "reaction.add"
  | "reaction.remove"
  | "ping";
type StatelessName = Exclude<CommandName, StatefulName>;
export type StatelessCommand = { [N in StatelessName]: CommandOf<N> }[StatelessName];
export type StatefulCommand = Exclude<Command, { readonly do: StatelessName }>;

/** Commands that do not depend on the connection they arrive on. */
const HANDLERS: {
  readonly [N in StatelessName]: (
    context: PresenceContext,
    actor: Actor,
    command: CommandOf<N>,
  ) => Promise<CommandResult<N> | JsonText>;
} = {
  "room.list": async (context, actor) =>
    JsonText.object({
      rooms: await listRoomsJson(context, actor),
      me: await readOwnAccount(context, actor),
      epoch: context.store.epoch,
      limits: context.limits,
    }),
  "room.create": async (context, actor, command) => ({ room: await createRoom(context, actor, command) }),
  "room.read": markRead,
  "preference.list": listPreferences,
  "preference.set": setPreference,
  "direct.open": async (context, actor, command) => ({ room: await openDirect(context, actor, command) }),
  "message.edit": editMessage,
  "message.delete": deleteMessage,
  "message.pin": (context, actor, command) => pinMessage(context, actor, { ...command, pinned: true }),
  "message.unpin": (context, actor, command) => pinMessage(context, actor, { ...command, pinned: false }),
  "message.history": readVersions,
  "message.search": searchMessages,
  "pin.list": async (context, actor, command) => JsonText.object({ messages: await listPins(context, actor, command) }),
  "member.list": listMembers,
  "member.bans": listBans,
  "member.add": addMember,
  "member.remove": removeMember,
  "member.change": changeMember,
  "presence.list": async (context, actor, command) => ({ presences: await listPresences(context, actor, command) }),
  "people.find": async (context, actor, command) => ({ people: await findPeople(context, actor, command) }),
  "history.page": readHistoryJson,
};

export function isStateless(command: Command): command is StatelessCommand {
  return Object.hasOwn(HANDLERS, command.do);
}

export function runStateless(
  context: PresenceContext,
  actor: Actor,
  command: StatelessCommand,
): Promise<CommandResult<StatelessName> | JsonText> {
  // The compiler cannot relate a union's name to its command; the type of HANDLERS guarantees the match.
  const run = HANDLERS[command.do] as (
    context: PresenceContext,
    actor: Actor,
    command: StatelessCommand,
  ) => Promise<CommandResult<StatelessName> | JsonText>;
  return run(context, actor, command);
}
