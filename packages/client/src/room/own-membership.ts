import type { LogEvent, MemberState } from "@multichat/protocol";

/** The part of a person's state in a room that rights hang on. */
export type Membership = Pick<MemberState, "role" | "mutedUntil">;

const NO_MEMBER: Membership = { role: null, mutedUntil: null };

/** What one is in a room, as of the latest that was heard: answers and events overtake each other. */
export class OwnMembership {
  #membership: Membership | undefined;
  #asOf = 0;

  /** undefined: nothing was heard. */
  get current(): Membership | undefined {
    return this.#membership;
  }

  /** What the server says as of a seq of the log. */
  hear({ role, mutedUntil }: Membership, asOf: number): void {
    if (this.#membership !== undefined && asOf < this.#asOf) return;
    this.#membership = { role, mutedUntil };
    this.#asOf = asOf;
  }

  apply(event: LogEvent, me: string | undefined): void {
    if (!("user" in event) || event.user.id !== me) return;
    switch (event.on) {
      case "member.joined":
        this.hear({ role: event.role, mutedUntil: null }, event.seq);
        break;
      case "member.changed":
        this.hear(event, event.seq);
        break;
      case "member.left":
      case "member.removed":
        this.hear(NO_MEMBER, event.seq);
    }
  }
}
