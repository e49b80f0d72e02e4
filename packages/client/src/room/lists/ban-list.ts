import type { Ban, CommandResult, LogEvent } from "@multichat/protocol";
import type { Clock } from "../../core/clock.ts";
import type { BansSnapshot, ListStatus } from "../../model/room-snapshot.ts";
import type { ListContent } from "./live-list.ts";

type Answer = CommandResult<"member.bans">;

/** Who is banned from a room, newest ban first. */
export class BanList implements ListContent<Answer, BansSnapshot> {
  readonly ask: () => Promise<Answer>;
  readonly #clock: Clock;
  #banned: readonly Ban[] = [];
  #count = 0;

  constructor(clock: Clock, ask: () => Promise<Answer>) {
    this.#clock = clock;
    this.ask = ask;
  }

  replace({ banned, count }: Answer): void {
    this.#banned = banned;
    this.#count = count;
  }

  apply(event: LogEvent): boolean {
    if (event.on !== "member.removed") return true;
    const isWhole = this.#count <= this.#banned.length;
    const { user, by, banned } = event;
    const before = this.#banned.find((ban) => ban.user.id === user.id);
    const others = this.#banned.filter((ban) => ban !== before);
    // The log does not say when; the event is told as it happens, or a little later.
    const at = before?.at ?? this.#clock.now();
    this.#banned = banned ? [{ user, by, at }, ...others] : others;
    this.#count += Number(banned) - Number(before !== undefined);
    return isWhole;
  }

  clear(): void {
    this.#banned = [];
    this.#count = 0;
  }

  snapshot(status: ListStatus): BansSnapshot {
    return { status, banned: this.#banned, count: this.#count };
  }
}
