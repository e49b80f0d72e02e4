import type { AnyEventOf } from "@multichat/channels";
import { CLOSE_CODES, type Me, type Room } from "@multichat/protocol";
import { toPublicRoom } from "../access/public-room.ts";
import type { StoredRoom } from "../store/store.ts";
import type { AccessEvents, MembershipUpdate, SessionEnd } from "./broadcasts.ts";
import type { ChatEvents } from "./chat-events.ts";
import { EVERYBODY, userGroup } from "./chat-groups.ts";
import {
  findAdmissionChanges,
  isAdmitted,
  type LastBroadcastRooms,
  type RoomVisibility,
} from "./last-broadcast-rooms.ts";
import { serializeAudience } from "./serialized-audience.ts";

type Publish = (group: string, event: AnyEventOf<ChatEvents>) => Promise<void>;

/** Shapes access events, for the connections of this process. Other processes read the same changes from the database. */
export class AccessEventPublisher implements AccessEvents {
  readonly #lastRooms: LastBroadcastRooms;
  readonly #publish: Publish;

  constructor(lastRooms: LastBroadcastRooms, publish: Publish) {
    this.#lastRooms = lastRooms;
    this.#publish = publish;
  }

  async publishRoomChange(room: StoredRoom): Promise<void> {
    const previous = this.#lastRooms.replace(room);
    await this.#publish(EVERYBODY, {
      type: "room.changed",
      room: toPublicRoom(room),
      audience: serializeAudience(room),
      previous: previous === undefined ? null : { staffOnly: previous.staffOnly, open: previous.members === null },
    });
    if (previous === undefined) return;
    // Another process may have changed memberships together with the room.
    for (const user of findAdmissionChanges(previous, room)) await this.#publishMembership(room, user, { previous });
  }

  async publishMemberChange(room: StoredRoom, user: string, membership: MembershipUpdate | null): Promise<void> {
    const previous = this.#lastRooms.get(room.id);
    if (previous?.kind === room.kind && previous.staffOnly === room.staffOnly) {
      this.#lastRooms.replace(room);
    } else {
      // Another process has changed the room itself, which has to be published first.
      await this.publishRoomChange(room);
    }
    const { role, mutedUntil } = membership ?? { role: null, mutedUntil: null };
    await this.#publishMembership(room, user, { previous, membership: { role, mutedUntil } });
  }

  async publishRoomDeletion({ id }: Pick<Room, "id">): Promise<void> {
    const previous = this.#lastRooms.remove(id);
    // Never broadcast, or its deletion already was.
    if (previous === undefined) return;
    const { kind, staffOnly } = previous;
    await this.#publish(EVERYBODY, {
      type: "room.deleted",
      id,
      kind,
      staffOnly,
      audience: serializeAudience(previous),
    });
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
    change: { readonly previous: RoomVisibility | undefined; readonly membership?: MembershipUpdate },
  ): Promise<void> {
    return this.#publish(userGroup(user), {
      type: "membership.changed",
      room: toPublicRoom(room),
      admitted: isAdmitted(room, user),
      wasAdmitted: change.previous !== undefined && isAdmitted(change.previous, user),
      membership: change.membership ?? null,
    });
  }
}
