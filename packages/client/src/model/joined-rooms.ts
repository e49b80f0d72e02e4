/** How far a room's log has been applied; undefined when it is not known. */
export interface LogPosition {
  readonly seq: number | undefined;
}

/** The rooms that the present connection has joined. A room is added when it has applied the answer to its join. */
export class JoinedRooms {
  readonly #logs = new Map<string, LogPosition>();

  get size(): number {
    return this.#logs.size;
  }

  has(room: string): boolean {
    return this.#logs.has(room);
  }

  /** The last seq applied of a joined room's log; undefined for any other room. */
  appliedSeq(room: string): number | undefined {
    return this.#logs.get(room)?.seq;
  }

  add(room: string, log: LogPosition): void {
    this.#logs.set(room, log);
  }

  delete(room: string): void {
    this.#logs.delete(room);
  }
}
