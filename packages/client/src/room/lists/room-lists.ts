import type { CommandResult, LogEvent } from "@multichat/protocol";
import type { BansSnapshot, MembersSnapshot, PinsSnapshot } from "../../model/room-snapshot.ts";
import type { RoomScope } from "../room-scope.ts";
import type { RoomContent } from "../timeline/room-content.ts";
import { BanList } from "./ban-list.ts";
import { LiveList } from "./live-list.ts";
import { MemberList } from "./member-list.ts";
import { PinnedMessages } from "./pinned-messages.ts";

type AnyList = Pick<LiveList<never, never>, "apply" | "clear" | "logSkipped" | "markDisconnected" | "roomCaughtUp">;

/** The lists of a room: its members, its bans and its pinned messages. */
export class RoomLists {
  readonly members: LiveList<CommandResult<"member.list">, MembersSnapshot>;
  readonly bans: LiveList<CommandResult<"member.bans">, BansSnapshot>;
  readonly pins: LiveList<CommandResult<"pin.list">, PinsSnapshot>;
  readonly #all: readonly AnyList[];

  constructor(scope: RoomScope, content: RoomContent) {
    this.members = new LiveList(scope, new MemberList(scope));
    this.bans = new LiveList(scope, new BanList(scope));
    this.pins = new LiveList(scope, new PinnedMessages(scope, content));
    this.#all = [this.members, this.bans, this.pins];
  }

  roomCaughtUp(): void {
    for (const list of this.#all) list.roomCaughtUp();
  }

  apply(event: LogEvent): void {
    for (const list of this.#all) list.apply(event);
  }

  logSkipped(): void {
    for (const list of this.#all) list.logSkipped();
  }

  markDisconnected(): void {
    for (const list of this.#all) list.markDisconnected();
  }

  clear(): void {
    for (const list of this.#all) list.clear();
  }
}
