/** What one client sent and received, for the audit. It can be posted to another thread. */
export interface ClientRecord {
  readonly name: string;
  /** The id of the user. */
  readonly user: string;
  readonly sends: readonly SendRecord[];
  readonly changes: readonly ChangeRecord[];
  readonly rooms: readonly RoomRecord[];
}

/** A sent message. Records are in the order of sending. */
export interface SendRecord {
  readonly room: string;
  readonly clientId: string;
  readonly body: string;
  /** The server's reply. `waiting`: none until the end. */
  readonly outcome:
    | { readonly kind: "acknowledged"; readonly id: string; readonly seq: number }
    | { readonly kind: "failed"; readonly code: string }
    | { readonly kind: "waiting" };
}

/** A change of a message. Records are in the order of the changes; a message never has two pending changes. */
export interface ChangeRecord {
  readonly room: string;
  readonly message: string;
  readonly change:
    | { readonly kind: "edit"; readonly body: string }
    | { readonly kind: "delete" }
    | { readonly kind: "react"; readonly emoji: string; readonly on: boolean };
  /** `unknown`: the reply timed out, and the server may have made the change or not. */
  readonly outcome: "acknowledged" | "refused" | "unknown";
}

/** What a client received of a room. */
export type ReceivedEntry =
  | { readonly kind: "event"; readonly seq: number; readonly on: string; readonly message: string | null }
  /** Earlier events are skipped; the next one is that after `seq`. */
  | { readonly kind: "reset"; readonly seq: number };

export interface RoomRecord {
  readonly room: string;
  readonly received: readonly ReceivedEntry[];
  /** What the client shows at the end, oldest first, after loading its gaps. */
  readonly view: readonly ShownMessage[];
  /** The number of gaps that could not be loaded. */
  readonly gaps: number;
}

/** A message as the database has it, or as a client shows it. */
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

/** A room in the database. */
export interface RoomSnapshot {
  readonly room: string;
  readonly lastSeq: number;
  readonly log: readonly { readonly seq: number; readonly on: string; readonly message: string | null }[];
  /** By seq. */
  readonly messages: readonly ShownMessage[];
}

/** The rooms of the database, by id. */
export type DatabaseSnapshot = ReadonlyMap<string, RoomSnapshot>;
