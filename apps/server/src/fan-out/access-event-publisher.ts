import type { AnyEventOf } from "@multichat/channels";
import { CLOSE_CODES, type Me, type Room } from "@multichat/protocol";
import { publicRoom } from "../access/public-room.ts";
import type { StoredRoom } from "../store/store.ts";
import type { EndedSession, Hereabouts, MembershipTold } from "./broadcasts.ts";
import type { ChatEvents } from "./chat-events.ts";
import { EVERYBODY, userGroup } from "./chat-groups.ts";
import { admits, movedBetween, type ToldRooms } from "./last-broadcast-rooms.ts";
import { packAudience, packRoom } from "./serialized-room.ts";

type Tell = (group: string, event: AnyEventOf<ChatEvents>) => Promise<void>;

/** The words for what changes who may do what; `tell` decides how far they go. */
export class RightsNews implements Hereabouts {
  readonly #told: ToldRooms;
  readonly #tell: Tell;

  constructor(told: ToldRooms, tell: Tell) {
    this.#told = told;
    this.#tell = tell;
  }

  async roomAltered(altered: StoredRoom): Promise<void> {
    const was = this.#told.tell(altered);
    await this.#tell(EVERYBODY, {
      type: "room.altered",
      ...packRoom(altered),
      was: was === undefined ? null : { staffOnly: was.staffOnly, open: was.members === null },
    });
    if (was === undefined) return;
    // Another process changed it, and who was in it besides: each of these hears it as what became of them.
    for (const user of movedBetween(was, altered)) await this.#membershipMoved(altered, user, admits(was, user), null);
  }

  async memberAltered(room: StoredRoom, user: string, membership: MembershipTold | null): Promise<void> {
    const was = this.#told.peek(room.id);
    // Another process changed the room itself meanwhile: everybody hears of that first.
    if (was === undefined || was.kind !== room.kind || was.staffOnly !== room.staffOnly) await this.roomAltered(room);
    else this.#told.tell(room);
    const { role, mutedUntil } = membership ?? { role: null, mutedUntil: null };
    await this.#membershipMoved(room, user, was !== undefined && admits(was, user), { role, mutedUntil });
  }

  async roomDeleted({ id }: Pick<Room, "id">): Promise<void> {
    const was = this.#told.forget(id);
    // Nobody was told of it, or everybody was told of its end already.
    if (was === undefined) return;
    const { kind, staffOnly } = was;
    await this.#tell(EVERYBODY, { type: "room.deleted", id, kind, staffOnly, audience: packAudience(was) });
  }

  accountChanged({ id, username, email, staff, superuser }: Me): Promise<void> {
    return this.#tell(userGroup(id), { type: "account.changed", id, username, email, staff, superuser });
  }

  sessionEnded(user: string, { session, keep, banned }: EndedSession): Promise<void> {
    const code = banned === true ? CLOSE_CODES.BANNED : CLOSE_CODES.SIGNED_OUT;
    return this.#tell(userGroup(user), { type: "session.ended", session, keep: keep ?? null, code });
  }

  #membershipMoved(
    room: StoredRoom,
    user: string,
    wasAdmitted: boolean,
    membership: MembershipTold | null,
  ): Promise<void> {
    return this.#tell(userGroup(user), {
      type: "membership.moved",
      room: publicRoom(room),
      admitted: admits(room, user),
      wasAdmitted,
      membership,
    });
  }
}
