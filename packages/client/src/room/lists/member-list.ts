import type { CommandResult, LogEvent, Member, Role } from "@multichat/protocol";
import { normalizeName } from "@multichat/protocol/markup";
import type { ListStatus, MembersSnapshot } from "../../model/room-snapshot.ts";
import type { RoomScope } from "../room-scope.ts";
import type { ListContent } from "./live-list.ts";

type Answer = CommandResult<"member.list">;

const RANKS: Readonly<Record<Role, number>> = { owner: 0, moderator: 1, member: 2 };

/** The members of a room, in the server's order. */
export class MemberList implements ListContent<Answer, MembersSnapshot> {
  readonly #scope: RoomScope;
  #members = new Map<string, Member>();
  #count = 0;

  constructor(scope: RoomScope) {
    this.#scope = scope;
  }

  load(): Promise<Answer> {
    return this.#scope.context.transport.request("member.list", { room: this.#scope.id });
  }

  replace({ members, count }: Answer): void {
    this.#members = new Map(members.map((member) => [member.user.id, member]));
    this.#count = count;
  }

  apply(event: LogEvent): boolean {
    const isComplete = this.#count <= this.#members.size;
    switch (event.on) {
      case "member.joined":
        this.#set(event, null);
        return isComplete;
      case "member.changed":
        this.#set(event, event.mutedUntil);
        return isComplete;
      case "member.left":
      case "member.removed":
        if (this.#members.delete(event.user.id)) this.#count -= 1;
        return isComplete;
      default:
        return true;
    }
  }

  clear(): void {
    this.#members = new Map();
    this.#count = 0;
  }

  snapshot(status: ListStatus): MembersSnapshot {
    const members = [...this.#members.values()].map((member) => ({ member, key: normalizeName(member.user.username) }));
    members.sort((a, b) => {
      const byRank = RANKS[a.member.role] - RANKS[b.member.role];
      return byRank || compare(a.key, b.key) || compare(a.member.user.id, b.member.user.id);
    });
    return { status, members: members.map(({ member }) => member), count: this.#count };
  }

  #set({ user, role }: Extract<LogEvent, { on: "member.joined" | "member.changed" }>, mutedUntil: number | null): void {
    const previous = this.#members.get(user.id);
    if (previous === undefined) this.#count += 1;
    // The event has no time, but it arrives when it happens, or a little later.
    const since = previous?.since ?? this.#scope.context.clock.now();
    this.#members.set(user.id, { user, role, since, mutedUntil });
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
