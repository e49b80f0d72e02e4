/** What one client did and was told, for the audit. Everything in it can be posted to another thread. */
export interface ClientRecord {
  readonly name: string;
  /** The id of the person. */
  readonly user: string;
  readonly sends: readonly SendRecord[];
  readonly changes: readonly ChangeRecord[];
  readonly rooms: readonly RoomRecord[];
}

/** A message on its way, in the order of sending. */
export interface SendRecord {
  readonly room: string;
  readonly clientId: string;
  readonly body: string;
  /** What the server said. `waiting`: nothing, up to the end. */
  readonly outcome:
    | { readonly kind: "acknowledged"; readonly id: string; readonly seq: number }
    | { readonly kind: "failed"; readonly code: string }
    | { readonly kind: "waiting" };
}

/** Something that was done to a message, in the order of doing. Of one message and one kind never two at once. */
export interface ChangeRecord {
  readonly room: string;
  readonly message: string;
  readonly change:
    | { readonly kind: "edit"; readonly body: string }
    | { readonly kind: "delete" }
    | { readonly kind: "react"; readonly emoji: string; readonly on: boolean };
  /** `unknown`: the client gave up asking, and the server may have done it or not. */
  readonly outcome: "acknowledged" | "refused" | "unknown";
}

/** One line of what a client was told of a room. */
export type Heard =
  | { readonly kind: "event"; readonly seq: number; readonly on: string; readonly message: string | null }
  /** What was before is not told; the next is the one after `seq`. */
  | { readonly kind: "reset"; readonly seq: number };

export interface RoomRecord {
  readonly room: string;
  readonly heard: readonly Heard[];
  /** What the client shows at the end, oldest first, after it has loaded what its gaps stand for. */
  readonly view: readonly ShownMessage[];
  /** Gaps that are still there. */
  readonly gaps: number;
}

/** A message as it is, in the database or on a screen. */
export interface ShownMessage {
  readonly id: string;
  readonly seq: number;
  readonly author: string | null;
  readonly clientId: string;
  /** Empty where it was deleted. */
  readonly body: string;
  readonly edited: boolean;
  readonly deleted: boolean;
  /** `emoji user`, sorted. */
  readonly reactions: readonly string[];
}

/** One room as the database has it. */
export interface TrueRoom {
  readonly room: string;
  readonly lastSeq: number;
  readonly log: readonly { readonly seq: number; readonly on: string; readonly message: string | null }[];
  /** By seq. */
  readonly messages: readonly ShownMessage[];
}
