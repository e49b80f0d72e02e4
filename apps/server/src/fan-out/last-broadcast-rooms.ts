import type { StoredRoom } from "../store/store.ts";

/** The part of a room that decides for whom it exists. */
export type RoomVisibility = Pick<StoredRoom, "id" | "kind" | "staffOnly" | "members" | "banned">;

/** Whether the room exists for this person, if they are staff or it is not for staff alone. */
export function isAdmitted({ members, banned }: Pick<RoomVisibility, "members" | "banned">, user: string): boolean {
  return !banned.has(user) && (members === null || members.has(user));
}

/**
 * How each room was told last: what a change means to somebody hangs on what they could see before. As many entries as there
 * are rooms; the sets are the store's own, which makes new ones and changes none.
 */
export class LastBroadcastRooms {
  readonly #rooms: Map<string, RoomVisibility>;

  constructor(rooms: readonly RoomVisibility[]) {
    this.#rooms = new Map(rooms.map((room) => [room.id, toVisibility(room)]));
  }

  /** @returns how it was told before; undefined where it was not. */
  replace(room: RoomVisibility): RoomVisibility | undefined {
    const was = this.#rooms.get(room.id);
    this.#rooms.set(room.id, toVisibility(room));
    return was;
  }

  get(id: string): RoomVisibility | undefined {
    return this.#rooms.get(id);
  }

  remove(id: string): RoomVisibility | undefined {
    const was = this.#rooms.get(id);
    this.#rooms.delete(id);
    return was;
  }
}

/** Whose admission differs between two states of a room that was, and is, of one kind. */
export function findAdmissionChanges(was: RoomVisibility, now: RoomVisibility): readonly string[] {
  const moved = new Set(symmetricDifference(was.banned, now.banned));
  if (was.members !== null && now.members !== null) {
    for (const user of symmetricDifference(was.members, now.members)) moved.add(user);
  }
  return [...moved].filter((user) => isAdmitted(was, user) !== isAdmitted(now, user));
}

function symmetricDifference(one: ReadonlySet<string>, other: ReadonlySet<string>): readonly string[] {
  if (one === other) return [];
  return [...[...one].filter((user) => !other.has(user)), ...[...other].filter((user) => !one.has(user))];
}

function toVisibility({ id, kind, staffOnly, members, banned }: RoomVisibility): RoomVisibility {
  return { id, kind, staffOnly, members, banned };
}
