import type { LogEvent, MemberState } from "@multichat/protocol";

/** The part of the user's state in a room that decides what they can do. */
export type Membership = Pick<MemberState, "role" | "mutedUntil">;

export const NO_MEMBERSHIP: Membership = { role: null, mutedUntil: null };

/** The user's membership in a room, as of the latest seq: answers and events can arrive in any order. */
export class OwnMembership {
  #membership: Membership | undefined;
  #asOfSeq = 0;

  /** undefined while not known. */
  get current(): Membership | undefined {
    return this.#membership;
  }

  /** Sets the membership as of a seq, unless a later one is known. */
  set({ role, mutedUntil }: Membership, asOfSeq: number): void {
    if (this.#membership !== undefined && asOfSeq < this.#asOfSeq) return;
    this.#membership = { role, mutedUntil };
    this.#asOfSeq = asOfSeq;
  }

  apply(event: LogEvent, me: string | undefined): void {
    if (!("user" in event) || event.user.id !== me) return;
    switch (event.on) {
      case "member.joined":
        this.set({ role: event.role, mutedUntil: null }, event.seq);
        break;
      case "member.changed":
        this.set(event, event.seq);
        break;
      case "member.left":
      case "member.removed":
        this.set(NO_MEMBERSHIP, event.seq);
    }
  }
}
