import type { Ban, CommandResult, LogEvent } from "@multichat/protocol";
import type { BansSnapshot, ListStatus } from "../../model/room-snapshot.ts";
import type { RoomScope } from "../room-scope.ts";
import type { ListContent } from "./live-list.ts";

type Answer = CommandResult<"member.bans">;

/** The banned users of a room, newest ban first. */
export class BanList implements ListContent<Answer, BansSnapshot> {
  readonly #scope: RoomScope;
  #banned: readonly Ban[] = [];
  #count = 0;

  constructor(scope: RoomScope) {
    this.#scope = scope;
  }

  load(): Promise<Answer> {
    return this.#scope.context.transport.request("member.bans", { room: this.#scope.id });
  }

  replace({ banned, count }: Answer): void {
    this.#banned = banned;
    this.#count = count;
  }

  apply(event: LogEvent): boolean {
    if (event.on !== "member.removed") return true;
    const isComplete = this.#count <= this.#banned.length;
    const { user, by, banned } = event;
    const previous = this.#banned.find((ban) => ban.user.id === user.id);
    const others = this.#banned.filter((ban) => ban !== previous);
    // The event has no time, but it arrives when it happens, or a little later.
    const at = previous?.at ?? this.#scope.context.clock.now();
    this.#banned = banned ? [{ user, by, at }, ...others] : others;
    this.#count += Number(banned) - Number(previous !== undefined);
    return isComplete;
  }

  clear(): void {
    this.#banned = [];
    this.#count = 0;
  }

  snapshot(status: ListStatus): BansSnapshot {
    return { status, banned: this.#banned, count: this.#count };
  }
}
