import type { StoredRoom } from "../store.ts";
import { directKey } from "./direct-key.ts";

/**
 * The rooms that are not deleted, as far as this process has heard. Answers of the writer and news of the reader come over
 * two ports and may overtake each other: what is older than what is known changes nothing.
 */
export class RoomCache {
  readonly #byId = new Map<string, StoredRoom>();
  readonly #byNumber = new Map<number, string>();
  /** Direct conversations, by their two people. */
  readonly #byPair = new Map<string, string>();
  /** The `lastSeq` that a room had when it was read as a whole; its log may have grown since. */
  readonly #readAt = new Map<string, number>();
  readonly #deleted = new Set<string>();
  #sorted: readonly StoredRoom[] | undefined;

  constructor(rooms: readonly StoredRoom[]) {
    for (const room of rooms) this.put(room);
  }

  all(): readonly StoredRoom[] {
    this.#sorted ??= [...this.#byId.values()].sort((a, b) => a.number - b.number);
    return this.#sorted;
  }

  find(address: string | number): StoredRoom | undefined {
    const byId = typeof address === "string" ? this.#byId.get(address) : undefined;
    if (byId !== undefined) return byId;
    const number = typeof address === "number" ? address : toNumber(address);
    const id = number === undefined ? undefined : this.#byNumber.get(number);
    return id === undefined ? undefined : this.#byId.get(id);
  }

  /** The direct conversation of two people. */
  direct(one: string, other: string): StoredRoom | undefined {
    const id = this.#byPair.get(directKey(one, other));
    return id === undefined ? undefined : this.#byId.get(id);
  }

  put(room: StoredRoom): void {
    if (this.#deleted.has(room.id)) return;
    // Every change of a room takes a seq, so the reading that has seen more of them is the newer one.
    if (room.lastSeq < (this.#readAt.get(room.id) ?? 0)) return;
    const lastSeq = Math.max(room.lastSeq, this.#byId.get(room.id)?.lastSeq ?? 0);
    this.#readAt.set(room.id, room.lastSeq);
    this.#byId.set(room.id, { ...room, lastSeq });
    this.#byNumber.set(room.number, room.id);
    const pair = pairIn(room);
    if (pair !== undefined) this.#byPair.set(pair, room.id);
    this.#sorted = undefined;
  }

  grow(id: string, seq: number): void {
    const known = this.#byId.get(id);
    if (known === undefined || seq <= known.lastSeq) return;
    this.#byId.set(id, { ...known, lastSeq: seq });
    this.#sorted = undefined;
  }

  /** For good: a deleted room does not come back. */
  remove(id: string): void {
    this.#deleted.add(id);
    const known = this.#byId.get(id);
    if (known === undefined) return;
    this.#byId.delete(id);
    this.#readAt.delete(id);
    this.#byNumber.delete(known.number);
    const pair = pairIn(known);
    if (pair !== undefined) this.#byPair.delete(pair);
    this.#sorted = undefined;
  }
}

/** Only as a number is written: `7`, not `07`, `+7` or `7.0`. */
function toNumber(address: string): number | undefined {
  return /^[1-9][0-9]{0,15}$/.test(address) ? Number(address) : undefined;
}

function pairIn({ kind, people }: StoredRoom): string | undefined {
  const [one, other = one] = people;
  return kind === "direct" && one !== undefined && other !== undefined ? directKey(one.id, other.id) : undefined;
}
