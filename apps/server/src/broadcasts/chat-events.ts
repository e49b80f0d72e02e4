import type { Author, LogEvent, MemberState, Room } from "@multichat/protocol";

/** Plain data with an implicit index signature, which interfaces lack: the shape that a layer carries. */
type Data<T> = T extends object ? { readonly [K in keyof T]: Data<T[K]> } : T;

/**
 * What travels through the layer between the chat's consumers, whatever their protocol. Plain data: JSON in, JSON out.
 * Groups: `room.<id>` (who hears a room), `user.<id>` (a person's connections), `everybody`.
 */
export type ChatEvents = {
  /** To `room.<id>`: an event of the room's log, after its commit. `number` for the classic protocol. */
  "log.event": { event: Data<LogEvent>; number: number };
  /** To `room.<id>`: somebody entered or left; `except` is the channel that must not hear it. */
  "member.moved": { room: string; number: number; user: Data<Author>; entered: boolean; except: string | null };
  /**
   * To `everybody`: a room was made or changed: each connection looks whether it may still see it. `wasStaffOnly` is how
   * it was told before, null when it was not: who could not see it before and cannot now is told nothing. `rights` is for
   * the processes.
   */
  "room.altered": { room: Data<Room>; rights: number; wasStaffOnly: boolean | null };
  /** To one connection that is in the room no more: comes behind what it had heard there before. `gone`: deleted. */
  "room.lost": { room: string; number: number; gone: boolean };
  /** To `everybody`: a room was deleted. */
  "room.deleted": { id: string; wasStaffOnly: boolean };
  /** To `user.<id>`: name or flags changed. */
  "account.changed": { id: string; username: string; email: string | null; staff: boolean; superuser: boolean };
  /** To `user.<id>`: these sessions are over (null: all but `keep`); `code` is the close code, 4200 or 4201. */
  "session.ended": { session: string | null; keep: string | null; code: number };
  /** To `user.<id>`: the read marker moved on one of the person's devices. */
  "marker.moved": { room: string; state: Data<MemberState> };
};
