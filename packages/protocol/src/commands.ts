import type { WireError } from "./errors.ts";
import type { LogEvent } from "./events.ts";
import type { Limits } from "./limits.ts";
import type {
  Author,
  Ban,
  Me,
  Member,
  Message,
  Presence,
  PresenceStatus,
  Role,
  Room,
  RoomListEntry,
  RoomNotifyLevel,
  RoomPreference,
  SearchHit,
} from "./model.ts";

/** How a command addresses a room: by its id or its number. */
export type RoomAddress = string | number;

export interface HistoryPage {
  /** Ordered by `seq`, oldest first. */
  readonly messages: readonly Message[];
  readonly hasBefore: boolean;
  readonly hasAfter: boolean;
}

/** What brings a client up to the room's last `seq`: the events it missed, or the latest page when they are too many. */
export type CatchUp =
  | { readonly reset: false; readonly events: readonly LogEvent[] }
  | { readonly reset: true; readonly page: HistoryPage };

export interface MemberState {
  readonly role: Role | null;
  readonly mutedUntil: number | null;
  readonly readSeq: number;
  /** How often the user has moved the read marker back; missing: never. */
  readonly readRevision?: number;
  readonly unread: number;
  readonly mentions: number;
}

export type JoinedRoom = CatchUp & {
  readonly room: Room;
  readonly state: MemberState;
  /** The users whose connections have joined the room; only with NOTIFY_USERS_ON_ENTER_OR_LEAVE_ROOMS. */
  readonly occupants?: number;
};

/** The result of a resume for one room. `gone`: the room does not exist, or the user can no longer see it. */
export type ResumedRoom = JoinedRoom | { readonly gone: true };

/** How a command addresses a message: by its id, within its room. */
export interface MessageAddress {
  readonly room: RoomAddress;
  readonly message: string;
}

/** `clientId` is the client's idempotency key: a repeat with the same key gets the first answer and changes nothing. */
export interface Idempotent {
  readonly clientId?: string;
}

