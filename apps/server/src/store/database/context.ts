import type { RoomHeads } from "../event-log/room-heads.ts";
import type { ReadContext } from "./dialect.ts";

export type { ReadContext } from "./dialect.ts";

/** The context of a write, inside a transaction of several writes. */
export interface WriteContext extends ReadContext {
  /** The process that writes; it ignores its own entries of the change feed. */
  readonly origin: string;
  /** Milliseconds since 1970, the same for the whole transaction. */
  readonly now: number;
  /** The rooms whose next message's seq is known, in this transaction and from earlier ones. */
  readonly roomHeads: RoomHeads;
  /** The last seq of each room whose log grew in this transaction, for the change feed. */
  readonly logHeads: Map<string, number>;
  /** The row ids (`n`) of the messages that this transaction posted or edited; they are indexed after its commit. */
  readonly unindexed: Set<number>;
}
