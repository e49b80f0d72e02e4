import type { Me, ServerEvent } from "@multichat/protocol";
import { callListener, NotificationBatch } from "../core/notification-batch.ts";
import type { Readable } from "../core/readable.ts";
import { ChatSignals } from "../model/chat-signals.ts";
import type { FileTransfers } from "../model/file-transfers.ts";
import { JoinedRooms } from "../model/joined-rooms.ts";
import type { RoomReset } from "../model/room-reset.ts";
import type { RoomStore } from "../model/room-store.ts";
import { ServerLimits } from "../model/server-limits.ts";
import { Session } from "../model/session.ts";
import { OutboxQueue } from "../outbox/outbox-queue.ts";
import { PresenceStore } from "../presence/presence-store.ts";
import { RoomDirectory } from "../room/room-directory.ts";
import { RoomSignals } from "../room/room-signals.ts";
import { Rooms } from "../room/rooms.ts";
import { StatePersister } from "../storage/state-persister.ts";
import { PreferenceStore } from "../sync/preference-store.ts";
import { Sync } from "../sync/sync.ts";
import type { ConnectionState } from "../transport/connection-state.ts";
import { FileTransfer } from "../transport/file-transfer.ts";
import { RetryingRequests } from "../transport/retrying-requests.ts";
import { Transport } from "../transport/transport.ts";
import type { Client, SearchOptions, SearchResult } from "./client.ts";
import type { ResolvedOptions } from "./resolved-options.ts";

/** Composes the parts of the client, each from the ones before it. */
export class ChatClient implements Client {
  readonly me: Readable<Me | null>;
  readonly rooms: RoomDirectory;
  readonly preferences: PreferenceStore;
  readonly outbox: OutboxQueue;
  readonly presence: PresenceStore;
  readonly files: FileTransfers;
  readonly request: Transport["request"];
  readonly #transport: Transport;
  readonly #persister: StatePersister | undefined;
  readonly #retryingRequests: RetryingRequests;
  readonly #rooms: Rooms;
  readonly #sync: Sync;
  readonly #signals = new ChatSignals();

  constructor(options: ResolvedOptions) {
    const { outboxStorage, stateStorage } = options;
    const batch = new NotificationBatch();
    const session = new Session(batch);
    const directory = new RoomDirectory(batch);
    const serverLimits = new ServerLimits();
    const transport = new Transport({ ...options, batch, serverLimits });
    const retryingRequests = new RetryingRequests({ ...options, transport });
    const preferences = new PreferenceStore({ batch, retryingRequests });
    const shared = {
      ...options,
      batch,
      session,
      serverLimits,
      transport,
      directory,
      joinedRooms: new JoinedRooms(),
      signals: this.#signals,
      retryingRequests,
      preferences,
      persister:
        stateStorage &&
        new StatePersister({
          ...options,
          storage: stateStorage,
          session,
          serverLimits,
          roomList: directory,
          preferences,
        }),
    };
    const outbox = new OutboxQueue({ ...shared, storage: outboxStorage });
    const rooms = new Rooms({ ...shared, outbox, roomSignals: new RoomSignals() });
    const presence = new PresenceStore(shared);
    this.#sync = new Sync({ ...shared, outbox, rooms, presence });
    this.#transport = transport;
    this.#persister = shared.persister;
    this.#retryingRequests = shared.retryingRequests;
    this.#rooms = rooms;
    this.me = session.me;
    this.rooms = directory;
    this.preferences = preferences;
    this.outbox = outbox;
    this.presence = presence;
    this.files = new FileTransfer({ ...options, serverLimits });
    this.request = transport.request;
  }

  get state(): ConnectionState {
    return this.#transport.connection.state;
  }

  get connection(): Readable<ConnectionState> {
    return this.#transport.connection.readable;
  }

  connect(): void {
    this.presence.watch();
    void this.#sync.state.restore();
    void this.outbox.load();
    this.#transport.connection.connect();
  }

  disconnect(): void {
    this.presence.unwatch();
    this.#transport.connection.disconnect();
    this.#persister?.flush();
  }

  room(id: string): RoomStore {
    return this.#rooms.get(id);
  }

  search(query: string, { limit, cursor, signal }: SearchOptions = {}): Promise<SearchResult> {
    const params = { query, ...(limit === undefined ? {} : { limit }), ...(cursor === undefined ? {} : { cursor }) };
    return this.#retryingRequests.request("message.search", params, signal === undefined ? {} : { signal });
  }

  listen(listener: (event: ServerEvent | RoomReset) => void): () => void {
    return this.#signals.eventApplied.subscribe((event) => callListener(() => listener(event)));
  }

  forget(): Promise<void> {
    return this.#sync.state.forget();
  }
}
