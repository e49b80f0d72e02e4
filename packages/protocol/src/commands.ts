import type { WireError } from "./errors.ts";
import type { LogEvent } from "./events.ts";
import type {
  Author,
  Ban,
  Found,
  Me,
  Member,
  Message,
  Presence,
  PresenceStatus,
  Role,
  Room,
  RoomListEntry,
} from "./model.ts";

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
  readonly role: Role | null;
  readonly mutedUntil: number | null;
  readonly readSeq: number;
  readonly unread: number;
  readonly mentions: number;
}

export type JoinedRoom = CatchUp & { readonly room: Room; readonly state: MemberState };

/** What each room answers to a resume. `gone`: the room does not exist for this person (any more). */
export type ResumedRoom = JoinedRoom | { readonly gone: true };

/** A message is addressed by its id, in its room. */
export interface MessageAddress {
  readonly room: RoomAddress;
  readonly message: string;
}

/** The client's own name for a change: the same one again, however late it comes, is answered as before and changes nothing. */
export interface Repeatable {
  readonly clientId?: string;
}

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
    carries: {
      readonly room: RoomAddress;
      readonly clientId: string;
      readonly body: string;
      /** The id of the message that this one answers, in the same room. */
      readonly replyTo?: string;
    };
    ok: { readonly seq: number; readonly message: Message };
  };
  /** By its author, within the room's rules. The same body again changes nothing and answers as before. */
  "message.edit": {
    carries: MessageAddress & Repeatable & { readonly body: string };
    ok: { readonly seq: number; readonly message: Message };
  };
  /** By its author or a moderator. Again: answers as before. */
  "message.delete": { carries: MessageAddress & Repeatable; ok: { readonly seq: number } };
  "message.pin": { carries: MessageAddress & Repeatable; ok: { readonly seq: number } };
  "message.unpin": { carries: MessageAddress & Repeatable; ok: { readonly seq: number } };
  /** What the message said before, oldest first, for those who may see it (a setting). */
  "message.history": {
    carries: MessageAddress;
    ok: { readonly versions: readonly { readonly body: string; readonly at: number; readonly by: Author | null }[] };
  };
  "reaction.add": { carries: MessageAddress & Repeatable & { readonly emoji: string }; ok: { readonly seq: number } };
  "reaction.remove": {
    carries: MessageAddress & Repeatable & { readonly emoji: string };
    ok: { readonly seq: number };
  };
  /** The room's pinned messages, newest pin first, at most 50. */
  "pin.list": { carries: { readonly room: RoomAddress }; ok: { readonly messages: readonly Message[] } };
  /** Make a room. The same `clientId` from the same person answers with the same room. */
  "room.create": {
    carries: {
      readonly clientId: string;
      readonly title: string;
      readonly topic?: string;
      readonly staffOnly?: boolean;
      readonly private?: boolean;
    };
    ok: { readonly room: Room };
  };
  /** The direct conversation with a person (by id or username): made at the first time. */
  "direct.open": { carries: { readonly user: string }; ok: { readonly room: Room } };
  /** At most 500 members, by role, then name. */
  "member.list": {
    carries: { readonly room: RoomAddress };
    ok: { readonly members: readonly Member[]; readonly count: number };
  };
  /** Who is banned from the room, for its moderators: at most 500, newest ban first; `count` is of all. */
  "member.bans": {
    carries: { readonly room: RoomAddress };
    ok: { readonly banned: readonly Ban[]; readonly count: number };
  };
  /** Without `user`: become a member of an open room oneself. With it: a moderator brings somebody (by id or username). */
  "member.add": {
    carries: Repeatable & { readonly room: RoomAddress; readonly user?: string; readonly role?: Role };
    ok: { readonly seq: number };
  };
  /** Without `user`: leave. With it: a moderator removes somebody, with `ban` for good; `ban: false` lifts a ban. */
  "member.remove": {
    carries: Repeatable & { readonly room: RoomAddress; readonly user?: string; readonly ban?: boolean };
    ok: { readonly seq: number };
  };
  /** Change somebody's role, or mute them for so many seconds (0: no longer). */
  "member.change": {
    carries: Repeatable & {
      readonly room: RoomAddress;
      readonly user: string;
      readonly role?: Role;
      readonly muteSeconds?: number;
    };
    ok: { readonly seq: number };
  };
  "typing.start": { carries: { readonly room: RoomAddress }; ok: Record<never, never> };
  "typing.stop": { carries: { readonly room: RoomAddress }; ok: Record<never, never> };
  /** How this connection is there; `offline`: invisible. */
  "presence.set": { carries: { readonly status: PresenceStatus; readonly text?: string }; ok: Record<never, never> };
  /** Who of these people (at most 500 ids) is there; of those whom the asker shares a room with. */
  "presence.list": { carries: { readonly users: readonly string[] }; ok: { readonly presences: readonly Presence[] } };
  /** People whose name begins so, at most 20; in a room, those who may read it. For completing @names. */
  "people.find": {
    carries: { readonly query: string; readonly room?: RoomAddress };
    ok: { readonly people: readonly Author[] };
  };
  /** Words, "phrases", prefix*, in:room from:name before:2026-01-31 after:2026-01-01. Newest first. */
  "message.search": {
    carries: { readonly query: string; readonly cursor?: string; readonly limit?: number };
    ok: { readonly found: readonly Found[]; readonly cursor: string | null };
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