/** Every command of `multichat.v1`: its parameters, and the `ok` of its reply. */
export interface Commands {
  "room.list": {
    params: Record<never, never>;
    result: {
      readonly rooms: readonly RoomListEntry[];
      readonly me: Me;
      readonly epoch: string;
      /** The limits of this server. Earlier servers leave them out. */
      readonly limits?: Limits;
    };
  };
  /** Subscribes this connection to the room's events. `since`: the last `seq` that the client has. */
  "room.join": { params: { readonly room: RoomAddress; readonly since?: number }; result: JoinedRoom };
  "room.leave": { params: { readonly room: RoomAddress }; result: Record<never, never> };
  /** `clientId` makes the command idempotent: sent again, it gets the first answer and posts nothing. */
  "message.send": {
    params: {
      readonly room: RoomAddress;
      readonly clientId: string;
      /** Can be empty where there are files. */
      readonly body: string;
      /** The id of the message in the same room that this one replies to. */
      readonly replyTo?: string;
      /** Ids of the user's own uploads to this room that are in no message yet, in the order in which they are shown. */
      readonly files?: readonly string[];
    };
    result: { readonly seq: number; readonly message: Message };
  };
  /**
   * For its author. An edit to the same body changes nothing and gets the same answer. With `expectedEditedAt`, an edit of a
   * message whose `editedAt` is another one is refused with MESSAGE_CHANGED, so that no edit of another device is lost.
   */
  "message.edit": {
    params: MessageAddress & Idempotent & { readonly body: string; readonly expectedEditedAt?: number | null };
    result: { readonly seq: number; readonly message: Message };
  };
  /** For its author and the room's moderators. Deleting it again gets the same answer. */
  "message.delete": { params: MessageAddress & Idempotent; result: { readonly seq: number } };
  "message.pin": { params: MessageAddress & Idempotent; result: { readonly seq: number } };
  "message.unpin": { params: MessageAddress & Idempotent; result: { readonly seq: number } };
  /**
   * Earlier versions of the message, oldest first: the latest 100, and fewer where they are longer than 200,000 bytes (UTF-8)
   * together. Who can read them is a setting.
   */
  "message.history": {
    params: MessageAddress;
    result: {
      readonly versions: readonly { readonly body: string; readonly at: number; readonly by: Author | null }[];
    };
  };
  "reaction.add": {
    params: MessageAddress & Idempotent & { readonly emoji: string };
    result: { readonly seq: number };
  };
  "reaction.remove": {
    params: MessageAddress & Idempotent & { readonly emoji: string };
    result: { readonly seq: number };
  };
  /** The room's pinned messages, newest pin first, at most 50. */
  "pin.list": { params: { readonly room: RoomAddress }; result: { readonly messages: readonly Message[] } };
  /** Creates a room. The same `clientId` from the same user returns the same room. */
  "room.create": {
    params: {
      readonly clientId: string;
      readonly title: string;
      readonly topic?: string;
      readonly staffOnly?: boolean;
      readonly private?: boolean;
    };
    result: { readonly room: Room };
  };
  /** Returns the direct conversation with `user` (id or username); creates it when there is none. */
  "direct.open": { params: { readonly user: string }; result: { readonly room: Room } };
  /** At most 500 members, ordered by role, then name; `count` is the total. */
  "member.list": {
    params: { readonly room: RoomAddress };
    result: { readonly members: readonly Member[]; readonly count: number };
  };
  /** For moderators: at most 500 bans, newest first; `count` is the total. */
  "member.bans": {
    params: { readonly room: RoomAddress };
    result: { readonly banned: readonly Ban[]; readonly count: number };
  };
  /** Without `user`: the caller becomes a member of an open room. With it: a moderator adds that user (id or username). */
  "member.add": {
    params: Idempotent & { readonly room: RoomAddress; readonly user?: string; readonly role?: Role };
    result: { readonly seq: number };
  };
  /** Without `user`: the caller leaves. With it: a moderator removes that user; `ban: true` also bans, `ban: false` lifts the ban. */
  "member.remove": {
    params: Idempotent & { readonly room: RoomAddress; readonly user?: string; readonly ban?: boolean };
    result: { readonly seq: number };
  };
  /** Changes a member's role, or mutes the member for `muteSeconds` (0 unmutes). */
  "member.change": {
    params: Idempotent & {
      readonly room: RoomAddress;
      readonly user: string;
      readonly role?: Role;
      readonly muteSeconds?: number;
    };
    result: { readonly seq: number };
  };
  "typing.start": { params: { readonly room: RoomAddress }; result: Record<never, never> };
  "typing.stop": { params: { readonly room: RoomAddress }; result: Record<never, never> };
  /** Sets the presence of this connection; `offline` makes it invisible. */
  "presence.set": { params: { readonly status: PresenceStatus; readonly text?: string }; result: Record<never, never> };
  /** Presence of those users (at most 500 ids) who are online and share a room with the caller. */
  "presence.list": {
    params: { readonly users: readonly string[] };
    result: { readonly presences: readonly Presence[] };
  };
  /** At most 20 users whose name begins with `query`; with `room`, only those who can read it. For completing @mentions. */
  "people.find": {
    params: { readonly query: string; readonly room?: RoomAddress };
    result: { readonly people: readonly Author[] };
  };
  /** Query syntax: words, "phrases", prefix*, in:room from:name before:2026-01-31 after:2026-01-01. Newest first. */
  "message.search": {
    params: { readonly query: string; readonly cursor?: string; readonly limit?: number };
    result: {
      readonly found: readonly SearchHit[];
      readonly cursor: string | null;
      /** Present while some messages are not indexed yet, and cannot be found. */
      readonly behind?: true;
    };
  };
  /** Messages before, after or around a `seq`; the latest when none of them is given. */
  "history.page": {
    params: {
      readonly room: RoomAddress;
      readonly before?: number;
      readonly after?: number;
      readonly around?: number;
      readonly limit?: number;
    };
    result: HistoryPage;
  };
  /**
   * Moves the read marker: forward, or anywhere with a higher revision than the marker has. With a lower one nothing changes; without
   * one it moves forward only. The reply says where the marker is.
   */
  "room.read": {
    params: { readonly room: RoomAddress; readonly seq: number; readonly revision?: number };
    result: MemberState;
  };
  /** What the user has set for the visible rooms; a room that is missing has `default` and no star. */
  "preference.list": { params: Record<never, never>; result: { readonly preferences: readonly RoomPreference[] } };
  /** Changes what is given, on all devices of the user. Wait for the reply before the next change of the room. */
  "preference.set": {
    params: { readonly room: RoomAddress; readonly notify?: RoomNotifyLevel; readonly starred?: boolean };
    result: RoomPreference;
  };
  /** Joins all rooms in one round trip after a reconnect. Keys are room ids, values the last `seq` that the client has. */
  resume: {
    params: { readonly rooms: Readonly<Record<string, number>>; readonly epoch: string };
    result: { readonly rooms: Readonly<Record<string, ResumedRoom>>; readonly epoch: string };
  };
  /** Answered immediately. A browser cannot send ping frames, so this is how it detects a dead connection. */
  ping: { params: Record<never, never>; result: Record<never, never> };
}

export type CommandName = keyof Commands;
export type CommandOf<N extends CommandName> = { readonly id: number; readonly do: N } & CommandParams<N>;
export type Command = { [N in CommandName]: CommandOf<N> }[CommandName];
export type CommandParams<N extends CommandName> = Commands[N]["params"];
export type CommandResult<N extends CommandName> = Commands[N]["result"];

export type CommandReply<N extends CommandName> =
  | { readonly re: number; readonly ok: CommandResult<N> }
  | { readonly re: number; readonly error: WireError };

/** `re` is null in the reply to a command whose id could not be read. */
export type Reply =
  | { readonly re: number; readonly ok: unknown }
  | { readonly re: number | null; readonly error: WireError };
