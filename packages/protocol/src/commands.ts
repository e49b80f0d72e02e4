import type { WireError } from "./errors.ts";
import type { LogEvent } from "./events.ts";
import type { Me, Message, Room, RoomListEntry } from "./model.ts";

/** A room in a command is addressed by its id or its number. */
export type RoomAddress = string | number;

export interface HistoryPage {
  /** In the order of `seq`, oldest first. */
  readonly messages: readonly Message[];
  readonly hasBefore: boolean;
  readonly hasAfter: boolean;
}

/** How a client that has seen up to some seq gets level with the log: the missed events, or a fresh start. */
export type CatchUp =
  | { readonly reset: false; readonly events: readonly LogEvent[] }
  | { readonly reset: true; readonly page: HistoryPage };

export interface MemberState {
  readonly readSeq: number;
  readonly unread: number;
  readonly mentions: number;
}

export type JoinedRoom = CatchUp & { readonly room: Room; readonly state: MemberState };

/** What each room answers to a resume. `gone`: the room does not exist for this person (any more). */
export type ResumedRoom = JoinedRoom | { readonly gone: true };

/** Every command of `multichat.v1`: what it carries and what its reply's `ok` holds. */
export interface Commands {
  "room.list": {
    carries: Record<never, never>;
    ok: { readonly rooms: readonly RoomListEntry[]; readonly me: Me; readonly epoch: string };
  };
  /** Hear a room on this connection. `since`: the last seq that the client has. */
  "room.join": { carries: { readonly room: RoomAddress; readonly since?: number }; ok: JoinedRoom };
  "room.leave": { carries: { readonly room: RoomAddress }; ok: Record<never, never> };
  /** `clientId`: the client's own name for the message; the same one again is answered as before and posts nothing. */
  "message.send": {
    carries: { readonly room: RoomAddress; readonly clientId: string; readonly body: string };
    ok: { readonly seq: number; readonly message: Message };
  };
  /** Messages before, after or around a seq; without any of these, the latest. */
  "history.page": {
    carries: {
      readonly room: RoomAddress;
      readonly before?: number;
      readonly after?: number;
      readonly around?: number;
      readonly limit?: number;
    };
    ok: HistoryPage;
  };
  /** Moves the read marker forward (never back). */
  "room.read": { carries: { readonly room: RoomAddress; readonly seq: number }; ok: MemberState };
  /** After a reconnect, all rooms in one round trip; joins each of them. Keys are room ids, values the last seq seen. */
  resume: {
    carries: { readonly rooms: Readonly<Record<string, number>>; readonly epoch: string };
    ok: { readonly rooms: Readonly<Record<string, ResumedRoom>>; readonly epoch: string };
  };
  /** Answers at once: how a browser, which cannot send a ping frame, finds out that the server is gone. */
  ping: { carries: Record<never, never>; ok: Record<never, never> };
}

export type CommandName = keyof Commands;
export type CommandOf<N extends CommandName> = { readonly id: number; readonly do: N } & Commands[N]["carries"];
export type Command = { [N in CommandName]: CommandOf<N> }[CommandName];
export type OkOf<N extends CommandName> = Commands[N]["ok"];

export type ReplyOf<N extends CommandName> =
  | { readonly re: number; readonly ok: OkOf<N> }
  | { readonly re: number; readonly error: WireError };

/** A reply to a command whose id could not be read carries `re: null`. */
export type Reply =
  | { readonly re: number; readonly ok: unknown }
  | { readonly re: number | null; readonly error: WireError };
