import type { LogEvent, MemberState, Room as RoomInfo } from "@multichat/protocol";

/** The part of the user's state in a room that decides what they can do. */
export type Membership = Pick<MemberState, "role" | "mutedUntil">;

export const NO_MEMBERSHIP: Membership = { role: null, mutedUntil: null };

/** A room's description and the user's membership, each as of the latest seq: answers and events can arrive in any order. */
export class RoomDetails {
  #info: RoomInfo | undefined;
  #membership: Membership | undefined;
  #membershipSeq = 0;

  /** undefined until the server has described the room. */
  get info(): RoomInfo | undefined {
    return this.#info;
  }

  /** undefined while not known. */
  get knownMembership(): Membership | undefined {
    return this.#membership;
  }

  get membership(): Membership {
    return this.#membership ?? NO_MEMBERSHIP;
  }

  /** Sets the description, unless a later one is known. */
  describe(info: RoomInfo): void {
    if (this.#info === undefined || info.lastSeq >= this.#info.lastSeq) this.#info = info;
  }

  /** Sets the membership as of a seq, unless a later one is known. */
  setMembership({ role, mutedUntil }: Membership, asOfSeq: number): void {
    if (this.#membership !== undefined && asOfSeq < this.#membershipSeq) return;
    this.#membership = { role, mutedUntil };
    this.#membershipSeq = asOfSeq;
  }

  apply(event: LogEvent, me: string | undefined): void {
    switch (event.on) {
      case "room.changed":
        if (this.#info !== undefined && event.seq > this.#info.lastSeq) {
          this.#info = { ...this.#info, ...event.changes, lastSeq: event.seq };
        }
        break;
      case "member.joined":
        if (event.user.id === me) this.setMembership({ role: event.role, mutedUntil: null }, event.seq);
        break;
      case "member.changed":
        if (event.user.id === me) this.setMembership(event, event.seq);
        break;
      case "member.left":
      case "member.removed":
        if (event.user.id === me) this.setMembership(NO_MEMBERSHIP, event.seq);
    }
  }

  forgetInfo(): void {
    this.#info = undefined;
  }

  forget(): void {
    this.#info = undefined;
    this.#membership = undefined;
    this.#membershipSeq = 0;
  }
}
