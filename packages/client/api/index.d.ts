import { Author, Ban, CommandName, CommandParams, CommandResult, ErrorCode, HistoryPage, LogEvent, Me, Member, Message, MessageFile, Presence, PresenceStatus, QuotedMessage, Role, Room, RoomAddress, RoomListEntry, RoomPreference, SearchHit, ServerEvent, WireError } from "@multichat/protocol";
import { TaskAddress } from "@multichat/protocol/markup";
interface Readable<T> {
  readonly get: () => T;
  readonly subscribe: (listener: () => void) => () => void;
}
interface FileUploadOptions {
  readonly name: string;
  readonly clientId?: string;
  readonly onProgress?: (sentBytes: number) => void;
  readonly signal?: AbortSignal;
}
interface FileDownloadOptions {
  readonly download?: boolean;
}
interface FileTransfers {
  readonly upload: (room: string, data: Blob | Uint8Array, options: FileUploadOptions) => Promise<MessageFile>;
  readonly url: (file: Pick<MessageFile, "id" | "name">, options?: FileDownloadOptions) => string;
}
interface RoomListSnapshot {
  readonly status: "cold" | "stale" | "live";
  readonly rooms: readonly RoomListEntry[];
}
interface RoomList extends Readable<RoomListSnapshot> {
  readonly entry: (id: string) => Readable<RoomListEntry | undefined>;
  readonly find: (address: RoomAddress) => RoomListEntry | undefined;
}
type RoomPreferenceChange = Partial<Pick<RoomPreference, "notify" | "starred">>;
interface RoomPreferences extends Readable<ReadonlyMap<string, RoomPreference>> {
  readonly set: (room: string, change: RoomPreferenceChange) => Promise<void>;
}
interface RoomReset {
  readonly on: "client.reset";
  readonly room: string;
  readonly seq: number;
  readonly page: HistoryPage | null;
}
declare class CommandError extends Error {
  readonly name = "CommandError";
  readonly command: CommandName;
  readonly code: ErrorCode;
  readonly retryAfterSeconds: number | undefined;
  constructor(command: CommandName, error: WireError);
}
declare class UploadFailed extends Error {
  readonly name = "UploadFailed";
  readonly code: ErrorCode;
  readonly retryAfterSeconds: number | undefined;
  constructor(error: WireError);
}
declare class ConnectionLost extends Error {
  readonly name = "ConnectionLost";
}
declare class ReplyTimeout extends Error {
  readonly name = "ReplyTimeout";
}
declare class ClientBusy extends Error {
  readonly name = "ClientBusy";
}
declare class MessageFailed extends Error {
  readonly name = "MessageFailed";
  readonly clientId: string;
  readonly code: ErrorCode | LocalFailureCode;
  constructor(clientId: string, code: ErrorCode | LocalFailureCode, message: string);
}
type LocalFailureCode = "DISCARDED" | "AUTHOR_UNKNOWN";
type OutboxMessage = {
  readonly replyTo: QuotedMessage | null; /** Left out where there are none. */
  readonly files?: readonly MessageFile[]; /** Milliseconds since 1970, by this device's clock. */
  readonly createdAt: number;
} & OutboxState;
type OutboxState = /** Waiting for a connection or for earlier messages, or sent and not yet answered. */{
  readonly state: "pending";
} /** The server posted it at this seq; earlier events of the room have not arrived yet. */ | {
  readonly state: "sent";
  readonly seq: number;
} /** The server refused it. It stays until it is retried or discarded. */ | {
  readonly state: "failed";
  readonly code: ErrorCode | LocalFailureCode;
  readonly message: string;
};
interface OutboxRecord {
  readonly clientId: string;
  readonly room: string;
  readonly body: string;
  readonly replyTo: QuotedMessage | null;
  readonly files?: readonly MessageFile[];
  readonly createdAt: number;
  readonly author: string | null;
  readonly owner: string;
  readonly failed: {
    readonly code: ErrorCode | LocalFailureCode;
    readonly message: string;
  } | null;
}
interface SentMessage {
  readonly clientId: string;
  readonly delivered: Promise<Message>;
}
interface SendOptions {
  readonly replyTo?: Message;
  readonly files?: readonly MessageFile[];
}
type TimelineItem = {
  readonly kind: "message";
  readonly key: string;
  readonly message: Message;
  readonly own: boolean;
} /** Messages with `after < seq < before` may exist and are not loaded: see `RoomStore.loadGap`. */ | {
  readonly kind: "gap";
  readonly key: string;
  readonly after: number;
  readonly before: number;
} /** An event that happened while the room was loaded. Pages of history hold messages only, so earlier events are not shown. */ | {
  readonly kind: "event";
  readonly key: string;
  readonly event: RoomEvent;
} | {
  readonly kind: "pending";
  readonly key: string;
  readonly pending: OutboxMessage;
};
type GapItem = Extract<TimelineItem, {
  kind: "gap";
}>;
type RoomEvent = Extract<LogEvent, {
  on: "room.created" | "room.changed" | "member.joined" | "member.left" | "member.removed";
}>;
type RoomStatus = "cold" | "loading" | "live" | "stale" | "gone";
interface RoomNotice {
  readonly key: string;
  readonly kind: "entered" | "left";
  readonly user: Author;
  readonly at: number;
  readonly afterSeq: number;
}
interface RoomSnapshot {
  readonly id: string;
  readonly status: RoomStatus;
  readonly error: WireError | null;
  readonly room: Room | undefined;
  readonly items: readonly TimelineItem[];
  readonly hasBefore: boolean;
  readonly loadingBefore: boolean;
  readonly lastSeq: number;
  readonly readSeq: number;
  readonly unread: number;
  readonly mentions: number;
  readonly role: Role | null;
  readonly mutedUntil: number | null;
  readonly typing: readonly Author[];
  readonly notices: readonly RoomNotice[];
  readonly occupants: number | null;
}
type ListStatus = "cold" | "loading" | "live" | "failed";
interface MembersSnapshot {
  readonly status: ListStatus;
  readonly members: readonly Member[];
  readonly count: number;
}
interface BansSnapshot {
  readonly status: ListStatus;
  readonly banned: readonly Ban[];
  readonly count: number;
}
interface PinsSnapshot {
  readonly status: ListStatus;
  readonly messages: readonly Message[];
}
interface RoomStore extends Readable<RoomSnapshot> {
  readonly id: string;
  readonly open: () => () => void;
  readonly send: (body: string, options?: SendOptions) => SentMessage;
  readonly edit: (messageId: string, body: string) => Promise<Message>;
  readonly setTask: (message: Message, task: TaskAddress, options: {
    readonly isDone: boolean;
  }) => Promise<Message>;
  readonly remove: (messageId: string) => Promise<void>;
  readonly react: (messageId: string, emoji: string, options: {
    readonly added: boolean;
  }) => Promise<void>;
  readonly pin: (messageId: string, options: {
    readonly pinned: boolean;
  }) => Promise<void>;
  readonly typing: () => void;
  readonly stopTyping: () => void;
  readonly members: Readable<MembersSnapshot>;
  readonly bans: Readable<BansSnapshot>;
  readonly pins: Readable<PinsSnapshot>;
  readonly loadBefore: () => Promise<void>;
  readonly loadAround: (seq: number) => Promise<void>;
  readonly loadGap: (gap: GapItem, from?: "above" | "below") => Promise<void>;
  readonly setViewedSeq: (seq: number | null) => void;
  readonly markRead: (seq: number) => void;
  readonly markUnread: (seq: number) => void;
}
interface Outbox extends Readable<readonly OutboxMessage[]> {
  readonly retry: (clientId: string) => void;
  readonly discard: (clientId: string) => void;
}
interface OwnPresence {
  readonly status: PresenceStatus;
  readonly text: string;
}
interface Presences {
  readonly of: (userId: string) => Readable<Presence | undefined>;
  readonly set: (status: PresenceStatus, text?: string) => void;
  readonly own: Readable<OwnPresence>;
}
type WaitReason = /** The connection could not be opened: the server or the network between is down. */"unreachable" /** The connection broke. */ | "lost" /** The server is restarting and said when to reconnect. */ | "draining" /** The server closed the connection because this client did not read fast enough. */ | "too-slow" /** Nothing was received, and a ping was not answered. */ | "heartbeat";
type RefusalCode = "signed-out" | "banned" | "protocol";
type ConnectionState = /** Before `connect()` and after `disconnect()`. */{
  readonly phase: "idle";
} /** `attempt` counts from 1 since the last stable connection. */ | {
  readonly phase: "connecting";
  readonly attempt: number;
} | {
  readonly phase: "open";
} /** `until`: when the next attempt begins, in milliseconds since 1970. */ | {
  readonly phase: "waiting";
  readonly until: number;
  readonly attempt: number;
  readonly reason: WaitReason;
} /** The device has no network. The client connects as soon as it has one, and tries every 30 s until then. */ | {
  readonly phase: "offline";
} /** The server refused the connection for good; `connect()` tries again, for example after signing in. */ | {
  readonly phase: "refused";
  readonly code: RefusalCode;
};
interface RequestOptions {
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
}
interface SearchOptions {
  readonly limit?: number;
  readonly cursor?: string;
  readonly signal?: AbortSignal;
}
interface SearchResult {
  readonly found: readonly SearchHit[];
  readonly cursor: string | null;
  readonly behind?: true;
}
interface Client {
  connect(): void;
  disconnect(): void;
  readonly state: ConnectionState;
  readonly connection: Readable<ConnectionState>;
  readonly me: Readable<Me | null>;
  readonly rooms: RoomList;
  readonly preferences: RoomPreferences;
  room(id: string): RoomStore;
  readonly outbox: Outbox;
  readonly files: FileTransfers;
  readonly presence: Presences;
  search(query: string, options?: SearchOptions): Promise<SearchResult>;
  request<N extends CommandName>(name: N, params: CommandParams<N>, options?: RequestOptions): Promise<CommandResult<N>>;
  listen(listener: (event: ServerEvent | RoomReset) => void): () => void;
  forget(): Promise<void>;
}
interface Clock {
  now(): number;
  after(delayMs: number, callback: () => void): () => void;
}
declare const systemClock: Clock;
interface Environment {
  online(): boolean;
  subscribe(listener: (change: EnvironmentChange) => void): () => void;
}
type EnvironmentChange = "online" | "offline" | "visible" | "hidden";
interface OutboxStorage {
  all(): Promise<readonly OutboxRecord[]>;
  put(record: OutboxRecord): Promise<void>;
  delete(clientId: string): Promise<void>;
}
interface StateStorage {
  entries(): Promise<ReadonlyMap<string, unknown>>;
  put(key: string, value: unknown): Promise<void>;
  delete(key: string): Promise<void>;
  clear(): Promise<void>;
}
type Fetch = (url: string, init: RequestInit) => Promise<Response>;
interface Socket {
  onopen: ((event: never) => void) | null;
  onmessage: ((event: never) => void) | null;
  onclose: ((event: never) => void) | null;
  onerror: ((event: never) => void) | null;
  readonly readyState: number;
  send(data: string): void;
  close(code?: number, reason?: string): void;
}
type SocketFactory = (url: string, protocols: string[]) => Socket;
interface ClientOptions {
  readonly url?: string | URL;
  readonly token?: string;
  readonly outbox?: OutboxStorage;
  readonly storage?: StateStorage;
  readonly subscribeTo?: "listed" | "opened";
  readonly maxMessages?: number;
  readonly maxIdleRooms?: number;
  readonly maxUnsent?: number;
  readonly pageSize?: number;
  readonly commandsPerSecond?: number;
  readonly replyTimeoutMs?: number;
  readonly onStorageError?: (error: unknown) => void;
  readonly webSocket?: SocketFactory;
  readonly fetch?: Fetch;
  readonly clock?: Clock;
  readonly random?: () => number;
  readonly environment?: Environment;
}
declare function createClient(options?: ClientOptions): Client;
declare function indexedDbOutbox(name?: string): OutboxStorage;
declare function indexedDbStorage(name?: string): StateStorage;
declare function memoryOutbox(): OutboxStorage;
declare function memoryStorage(): StateStorage;
export { type BansSnapshot, type Client, ClientBusy, type ClientOptions, type Clock, CommandError, ConnectionLost, type ConnectionState, type Environment, type EnvironmentChange, type FileDownloadOptions, type FileTransfers, type FileUploadOptions, type GapItem, type ListStatus, type LocalFailureCode, type MembersSnapshot, MessageFailed, type Outbox, type OutboxMessage, type OutboxRecord, type OutboxState, type OutboxStorage, type OwnPresence, type PinsSnapshot, type Presences, type Readable, type RefusalCode, ReplyTimeout, type RequestOptions, type RoomEvent, type RoomList, type RoomListSnapshot, type RoomNotice, type RoomPreferenceChange, type RoomPreferences, type RoomReset, type RoomSnapshot, type RoomStatus, type RoomStore, type SearchOptions, type SearchResult, type SendOptions, type SentMessage, type Socket, type SocketFactory, type StateStorage, type TimelineItem, UploadFailed, type WaitReason, createClient, indexedDbOutbox, indexedDbStorage, memoryOutbox, memoryStorage, systemClock };