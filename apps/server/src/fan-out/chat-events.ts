import type { Author, LogEvent, MemberState, Presence, Role, Room } from "@multichat/protocol";

/** Plain data with an implicit index signature, which interfaces lack: the shape that a layer carries. */
type Data<T> = T extends object ? { readonly [K in keyof T]: Data<T[K]> } : T;

/** For whom a room exists, as it travels between processes; never told to a client. */
export type SerializedAudience = {
  /** null: not a matter of membership. */
  readonly members: readonly string[] | null;
  readonly banned: readonly string[];
};

/** Everything that a process keeps of a room in memory. */
export type SerializedRoom = {
  readonly room: Data<Room>;
  readonly rights: number;
  readonly audience: SerializedAudience;
  readonly roles: readonly (readonly [user: string, role: Role])[];
  readonly muted: readonly (readonly [user: string, until: number])[];
};

/**
 * What travels through the layer between the chat's consumers, whatever their protocol. Plain data: JSON in, JSON out.
 * Groups: `room.<id>` (who hears a room), `user.<id>` (a person's connections), `everybody`.
 */
export type ChatEvents = {
  /** To `room.<id>`: an event of the room's log, after its commit. `number` for the classic protocol. */
  "log.event": { event: Data<LogEvent>; number: number };
  /** To those of `room.<id>` in this process: one that the layer did not bring in time; it may bring it yet. */
  "log.replayed": { event: Data<LogEvent>; number: number };
  /** To `room.<id>`: somebody entered or left; `except` is the channel that must not hear it. */
  "occupancy.changed": { room: string; number: number; user: Data<Author>; entered: boolean; except: string | null };
  /** To `room.<id>`: somebody writes, or does so no more; `except` is the typist's own channel. */
  "typing.changed": { room: string; user: Data<Author>; started: boolean; except: string };
  /** To `room.<id>`: somebody who is in the room is there, or otherwise there. */
  "presence.changed": { presence: Data<Presence> };
  /**
   * To `everybody`: a room was made or changed: each connection looks whether it may still see it. `was` is how it was told
   * before, null when it was not: who could not see it before and cannot now is told nothing.
   */
  "room.changed": SerializedRoom & { was: { readonly staffOnly: boolean; readonly open: boolean } | null };
  /**
   * To `user.<id>`: what the person is in a room has changed. `admitted`: the room exists for them, if they are staff or it is
   * not for staff alone; `wasAdmitted`: before. `membership` null: not known here.
   */
  "membership.changed": {
    room: Data<Room>;
    admitted: boolean;
    wasAdmitted: boolean;
    membership: Data<Pick<MemberState, "role" | "mutedUntil">> | null;
  };
  /** To one connection that is in the room no more: comes behind what it had heard there before. `gone`: deleted. */
  "room.evicted": { room: string; number: number; gone: boolean };
  /** To `everybody`: a room was deleted; the rest is how it was told before. */
  "room.deleted": { id: string; kind: Room["kind"]; staffOnly: boolean; audience: SerializedAudience };
  /** To `user.<id>`: name or flags changed. */
  "account.changed": { id: string; username: string; email: string | null; staff: boolean; superuser: boolean };
  /** To `user.<id>`: these sessions are over (null: all but `keep`); `code` is the close code, 4200 or 4201. */
  "session.ended": { session: string | null; keep: string | null; code: number };
  /** To `user.<id>`: the read marker moved on one of the person's devices. */
  "marker.moved": { room: string; state: Data<MemberState> };
};

/** What servers tell each other beside their connections; group: `processes`. */
export type ProcessEvents = {
  /** What somebody is in a room has changed. */
  "room.refreshed": SerializedRoom;
};
