import type { CommandResult, LogEvent, Member, Role } from "@multichat/protocol";
import type { Clock } from "../../core/clock.ts";
import type { ListStatus, MembersSnapshot } from "../../model/room-snapshot.ts";
import type { ListContent } from "./live-list.ts";

type Answer = CommandResult<"member.list">;

const RANKS: Readonly<Record<Role, number>> = { owner: 0, moderator: 1, member: 2 };

/** The members of a room, as the server lists them. */
export class MemberList implements ListContent<Answer, MembersSnapshot> {
  readonly ask: () => Promise<Answer>;
  readonly #clock: Clock;
  #members = new Map<string, Member>();
  #count = 0;

  constructor(clock: Clock, ask: () => Promise<Answer>) {
    this.#clock = clock;
    this.ask = ask;
  }

  replace({ members, count }: Answer): void {
    this.#members = new Map(members.map((member) => [member.user.id, member]));
    this.#count = count;
  }

  apply(event: LogEvent): boolean {
    const isWhole = this.#count <= this.#members.size;
    switch (event.on) {
      case "member.joined":
        this.#put(event, null);
        return isWhole;
      case "member.changed":
        this.#put(event, event.mutedUntil);
        return isWhole;
      case "member.left":
      case "member.removed":
        if (this.#members.delete(event.user.id)) this.#count -= 1;
        return isWhole;
      default:
        return true;
    }
  }

  clear(): void {
    this.#members = new Map();
    this.#count = 0;
  }

  snapshot(status: ListStatus): MembersSnapshot {
    const members = [...this.#members.values()].map((member) => ({ member, key: keyOf(member.user.username) }));
    members.sort((a, b) => {
      const byRank = RANKS[a.member.role] - RANKS[b.member.role];
      return byRank || compare(a.key, b.key) || compare(a.member.user.id, b.member.user.id);
    });
    return { status, members: members.map(({ member }) => member), count: this.#count };
  }

  #put({ user, role }: Extract<LogEvent, { on: "member.joined" | "member.changed" }>, mutedUntil: number | null): void {
    const before = this.#members.get(user.id);
    if (before === undefined) this.#count += 1;
    // The log does not say when; the event is told as it happens, or a little later.
    const since = before?.since ?? this.#clock.now();
    this.#members.set(user.id, { user, role, since, mutedUntil });
  }
}

/** As the server compares names. */
function keyOf(username: string): string {
  return username.normalize("NFC").toLowerCase();
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
