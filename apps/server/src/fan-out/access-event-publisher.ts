import type { AnyEventOf } from "@multichat/channels";
import { CLOSE_CODES, type Me, type Room } from "@multichat/protocol";
import { toPublicRoom } from "../access/public-room.ts";
import type { StoredRoom } from "../store/store.ts";
import type { AccessEvents, MembershipUpdate, SessionEnd } from "./broadcasts.ts";
import type { ChatEvents } from "./chat-events.ts";
import { EVERYBODY, userGroup } from "./chat-groups.ts";
import { findAdmissionChanges, isAdmitted, type LastBroadcastRooms } from "./last-broadcast-rooms.ts";
import { serializeAudience, serializeRoom } from "./serialized-room.ts";

type Publish = (group: string, event: AnyEventOf<ChatEvents>) => Promise<void>;

/** The words for what changes who may do what; `tell` decides how far they go. */
export class AccessEventPublisher implements AccessEvents {
  readonly #lastRooms: LastBroadcastRooms;
  readonly #publish: Publish;

  constructor(told: LastBroadcastRooms, tell: Publish) {
    this.#lastRooms = told;
    this.#publish = tell;
  }

  async publishRoomChange(altered: StoredRoom): Promise<void> {
    const was = this.#lastRooms.replace(altered);
    await this.#publish(EVERYBODY, {
      type: "room.changed",
      ...serializeRoom(altered),
      was: was === undefined ? null : { staffOnly: was.staffOnly, open: was.members === null },
    });
    if (was === undefined) return;
    // Another process changed it, and who was in it besides: each of these hears it as what became of them.
    for (const user of findAdmissionChanges(was, altered))
      await this.#publishMembership(altered, user, isAdmitted(was, user), null);
  }

  async publishMemberChange(room: StoredRoom, user: string, membership: MembershipUpdate | null): Promise<void> {
    const was = this.#lastRooms.get(room.id);
    // Another process changed the room itself meanwhile: everybody hears of that first.
    if (was === undefined || was.kind !== room.kind || was.staffOnly !== room.staffOnly)
      await this.publishRoomChange(room);
    else this.#lastRooms.replace(room);
    const { role, mutedUntil } = membership ?? { role: null, mutedUntil: null };
    await this.#publishMembership(room, user, was !== undefined && isAdmitted(was, user), { role, mutedUntil });
  }

  async publishRoomDeletion({ id }: Pick<Room, "id">): Promise<void> {
    const was = this.#lastRooms.remove(id);
    // Nobody was told of it, or everybody was told of its end already.
    if (was === undefined) return;
    const { kind, staffOnly } = was;
    await this.#publish(EVERYBODY, { type: "room.deleted", id, kind, staffOnly, audience: serializeAudience(was) });
  }

  publishAccountChange({ id, username, email, staff, superuser }: Me): Promise<void> {
    return this.#publish(userGroup(id), { type: "account.changed", id, username, email, staff, superuser });
  }

  publishSessionEnd(user: string, { session, keep, banned }: SessionEnd): Promise<void> {
    const code = banned === true ? CLOSE_CODES.BANNED : CLOSE_CODES.SIGNED_OUT;
    return this.#publish(userGroup(user), { type: "session.ended", session, keep: keep ?? null, code });
  }

  #publishMembership(
    room: StoredRoom,
    user: string,
    wasAdmitted: boolean,
    membership: MembershipUpdate | null,
  ): Promise<void> {
    return this.#publish(userGroup(user), {
      type: "membership.changed",
      room: toPublicRoom(room),
      admitted: isAdmitted(room, user),
      wasAdmitted,
      membership,
    });
  }
}
