export type { Client, RequestOptions, RoomReset, SearchOptions, SearchResult } from "./client.ts";
export type { Clock } from "./clock.ts";
export { systemClock } from "./clock.ts";
export type { ConnectionState, RefusalCode, WaitReason } from "./connection-state.ts";
export { createClient } from "./create-client.ts";
export type { Environment, EnvironmentChange } from "./environment.ts";
export type { LocalFailure } from "./errors.ts";
export { ClientBusy, CommandError, ConnectionLost, MessageFailed, ReplyTimeout } from "./errors.ts";
export { indexedDbOutbox, indexedDbStorage } from "./indexed-db.ts";
export { memoryOutbox, memoryStorage } from "./memory-storage.ts";
export type { ClientOptions } from "./options.ts";
export type { Outbox } from "./outbox.ts";
export type { OutboxMessage, OutboxRecord, OutboxState, OutboxStorage } from "./outbox-message.ts";
export type { OwnPresence, Presences } from "./presence.ts";
export type { Readable } from "./readable.ts";
export type { RoomList, RoomListSnapshot } from "./room-list.ts";
export type {
  BansSnapshot,
  GapItem,
  ListStatus,
  MembersSnapshot,
  PinsSnapshot,
  RoomEvent,
  RoomNotice,
  RoomSnapshot,
  RoomStatus,
  TimelineItem,
} from "./room-snapshot.ts";
export type { RoomStore, SendOptions, SentMessage } from "./room-store.ts";
export type { Socket, SocketFactory } from "./socket.ts";
export type { StateStorage } from "./state-storage.ts";
