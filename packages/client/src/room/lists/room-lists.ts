import type { CommandResult, LogEvent, Message } from "@multichat/protocol";
import type { BansSnapshot, MembersSnapshot, PinsSnapshot } from "../../model/room-snapshot.ts";
import type { Recording } from "../log/event-recorder.ts";
import type { RoomHost } from "../room-host.ts";
import { BanList } from "./ban-list.ts";
import { type ListHost, LiveList } from "./live-list.ts";
import { MemberList } from "./member-list.ts";
import { PinnedMessages } from "./pinned-messages.ts";

/** What the lists of a room ask of it. */
export interface ListedRoom {
  readonly id: string;
  /** The log is followed on this connection. */
  readonly isSynced: boolean;
  record(): Recording;
  /** A message as far as it is loaded and not in doubt. */
  sureMessage(id: string): Message | undefined;
}

/** What is told to each list. */
type Follower = Pick<LiveList<never, never>, "apply" | "clear" | "disconnected" | "skipped" | "synced">;

/** Who belongs to a room, who is banned from it, and what is pinned there: loaded when somebody looks, then following the log. */
export class RoomLists {
  readonly members: LiveList<CommandResult<"member.list">, MembersSnapshot>;
  readonly bans: LiveList<CommandResult<"member.bans">, BansSnapshot>;
  readonly pins: LiveList<CommandResult<"pin.list">, PinsSnapshot>;
  readonly #all: readonly Follower[];

  constructor(room: ListedRoom, host: Pick<RoomHost<never>, "clock" | "random" | "turn" | "me" | "request">) {
    const { clock, random, turn } = host;
    const params = { room: room.id };
    const list: ListHost = {
      clock,
      random,
      turn,
      get isSynced() {
        return room.isSynced;
      },
      record: () => room.record(),
    };
    this.members = new LiveList(list, new MemberList(clock, () => host.request("member.list", params)));
    this.bans = new LiveList(list, new BanList(clock, () => host.request("member.bans", params)));
    this.pins = new LiveList(
      list,
      new PinnedMessages({
        me: () => host.me(),
        message: (message) => room.sureMessage(message),
        ask: () => host.request("pin.list", params),
      }),
    );
    this.#all = [this.members, this.bans, this.pins];
  }

  /** The room is level with its log. */
  synced(): void {
    for (const list of this.#all) list.synced();
  }

  apply(event: LogEvent): void {
    for (const list of this.#all) list.apply(event);
  }

  /** The log went on without telling what happened. */
  skipped(): void {
    for (const list of this.#all) list.skipped();
  }

  disconnected(): void {
    for (const list of this.#all) list.disconnected();
  }

  clear(): void {
    for (const list of this.#all) list.clear();
  }
}
