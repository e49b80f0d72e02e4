import type { Author, LogEvent, MemberState, Presence, Room, RoomPreference } from "@multichat/protocol";

/** Plain data with an implicit index signature, which interfaces lack: the shape that a layer carries. */
type Data<T> = T extends object ? { readonly [K in keyof T]: Data<T[K]> } : T;

/** Who can see a room; never sent to a client. */
export type SerializedAudience = {
  /** Null for an open room. */
  readonly members: readonly string[] | null;
  readonly banned: readonly string[];
};

/**
 * The events that consumers receive through the layer, whatever protocol their clients speak. Each process sends them to its
 * own connections alone; what other processes receive is a hint (`hints.ts`), and they look the rest up. Groups: `room.<id>` (connections that have joined a room), `classic.<id>` (those of the classic protocol), `user.<id>` (a user's connections), `everybody`.
 */
export type ChatEvents = {
  /** To `room.<id>`: a committed event of the room's log. `number` is for the classic protocol. */
  "log.event": { event: Data<LogEvent>; number: number };
  /** To `room.<id>`: several events of the room's log, one after another, such as those of one commit. */
  "log.events": { room: string; events: readonly Data<LogEvent>[]; number: number };
  /** To `classic.<id>`: a user entered or left. `except` is the channel that must not receive it. */
  "occupancy.changed": { room: string; number: number; user: Data<Author>; entered: boolean; except: string | null };
  /**
   * To `room.<id>`, for the chat's own protocol: the number of users in the room, and who entered and left since the last one.
   * Both lists are empty for a large room.
   */
  "occupancy.counted": {
    room: string;
    count: number;
    entered: readonly Data<Author>[];
    exited: readonly Data<Author>[];
  };
  /** To `room.<id>`: a user started or stopped typing. `except` is the channel on which the user types, if it is here. */
  "typing.changed": { room: string; user: Data<Author>; started: boolean; except: string | null };
  /** To `room.<id>`: the presence of a user in the room changed. */
  "presence.changed": { room: string; presence: Data<Presence> };
  /**
   * To `everybody`: a room was created or changed, and each connection checks whether its user can still see it. `previous` is
   * the room as it was last broadcast, or null: users who could see it neither then nor now receive nothing.
   */
  "room.changed": {
    room: Data<Room>;
    audience: SerializedAudience;
    previous: { readonly staffOnly: boolean; readonly open: boolean } | null;
  };
  /**
   * To `user.<id>`: the user's membership of a room changed. `admitted`: the user may see the room, given staff status where
   * the room is staff-only; `wasAdmitted`: likewise before the change. `membership` is null where this process does not know it.
   */
  "membership.changed": {
    room: Data<Room>;
    admitted: boolean;
    wasAdmitted: boolean;
    membership: Data<Pick<MemberState, "role" | "mutedUntil">> | null;
  };
  /**
   * To one connection, sent by that connection itself: the eviction marker. A connection that loses access to a room leaves its
   * group at once, but events of the room may already wait in its mailbox. The marker queues behind them: when it is handled,
   * nothing of the room can follow, and the client is notified that it has lost the room.
   */
  "room.evicted": { room: string; number: number; deleted: boolean };
  /** To `everybody`: a room was deleted. The other fields describe it as it was last broadcast. */
  "room.deleted": { id: string; kind: Room["kind"]; staffOnly: boolean; audience: SerializedAudience };
  /** To `user.<id>`: the account's name, email or flags changed. */
  "account.changed": { id: string; username: string; email: string | null; staff: boolean; superuser: boolean };
  /** To `user.<id>`: a session ended, or all but `keep` where `session` is null. `code` is the close code, 4200 or 4201. */
  "session.ended": { session: string | null; keep: string | null; code: number };
  /** To `user.<id>`: the read marker moved on one of the user's devices. */
  "marker.moved": { room: string; state: Data<MemberState> };
  /** To `user.<id>`: the user set something else for a room on one device. */
  "preference.changed": { preference: Data<RoomPreference> };
};
