import { directKey } from "./direct-key.ts";
import type { StoredRoom } from "./stored-room.ts";

/**
 * The rooms that are not deleted, as far as this process knows. Results of the writer and changes from the reader arrive
 * over two ports and may overtake each other: a state that is older than the cached one changes nothing.
 */
export class RoomCache {
  readonly #byId = new Map<string, StoredRoom>();
  readonly #byNumber = new Map<number, string>();
  /** Direct conversations, by the key of their two people. */
  readonly #byDirectKey = new Map<string, string>();
  /** The `lastSeq` of each room when it was read as a whole; its log may have grown since. */
  readonly #readAtSeq = new Map<string, number>();
  readonly #deleted = new Set<string>();
  #sorted: readonly StoredRoom[] | undefined;

  list(): readonly StoredRoom[] {
    this.#sorted ??= [...this.#byId.values()].sort((a, b) => a.number - b.number);
    return this.#sorted;
  }

  /** Finds a room by its id or number. */
  find(address: string | number): StoredRoom | undefined {
    const byId = typeof address === "string" ? this.#byId.get(address) : undefined;
    if (byId !== undefined) return byId;
    const number = typeof address === "number" ? address : parseRoomNumber(address);
    const id = number === undefined ? undefined : this.#byNumber.get(number);
    return id === undefined ? undefined : this.#byId.get(id);
  }

  findDirect(a: string, b: string): StoredRoom | undefined {
    const id = this.#byDirectKey.get(directKey(a, b));
    return id === undefined ? undefined : this.#byId.get(id);
  }

  upsert(room: StoredRoom): void {
    if (this.#deleted.has(room.id)) return;
    // Every change of a room takes a seq, so the state with the higher one is newer.
    if (room.lastSeq < (this.#readAtSeq.get(room.id) ?? 0)) return;
    const lastSeq = Math.max(room.lastSeq, this.#byId.get(room.id)?.lastSeq ?? 0);
    this.#readAtSeq.set(room.id, room.lastSeq);
    this.#byId.set(room.id, { ...room, lastSeq });
    this.#byNumber.set(room.number, room.id);
    const key = directKeyOf(room);
    if (key !== undefined) this.#byDirectKey.set(key, room.id);
    this.#sorted = undefined;
  }

  /** Moves the head of a room's log forward. */
  advance(id: string, seq: number): void {
    const room = this.#byId.get(id);
    if (room === undefined || seq <= room.lastSeq) return;
    this.#byId.set(id, { ...room, lastSeq: seq });
    this.#sorted = undefined;
  }

  /** Removes a deleted room for good: it is never restored. */
  remove(id: string): void {
    this.#deleted.add(id);
    const room = this.#byId.get(id);
    if (room === undefined) return;
    this.#byId.delete(id);
    this.#readAtSeq.delete(id);
    this.#byNumber.delete(room.number);
    const key = directKeyOf(room);
    if (key !== undefined) this.#byDirectKey.delete(key);
    this.#sorted = undefined;
  }
}

/** Accepts a number exactly as it is written: `7`, not `07`, `+7` or `7.0`. */
function parseRoomNumber(address: string): number | undefined {
  return /^[1-9][0-9]{0,15}$/.test(address) ? Number(address) : undefined;
}

function directKeyOf({ kind, people }: StoredRoom): string | undefined {
  const [a, b = a] = people;
  return kind === "direct" && a !== undefined && b !== undefined ? directKey(a.id, b.id) : undefined;
}
