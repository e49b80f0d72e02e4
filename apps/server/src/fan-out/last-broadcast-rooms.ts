import type { StoredRoom } from "../store/store.ts";

/** The part of a room that decides for whom it exists. */
export type ToldRoom = Pick<StoredRoom, "id" | "kind" | "staffOnly" | "members" | "banned">;

/** Whether the room exists for this person, if they are staff or it is not for staff alone. */
export function admits({ members, banned }: Pick<ToldRoom, "members" | "banned">, user: string): boolean {
  return !banned.has(user) && (members === null || members.has(user));
}

/**
 * How each room was told last: what a change means to somebody hangs on what they could see before. As many entries as there
 * are rooms; the sets are the store's own, which makes new ones and changes none.
 */
export class ToldRooms {
  readonly #rooms: Map<string, ToldRoom>;

  constructor(rooms: readonly ToldRoom[]) {
    this.#rooms = new Map(rooms.map((room) => [room.id, partOf(room)]));
  }

  /** @returns how it was told before; undefined where it was not. */
  tell(room: ToldRoom): ToldRoom | undefined {
    const was = this.#rooms.get(room.id);
    this.#rooms.set(room.id, partOf(room));
    return was;
  }

  peek(id: string): ToldRoom | undefined {
    return this.#rooms.get(id);
  }

  forget(id: string): ToldRoom | undefined {
    const was = this.#rooms.get(id);
    this.#rooms.delete(id);
    return was;
  }
}

/** Whose admission differs between two states of a room that was, and is, of one kind. */
export function movedBetween(was: ToldRoom, now: ToldRoom): readonly string[] {
  const moved = new Set(differing(was.banned, now.banned));
  if (was.members !== null && now.members !== null) {
    for (const user of differing(was.members, now.members)) moved.add(user);
  }
  return [...moved].filter((user) => admits(was, user) !== admits(now, user));
}

function differing(one: ReadonlySet<string>, other: ReadonlySet<string>): readonly string[] {
  if (one === other) return [];
  return [...[...one].filter((user) => !other.has(user)), ...[...other].filter((user) => !one.has(user))];
}

function partOf({ id, kind, staffOnly, members, banned }: ToldRoom): ToldRoom {
  return { id, kind, staffOnly, members, banned };
}
