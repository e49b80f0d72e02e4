import type { StoredRoom } from "../store/store.ts";

/** The part of a room that decides who can see it. */
export type RoomVisibility = Pick<StoredRoom, "id" | "kind" | "staffOnly" | "members" | "banned">;

/** Whether a user may see the room, given staff status where it is staff-only. */
export function isAdmitted({ members, banned }: Pick<RoomVisibility, "members" | "banned">, user: string): boolean {
  return !banned.has(user) && (members === null || members.has(user));
}

/**
 * Every room as it was last broadcast: what a change means to a user depends on what the user could see before. Holds the
 * store's own sets, which the store replaces and never mutates.
 */
export class LastBroadcastRooms {
  readonly #rooms: Map<string, RoomVisibility>;

  constructor(rooms: readonly RoomVisibility[]) {
    this.#rooms = new Map(rooms.map((room) => [room.id, toVisibility(room)]));
  }

  /** Records a room. Returns its previous state, or undefined where it was never broadcast. */
  replace(room: RoomVisibility): RoomVisibility | undefined {
    const previous = this.#rooms.get(room.id);
    this.#rooms.set(room.id, toVisibility(room));
    return previous;
  }

  get(id: string): RoomVisibility | undefined {
    return this.#rooms.get(id);
  }

  /** Returns the removed state, or undefined where there was none. */
  remove(id: string): RoomVisibility | undefined {
    const previous = this.#rooms.get(id);
    this.#rooms.delete(id);
    return previous;
  }
}

/** Returns the users whose admission differs between two states of a room, as far as its kind is the same in both. */
export function findAdmissionChanges(previous: RoomVisibility, current: RoomVisibility): readonly string[] {
  const users = new Set(symmetricDifference(previous.banned, current.banned));
  if (previous.members !== null && current.members !== null) {
    for (const user of symmetricDifference(previous.members, current.members)) users.add(user);
  }
  return [...users].filter((user) => isAdmitted(previous, user) !== isAdmitted(current, user));
}

function symmetricDifference(a: ReadonlySet<string>, b: ReadonlySet<string>): readonly string[] {
  if (a === b) return [];
  return [...[...a].filter((user) => !b.has(user)), ...[...b].filter((user) => !a.has(user))];
}

function toVisibility({ id, kind, staffOnly, members, banned }: RoomVisibility): RoomVisibility {
  return { id, kind, staffOnly, members, banned };
}
