export type { Client, SearchOptions, SearchResult } from "./client/client.ts";
export type { ClientOptions } from "./client/client-options.ts";
export { createClient } from "./client/create-client.ts";
export type { Clock } from "./core/clock.ts";
export { systemClock } from "./core/clock.ts";
export type { Environment, EnvironmentChange } from "./core/environment.ts";
export type { Readable } from "./core/readable.ts";
export type { LocalFailureCode } from "./model/errors.ts";
export { ClientBusy, CommandError, ConnectionLost, MessageFailed, ReplyTimeout, UploadFailed } from "./model/errors.ts";
export type { FileDownloadOptions, FileTransfers, FileUploadOptions } from "./model/file-transfers.ts";
export type { OutboxMessage, OutboxRecord, OutboxState, SendOptions, SentMessage } from "./model/outbox-message.ts";
export type { RoomList, RoomListSnapshot } from "./model/room-list.ts";
export type { RoomPreferenceChange, RoomPreferences } from "./model/room-preferences.ts";
export type { RoomReset } from "./model/room-reset.ts";
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
} from "./model/room-snapshot.ts";
export type { RoomStore } from "./model/room-store.ts";
export type { Outbox } from "./outbox/outbox.ts";
export type { OwnPresence, Presences } from "./presence/presences.ts";
export { indexedDbOutbox, indexedDbStorage } from "./storage/indexed-db.ts";
export { memoryOutbox, memoryStorage } from "./storage/memory-storage.ts";
export type { OutboxStorage } from "./storage/outbox-storage.ts";
export type { StateStorage } from "./storage/state-storage.ts";
export type { ConnectionState, RefusalCode, WaitReason } from "./transport/connection-state.ts";
export type { RequestOptions } from "./transport/request-options.ts";
export type { Socket, SocketFactory } from "./transport/socket.ts";
