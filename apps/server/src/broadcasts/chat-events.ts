import type { Author, LogEvent, MemberState, Room } from "@multichat/protocol";

/**
 * What travels through the layer between the chat's consumers, whatever their protocol. An interface of plain data: JSON
 * in, JSON out. Groups: `room.<id>` (who hears a room), `user.<id>` (a person's connections), `everybody`.
 */
export type ChatEvents = {
  /** To `room.<id>`: an event of the room's log, after its commit. `number` for the classic protocol. */
  "log.event": { event: LogEvent; number: number };
  /** To `room.<id>`: somebody entered or left; `except` is the channel that must not hear it. */
  "member.moved": { room: string; number: number; user: Author; entered: boolean; except: string | null };
  /** To `everybody`: a room was made or changed: each connection looks whether it may still see it. */
  "room.altered": { room: Room };
  /** To `everybody`: a room was deleted. */
  "room.deleted": { id: string; number: number };
  /** To `user.<id>`: name or flags changed. */
  "account.changed": { id: string; username: string; email: string | null; staff: boolean; superuser: boolean };
  /** To `user.<id>`: these sessions are over (null: all but `keep`); `code` is the close code, 4200 or 4201. */
  "session.ended": { session: string | null; keep: string | null; code: number };
  /** To `user.<id>`: the read marker moved on one of the person's devices. */
  "marker.moved": { room: string; state: MemberState };
};
