import { z } from "zod";
interface Room {
  readonly id: string;
  readonly number: number;
  readonly title: string;
  readonly topic: string;
  readonly kind: RoomKind;
  readonly staffOnly: boolean;
  readonly archived: boolean;
  readonly slowModeSeconds: number;
  readonly people: readonly RoomPerson[];
  readonly lastSeq: number;
  readonly createdAt: number;
}
declare const ROOM_KINDS: readonly ["open", "private", "direct"];
type RoomKind = (typeof ROOM_KINDS)[number];
declare const ROLES: readonly ["member", "moderator", "owner"];
type Role = (typeof ROLES)[number];
interface Member {
  readonly user: Author;
  readonly role: Role;
  readonly since: number;
  readonly mutedUntil: number | null;
}
interface Ban {
  readonly user: Author;
  readonly by: Author | null;
  readonly at: number;
}
interface RoomPerson extends Author {
  readonly deactivated?: true;
}
interface RoomListEntry extends Room {
  readonly role: Role | null;
  readonly mutedUntil: number | null;
  readonly unread: number;
  readonly mentions: number;
}
interface Author {
  readonly id: string;
  readonly username: string;
}
declare const MESSAGE_KINDS: readonly ["message", "warning", "alert", "muted"];
type MessageKind = (typeof MESSAGE_KINDS)[number];
interface Message {
  readonly id: string;
  readonly room: string;
  readonly seq: number;
  readonly kind: MessageKind;
  readonly author: Author | null;
  readonly clientId: string;
  readonly body: string;
  readonly createdAt: number;
  readonly editedAt: number | null;
  readonly deletedAt: number | null;
  readonly replyTo: QuotedMessage | null;
  readonly mentions: readonly string[];
  readonly mentionNames: readonly string[];
  readonly mentionsAll: boolean;
  readonly reactions: readonly Reaction[];
  readonly pinned: boolean;
  readonly files?: readonly MessageFile[];
}
interface MessageFile {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly bytes: number;
  readonly width?: number;
  readonly height?: number;
}
interface QuotedMessage {
  readonly id: string;
  readonly seq: number;
  readonly author: Author | null;
  readonly excerpt: string;
}
interface Reaction {
  readonly emoji: string;
  readonly users: readonly string[];
  readonly count: number;
  readonly mine: boolean;
}
declare const PRESENCE_STATUSES: readonly ["online", "away", "busy", "offline"];
type PresenceStatus = (typeof PRESENCE_STATUSES)[number];
interface Presence {
  readonly user: string;
  readonly status: PresenceStatus;
  readonly text: string;
}
interface SearchHit {
  readonly message: Message;
  readonly room: Pick<Room, "id" | "number" | "title">;
}
interface Me {
  readonly id: string;
  readonly username: string;
  readonly email: string | null;
  readonly staff: boolean;
  readonly superuser: boolean;
  readonly passwordChangeRequired?: boolean | undefined;
}
declare const ROOM_NOTIFY_LEVELS: readonly ["default", "everything", "mentions", "nothing"];
type RoomNotifyLevel = (typeof ROOM_NOTIFY_LEVELS)[number];
interface RoomPreference {
  readonly room: string;
  readonly notify: RoomNotifyLevel;
  readonly starred: boolean;
}
type LogEvent = {
  readonly on: "message.posted";
  readonly room: string;
  readonly seq: number;
  readonly message: Message;
} | {
  readonly on: "room.created";
  readonly room: string;
  readonly seq: number;
  readonly by: Author | null;
} | {
  readonly on: "room.changed";
  readonly room: string;
  readonly seq: number;
  readonly by: Author | null; /** Only the properties that changed. */
  readonly changes: RoomPatch;
} | {
  readonly on: "message.edited";
  readonly room: string;
  readonly seq: number; /** The current message; its own `seq` stays that of its posting. */
  readonly message: Message;
  readonly by: Author | null;
} | {
  readonly on: "message.deleted";
  readonly room: string;
  readonly seq: number;
  readonly message: string;
  readonly deletedAt: number;
  readonly by: Author | null;
} | {
  readonly on: "reaction.added" | "reaction.removed";
  readonly room: string;
  readonly seq: number;
  readonly message: string;
  readonly emoji: string;
  readonly user: Author; /** The current number of reactions with this emoji; it can exceed the number of `users` that a message lists. */
  readonly count: number;
} | {
  readonly on: "message.pinned" | "message.unpinned";
  readonly room: string;
  readonly seq: number;
  readonly message: string;
  readonly by: Author | null;
} | {
  readonly banned: boolean;
  readonly by: Author | null;
} | {
  readonly on: "member.changed";
  readonly room: string;
  readonly seq: number;
  readonly user: Author;
  readonly role: Role;
  readonly mutedUntil: number | null;
  readonly by: Author | null;
};
interface RoomPatch {
  readonly title?: string;
  readonly topic?: string;
  readonly staffOnly?: boolean;
  readonly archived?: boolean;
  readonly kind?: Exclude<RoomKind, "direct">;
  readonly slowModeSeconds?: number;
}
declare const LIMITS: {
  readonly frameBytes: 65536; /** Sustained commands per second on one connection; bursts may be twice as large. */
  readonly commandsPerSecond: 50; /** Open connections of one account. */
  readonly connectionsPerUser: 20; /** Rooms that one connection can have joined at the same time. */
  readonly roomsPerConnection: 200; /** Messages in one page of history. */
  readonly historyPage: 100; /** Events that a join or resume replays for one room; with more, the answer is a `reset`. */
  readonly resumeEvents: 500; /** Characters of a room's title. */
  readonly roomTitleChars: 80; /** Characters of a room's topic. */
  readonly roomTopicChars: 250; /** Distinct emoji on one message. */
  readonly reactionsPerMessage: 20; /** Characters of an emoji (a family of five with skin tones has 15). */
  readonly emojiChars: 24; /** Pinned messages of a room. */
  readonly pinsPerRoom: 50; /** Bytes of one uploaded file; 0 where the server takes no files. */
  readonly fileBytes: 104857600; /** Files of one message. */
  readonly filesPerMessage: 10; /** Characters (code points) of a file's name. */
  readonly fileNameChars: 200; /** Entries in a list of members or bans. */
  readonly peopleListed: 500; /** Characters of a search query. */
  readonly searchChars: 200; /** Search results in one answer. */
  readonly searchPage: 50; /** Characters of a status text. */
  readonly presenceTextChars: 80; /** Maximum of a room's slow mode interval, in seconds. */
  readonly slowModeMaxSeconds: 3600; /** Characters of a username. */
  readonly usernameChars: 32; /** Minimum characters of a password. */
  readonly passwordMinChars: 8; /** Maximum characters of a password; bounds the work of argon2. */
  readonly passwordMaxChars: 200;
};
type Limits = { readonly [name in keyof typeof LIMITS]: number };
type RoomAddress = string | number;
interface HistoryPage {
  readonly messages: readonly Message[];
  readonly hasBefore: boolean;
  readonly hasAfter: boolean;
}
type CatchUp = {
  readonly reset: false;
  readonly events: readonly LogEvent[];
} | {
  readonly reset: true;
  readonly page: HistoryPage;
};
interface MemberState {
  readonly role: Role | null;
  readonly mutedUntil: number | null;
  readonly readSeq: number;
  readonly readRevision?: number;
  readonly unread: number;
  readonly mentions: number;
}
type JoinedRoom = CatchUp & {
  readonly room: Room;
  readonly state: MemberState; /** The users whose connections have joined the room; only with NOTIFY_USERS_ON_ENTER_OR_LEAVE_ROOMS. */
  readonly occupants?: number;
};
type ResumedRoom = JoinedRoom | {
  readonly gone: true;
};
interface MessageAddress {
  readonly room: RoomAddress;
  readonly message: string;
}
interface Idempotent {
  readonly clientId?: string;
}
interface Commands {
  "room.list": {
    params: Record<never, never>;
    result: {
      readonly rooms: readonly RoomListEntry[];
      readonly me: Me;
      readonly epoch: string; /** The limits of this server. Earlier servers leave them out. */
      readonly limits?: Limits;
    };
  };
  "room.join": {
    params: {
      readonly room: RoomAddress;
      readonly since?: number;
    };
    result: JoinedRoom;
  };
  "room.leave": {
    params: {
      readonly room: RoomAddress;
    };
    result: Record<never, never>;
  };
  "message.send": {
    params: {
      readonly room: RoomAddress;
      readonly clientId: string; /** Can be empty where there are files. */
      readonly body: string; /** The id of the message in the same room that this one replies to. */
      readonly replyTo?: string; /** Ids of the user's own uploads to this room that are in no message yet, in the order in which they are shown. */
      readonly files?: readonly string[];
    };
    result: {
      readonly seq: number;
      readonly message: Message;
    };
  };
  "message.edit": {
    params: MessageAddress & Idempotent & {
      readonly body: string;
      readonly expectedEditedAt?: number | null;
    };
    result: {
      readonly seq: number;
      readonly message: Message;
    };
  };
  "message.delete": {
    params: MessageAddress & Idempotent;
    result: {
      readonly seq: number;
    };
  };
  "message.pin": {
    params: MessageAddress & Idempotent;
    result: {
      readonly seq: number;
    };
  };
  "message.unpin": {
    params: MessageAddress & Idempotent;
    result: {
      readonly seq: number;
    };
  };
  "message.history": {
    params: MessageAddress;
    result: {
      readonly versions: readonly {
        readonly body: string;
        readonly at: number;
        readonly by: Author | null;
      }[];
    };
  };
  "reaction.add": {
    params: MessageAddress & Idempotent & {
      readonly emoji: string;
    };
    result: {
      readonly seq: number;
    };
  };
  "reaction.remove": {
    params: MessageAddress & Idempotent & {
      readonly emoji: string;
    };
    result: {
      readonly seq: number;
    };
  };
  "pin.list": {
    params: {
      readonly room: RoomAddress;
    };
    result: {
      readonly messages: readonly Message[];
    };
  };
  "room.create": {
    params: {
      readonly clientId: string;
      readonly title: string;
      readonly topic?: string;
      readonly staffOnly?: boolean;
      readonly private?: boolean;
    };
    result: {
      readonly room: Room;
    };
  };
  "direct.open": {
    params: {
      readonly user: string;
    };
    result: {
      readonly room: Room;
    };
  };
  "member.list": {
    params: {
      readonly room: RoomAddress;
    };
    result: {
      readonly members: readonly Member[];
      readonly count: number;
    };
  };
  "member.bans": {
    params: {
      readonly room: RoomAddress;
    };
    result: {
      readonly banned: readonly Ban[];
      readonly count: number;
    };
  };
  "member.add": {
    params: Idempotent & {
      readonly room: RoomAddress;
      readonly user?: string;
      readonly role?: Role;
    };
    result: {
      readonly seq: number;
    };
  };
  "member.remove": {
    params: Idempotent & {
      readonly room: RoomAddress;
      readonly user?: string;
      readonly ban?: boolean;
    };
    result: {
      readonly seq: number;
    };
  };
  "member.change": {
    params: Idempotent & {
      readonly room: RoomAddress;
      readonly user: string;
      readonly role?: Role;
      readonly muteSeconds?: number;
    };
    result: {
      readonly seq: number;
    };
  };
  "typing.start": {
    params: {
      readonly room: RoomAddress;
    };
    result: Record<never, never>;
  };
  "typing.stop": {
    params: {
      readonly room: RoomAddress;
    };
    result: Record<never, never>;
  };
  "presence.set": {
    params: {
      readonly status: PresenceStatus;
      readonly text?: string;
    };
    result: Record<never, never>;
  };
  "presence.list": {
    params: {
      readonly users: readonly string[];
    };
    result: {
      readonly presences: readonly Presence[];
    };
  };
  "people.find": {
    params: {
      readonly query: string;
      readonly room?: RoomAddress;
    };
    result: {
      readonly people: readonly Author[];
    };
  };
  "message.search": {
    params: {
      readonly query: string;
      readonly cursor?: string;
      readonly limit?: number;
    };
    result: {
      readonly found: readonly SearchHit[];
      readonly cursor: string | null; /** Present while some messages are not indexed yet, and cannot be found. */
      readonly behind?: true;
    };
  };
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
  "room.read": {
    params: {
      readonly room: RoomAddress;
      readonly seq: number;
      readonly revision?: number;
    };
    result: MemberState;
  };
  "preference.list": {
    params: Record<never, never>;
    result: {
      readonly preferences: readonly RoomPreference[];
    };
  };
  "preference.set": {
    params: {
      readonly room: RoomAddress;
      readonly notify?: RoomNotifyLevel;
      readonly starred?: boolean;
    };
    result: RoomPreference;
  };
  resume: {
    params: {
      readonly rooms: Readonly<Record<string, number>>;
      readonly epoch: string;
    };
    result: {
      readonly rooms: Readonly<Record<string, ResumedRoom>>;
      readonly epoch: string;
    };
  };
  ping: {
    params: Record<never, never>;
    result: Record<never, never>;
  };
}
type CommandName = keyof Commands;
type CommandOf<N extends CommandName> = {
  readonly id: number;
  readonly do: N;
} & CommandParams<N>;
type CommandParams<N extends CommandName> = Commands[N]["params"];
declare const wholeNumber: (min: number, max?: number) => z.ZodPipe<z.ZodString, z.ZodCoercedNumber<string>>;
declare function makeSchemas(limits?: Limits): {
  commands: {
    "room.list": z.ZodObject<{
      id: z.ZodInt;
      do: z.ZodLiteral<"room.list">;
    }, z.core.$strip>;
    "room.join": z.ZodObject<{
      id: z.ZodInt;
      do: z.ZodLiteral<"room.join">;
      room: z.ZodUnion<readonly [z.ZodInt, z.ZodString]>;
      since: z.ZodOptional<z.ZodInt>;
    }, z.core.$strip>;
    "room.leave": z.ZodObject<{
      id: z.ZodInt;
      do: z.ZodLiteral<"room.leave">;
      room: z.ZodUnion<readonly [z.ZodInt, z.ZodString]>;
    }, z.core.$strip>;
    "message.send": z.ZodObject<{
      id: z.ZodInt;
      do: z.ZodLiteral<"message.send">;
      room: z.ZodUnion<readonly [z.ZodInt, z.ZodString]>;
      clientId: z.ZodString;
      body: z.ZodString;
      replyTo: z.ZodOptional<z.ZodString>;
      files: z.ZodOptional<z.ZodArray<z.ZodString>>;
    }, z.core.$strip>;
    "message.edit": z.ZodObject<{
      id: z.ZodInt;
      do: z.ZodLiteral<"message.edit">;
      room: z.ZodUnion<readonly [z.ZodInt, z.ZodString]>;
      message: z.ZodString;
      clientId: z.ZodOptional<z.ZodString>;
      body: z.ZodString;
      expectedEditedAt: z.ZodOptional<z.ZodNullable<z.ZodInt>>;
    }, z.core.$strip>;
    "message.delete": z.ZodObject<{
      id: z.ZodInt;
      do: z.ZodLiteral<"message.delete">;
      room: z.ZodUnion<readonly [z.ZodInt, z.ZodString]>;
      message: z.ZodString;
      clientId: z.ZodOptional<z.ZodString>;
    }, z.core.$strip>;
    "message.pin": z.ZodObject<{
      id: z.ZodInt;
      do: z.ZodLiteral<"message.pin">;
      room: z.ZodUnion<readonly [z.ZodInt, z.ZodString]>;
      message: z.ZodString;
      clientId: z.ZodOptional<z.ZodString>;
    }, z.core.$strip>;
    "message.unpin": z.ZodObject<{
      id: z.ZodInt;
      do: z.ZodLiteral<"message.unpin">;
      room: z.ZodUnion<readonly [z.ZodInt, z.ZodString]>;
      message: z.ZodString;
      clientId: z.ZodOptional<z.ZodString>;
    }, z.core.$strip>;
    "message.history": z.ZodObject<{
      id: z.ZodInt;
      do: z.ZodLiteral<"message.history">;
      room: z.ZodUnion<readonly [z.ZodInt, z.ZodString]>;
      message: z.ZodString;
    }, z.core.$strip>;
    "reaction.add": z.ZodObject<{
      id: z.ZodInt;
      do: z.ZodLiteral<"reaction.add">;
      room: z.ZodUnion<readonly [z.ZodInt, z.ZodString]>;
      message: z.ZodString;
      clientId: z.ZodOptional<z.ZodString>;
      emoji: z.ZodPipe<z.ZodString, z.ZodTransform<string, string>>;
    }, z.core.$strip>;
    "reaction.remove": z.ZodObject<{
      id: z.ZodInt;
      do: z.ZodLiteral<"reaction.remove">;
      room: z.ZodUnion<readonly [z.ZodInt, z.ZodString]>;
      message: z.ZodString;
      clientId: z.ZodOptional<z.ZodString>;
      emoji: z.ZodPipe<z.ZodString, z.ZodTransform<string, string>>;
    }, z.core.$strip>;
    "pin.list": z.ZodObject<{
      id: z.ZodInt;
      do: z.ZodLiteral<"pin.list">;
      room: z.ZodUnion<readonly [z.ZodInt, z.ZodString]>;
    }, z.core.$strip>;
    "room.create": z.ZodObject<{
      id: z.ZodInt;
      do: z.ZodLiteral<"room.create">;
      clientId: z.ZodString;
      title: z.ZodPipe<z.ZodString, z.ZodTransform<string, string>>;
      topic: z.ZodOptional<z.ZodPipe<z.ZodString, z.ZodTransform<string, string>>>;
      staffOnly: z.ZodOptional<z.ZodBoolean>;
    }, z.core.$strip>;
    "direct.open": z.ZodObject<{
      id: z.ZodInt;
      do: z.ZodLiteral<"direct.open">;
      user: z.ZodString;
    }, z.core.$strip>;
    "member.list": z.ZodObject<{
      id: z.ZodInt;
      do: z.ZodLiteral<"member.list">;
      room: z.ZodUnion<readonly [z.ZodInt, z.ZodString]>;
    }, z.core.$strip>;
    "member.bans": z.ZodObject<{
      id: z.ZodInt;
      do: z.ZodLiteral<"member.bans">;
      room: z.ZodUnion<readonly [z.ZodInt, z.ZodString]>;
    }, z.core.$strip>;
    "member.add": z.ZodObject<{
      clientId: z.ZodOptional<z.ZodString>;
      id: z.ZodInt;
      do: z.ZodLiteral<"member.add">;
      room: z.ZodUnion<readonly [z.ZodInt, z.ZodString]>;
      user: z.ZodOptional<z.ZodString>;
      role: z.ZodOptional<z.ZodEnum<{
        member: "member";
        moderator: "moderator";
        owner: "owner";
      }>>;
    }, z.core.$strip>;
    "member.remove": z.ZodObject<{
      clientId: z.ZodOptional<z.ZodString>;
      id: z.ZodInt;
      do: z.ZodLiteral<"member.remove">;
      room: z.ZodUnion<readonly [z.ZodInt, z.ZodString]>;
      user: z.ZodOptional<z.ZodString>;
      ban: z.ZodOptional<z.ZodBoolean>;
    }, z.core.$strip>;
    "member.change": z.ZodObject<{
      clientId: z.ZodOptional<z.ZodString>;
      id: z.ZodInt;
      do: z.ZodLiteral<"member.change">;
      room: z.ZodUnion<readonly [z.ZodInt, z.ZodString]>;
      user: z.ZodString;
      role: z.ZodOptional<z.ZodEnum<{
        member: "member";
        moderator: "moderator";
        owner: "owner";
      }>>;
      muteSeconds: z.ZodOptional<z.ZodInt>;
    }, z.core.$strip>;
    "typing.start": z.ZodObject<{
      id: z.ZodInt;
      do: z.ZodLiteral<"typing.start">;
      room: z.ZodUnion<readonly [z.ZodInt, z.ZodString]>;
    }, z.core.$strip>;
    "typing.stop": z.ZodObject<{
      id: z.ZodInt;
      do: z.ZodLiteral<"typing.stop">;
      room: z.ZodUnion<readonly [z.ZodInt, z.ZodString]>;
    }, z.core.$strip>;
    "presence.set": z.ZodObject<{
      id: z.ZodInt;
      do: z.ZodLiteral<"presence.set">;
      status: z.ZodEnum<{
        away: "away";
        busy: "busy";
        offline: "offline";
        online: "online";
      }>;
      text: z.ZodOptional<z.ZodPipe<z.ZodString, z.ZodTransform<string, string>>>;
    }, z.core.$strip>;
    "presence.list": z.ZodObject<{
      id: z.ZodInt;
      do: z.ZodLiteral<"presence.list">;
      users: z.ZodArray<z.ZodString>;
    }, z.core.$strip>;
    "people.find": z.ZodObject<{
      id: z.ZodInt;
      do: z.ZodLiteral<"people.find">;
      query: z.ZodString;
      room: z.ZodOptional<z.ZodUnion<readonly [z.ZodInt, z.ZodString]>>;
    }, z.core.$strip>;
    "message.search": z.ZodObject<{
      id: z.ZodInt;
      do: z.ZodLiteral<"message.search">;
      query: z.ZodPipe<z.ZodString, z.ZodTransform<string, string>>;
      cursor: z.ZodOptional<z.ZodString>;
      limit: z.ZodOptional<z.ZodInt>;
    }, z.core.$strip>;
    "history.page": z.ZodObject<{
      id: z.ZodInt;
      do: z.ZodLiteral<"history.page">;
      room: z.ZodUnion<readonly [z.ZodInt, z.ZodString]>;
      before: z.ZodOptional<z.ZodInt>;
      after: z.ZodOptional<z.ZodInt>;
      around: z.ZodOptional<z.ZodInt>;
      limit: z.ZodOptional<z.ZodInt>;
    }, z.core.$strip>;
    "room.read": z.ZodObject<{
      id: z.ZodInt;
      do: z.ZodLiteral<"room.read">;
      room: z.ZodUnion<readonly [z.ZodInt, z.ZodString]>;
      seq: z.ZodInt;
      revision: z.ZodOptional<z.ZodInt>;
    }, z.core.$strip>;
    "preference.list": z.ZodObject<{
      id: z.ZodInt;
      do: z.ZodLiteral<"preference.list">;
    }, z.core.$strip>;
    "preference.set": z.ZodObject<{
      id: z.ZodInt;
      do: z.ZodLiteral<"preference.set">;
      room: z.ZodUnion<readonly [z.ZodInt, z.ZodString]>;
      notify: z.ZodOptional<z.ZodEnum<{
        default: "default";
        everything: "everything";
        mentions: "mentions";
        nothing: "nothing";
      }>>;
      starred: z.ZodOptional<z.ZodBoolean>;
    }, z.core.$strip>;
    resume: z.ZodObject<{
      id: z.ZodInt;
      do: z.ZodLiteral<"resume">;
      rooms: z.ZodRecord<z.ZodString, z.ZodInt>;
      epoch: z.ZodString;
    }, z.core.$strip>;
    ping: z.ZodObject<{
      id: z.ZodInt;
      do: z.ZodLiteral<"ping">;
    }, z.core.$strip>;
  };
  http: {
    signIn: z.ZodObject<{
      username: z.ZodString;
      password: z.ZodString;
    }, z.core.$strip>;
    changePassword: z.ZodObject<{
      currentPassword: z.ZodString;
      newPassword: z.ZodString;
    }, z.core.$strip>;
    confirmPassword: z.ZodObject<{
      password: z.ZodString;
    }, z.core.$strip>;
    createRoom: z.ZodObject<{
      title: z.ZodPipe<z.ZodString, z.ZodTransform<string, string>>;
      topic: z.ZodOptional<z.ZodPipe<z.ZodString, z.ZodTransform<string, string>>>;
      staffOnly: z.ZodOptional<z.ZodBoolean>;
      clientId: z.ZodOptional<z.ZodString>;
    }, z.core.$strip>;
    changeRoom: z.ZodObject<{
      title: z.ZodOptional<z.ZodPipe<z.ZodString, z.ZodTransform<string, string>>>;
      topic: z.ZodOptional<z.ZodPipe<z.ZodString, z.ZodTransform<string, string>>>;
      staffOnly: z.ZodOptional<z.ZodBoolean>;
      archived: z.ZodOptional<z.ZodBoolean>;
      kind: z.ZodOptional<z.ZodEnum<{
        open: "open";
      }>>;
      slowModeSeconds: z.ZodOptional<z.ZodInt>;
    }, z.core.$strip>;
    moveReadMarker: z.ZodObject<{
      seq: z.ZodInt;
      revision: z.ZodOptional<z.ZodInt>;
    }, z.core.$strip>;
    postMessage: z.ZodObject<{
      clientId: z.ZodString;
      body: z.ZodString;
      replyTo: z.ZodOptional<z.ZodString>;
      files: z.ZodOptional<z.ZodArray<z.ZodString>>;
    }, z.core.$strip>;
    uploadQuery: z.ZodObject<{
      name: z.ZodPipe<z.ZodString, z.ZodTransform<string, string>>;
      clientId: z.ZodString;
    }, z.core.$strict>;
    downloadQuery: z.ZodObject<{
      download: z.ZodOptional<z.ZodLiteral<"" | "1" | "true">>;
    }, z.core.$strict>;
    postNotice: z.ZodObject<{
      kind: z.ZodEnum<{
        alert: "alert";
        muted: "muted";
        warning: "warning";
      }>;
      text: z.ZodString;
      clientId: z.ZodOptional<z.ZodString>;
    }, z.core.$strip>;
    editMessage: z.ZodObject<{
      body: z.ZodString;
      expectedEditedAt: z.ZodOptional<z.ZodNullable<z.ZodInt>>;
    }, z.core.$strip>;
    addMember: z.ZodObject<{
      user: z.ZodOptional<z.ZodString>;
      role: z.ZodOptional<z.ZodEnum<{
        member: "member";
        moderator: "moderator";
        owner: "owner";
      }>>;
    }, z.core.$strip>;
    changeMember: z.ZodObject<{
      role: z.ZodOptional<z.ZodEnum<{
        member: "member";
        moderator: "moderator";
        owner: "owner";
      }>>;
      muteSeconds: z.ZodOptional<z.ZodInt>;
    }, z.core.$strip>;
    removeMemberQuery: z.ZodObject<{
      ban: z.ZodOptional<z.ZodCodec<z.ZodString, z.ZodBoolean>>;
    }, z.core.$strict>;
    openDirect: z.ZodObject<{
      user: z.ZodString;
    }, z.core.$strip>;
    searchQuery: z.ZodObject<{
      query: z.ZodPipe<z.ZodString, z.ZodTransform<string, string>>;
      cursor: z.ZodOptional<z.ZodString>;
      limit: z.ZodOptional<z.ZodPipe<z.ZodString, z.ZodCoercedNumber<string>>>;
    }, z.core.$strict>;
    messagesQuery: z.ZodObject<{
      before: z.ZodOptional<z.ZodPipe<z.ZodString, z.ZodCoercedNumber<string>>>;
      after: z.ZodOptional<z.ZodPipe<z.ZodString, z.ZodCoercedNumber<string>>>;
      around: z.ZodOptional<z.ZodPipe<z.ZodString, z.ZodCoercedNumber<string>>>;
      limit: z.ZodOptional<z.ZodPipe<z.ZodString, z.ZodCoercedNumber<string>>>;
    }, z.core.$strict>;
    createPerson: z.ZodObject<{
      username: z.ZodPipe<z.ZodString, z.ZodTransform<string, string>>;
      password: z.ZodString;
      email: z.ZodOptional<z.ZodEmail>;
      staff: z.ZodOptional<z.ZodBoolean>;
      superuser: z.ZodOptional<z.ZodBoolean>;
      passwordChangeRequired: z.ZodOptional<z.ZodBoolean>;
    }, z.core.$strip>;
    changePerson: z.ZodObject<{
      username: z.ZodOptional<z.ZodPipe<z.ZodString, z.ZodTransform<string, string>>>;
      staff: z.ZodOptional<z.ZodBoolean>;
      superuser: z.ZodOptional<z.ZodBoolean>;
      active: z.ZodOptional<z.ZodBoolean>;
      password: z.ZodOptional<z.ZodString>;
      passwordChangeRequired: z.ZodOptional<z.ZodBoolean>;
    }, z.core.$strip>;
    createInvitation: z.ZodObject<{
      maxUses: z.ZodOptional<z.ZodNullable<z.ZodInt>>;
      expiresInSeconds: z.ZodOptional<z.ZodNullable<z.ZodInt>>;
      staff: z.ZodOptional<z.ZodBoolean>;
      rooms: z.ZodOptional<z.ZodArray<z.ZodUnion<readonly [z.ZodInt, z.ZodString]>>>;
    }, z.core.$strip>;
    linkToken: z.ZodObject<{
      token: z.ZodString;
    }, z.core.$strip>;
    acceptInvitation: z.ZodObject<{
      token: z.ZodString;
      username: z.ZodPipe<z.ZodString, z.ZodTransform<string, string>>;
      password: z.ZodString;
      email: z.ZodOptional<z.ZodEmail>;
    }, z.core.$strip>;
    resetPassword: z.ZodObject<{
      token: z.ZodString;
      password: z.ZodString;
    }, z.core.$strip>;
    setupToken: z.ZodObject<{
      token: z.ZodString;
    }, z.core.$strip>;
    setup: z.ZodObject<{
      token: z.ZodString;
      username: z.ZodPipe<z.ZodString, z.ZodTransform<string, string>>;
      password: z.ZodString;
      email: z.ZodOptional<z.ZodEmail>;
      room: z.ZodPipe<z.ZodString, z.ZodTransform<string, string>>;
    }, z.core.$strip>;
    settings: z.ZodObject<{
      roomCreators: z.ZodOptional<z.ZodEnum<{
        everybody: "everybody";
        staff: "staff";
      }>>;
      allMentioners: z.ZodOptional<z.ZodEnum<{
        everybody: "everybody";
        moderators: "moderators";
        staff: "staff";
      }>>;
      historyReaders: z.ZodOptional<z.ZodEnum<{
        everybody: "everybody";
        nobody: "nobody";
        staff: "staff";
      }>>;
    }, z.core.$strip>;
  };
  work: {
    "notice.post": z.ZodObject<{
      room: z.ZodUnion<readonly [z.ZodInt, z.ZodString]>;
      kind: z.ZodEnum<{
        alert: "alert";
        muted: "muted";
        warning: "warning";
      }>;
      text: z.ZodString;
      id: z.ZodString;
    }, z.core.$strip>;
  };
  fields: {
    title: z.ZodPipe<z.ZodString, z.ZodTransform<string, string>>;
    topic: z.ZodPipe<z.ZodString, z.ZodTransform<string, string>>;
    username: z.ZodPipe<z.ZodString, z.ZodTransform<string, string>>;
    password: z.ZodString;
    email: z.ZodEmail;
    body: z.ZodString;
    clientId: z.ZodString;
  };
};
type Schemas = ReturnType<typeof makeSchemas>;
type Parsed = { [N in CommandName]: z.output<Schemas["commands"][N]> };
type UndefinedForOptional<T> = { [K in keyof T]: undefined extends T[K] ? T[K] | undefined : T[K] };
type Matches<A, B> = A extends B ? true : false;
type AssertAllTrue<T extends Readonly<Record<CommandName, true>>> = T;
type SchemasMatchTypes = AssertAllTrue<{ [N in CommandName]: Matches<Parsed[N], UndefinedForOptional<CommandOf<N>>> }>;
export { Schemas, SchemasMatchTypes, makeSchemas, wholeNumber };