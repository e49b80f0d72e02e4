import type { CommandName, CommandParams, CommandResult, Me, Message, Reply, ServerEvent } from "@multichat/protocol";
import { ComputedStore, NotificationBatch, reportErrors } from "../core/computed-store.ts";
import type { Readable } from "../core/readable.ts";
import type { RoomList } from "../model/room-list.ts";
import type { RoomStore } from "../model/room-store.ts";
import type { Outbox } from "../outbox/outbox.ts";
import { OutboxQueue } from "../outbox/outbox-queue.ts";
import { PresenceStore } from "../presence/presence-store.ts";
import type { Presences } from "../presence/presences.ts";
import { Room } from "../room/room.ts";
import { RoomDirectory } from "../room/room-directory.ts";
import type { RoomHost } from "../room/room-host.ts";
import { type PersistedState, StatePersister } from "../storage/state-persister.ts";
import { Sync } from "../sync/sync.ts";
import { Connection } from "../transport/connection.ts";
import type { ConnectionState } from "../transport/connection-state.ts";
import { Requests } from "../transport/requests.ts";
import { RetryingRequests } from "../transport/retrying-requests.ts";
import type { Client, RequestOptions, RoomReset, SearchOptions, SearchResult } from "./client.ts";
import type { ResolvedOptions } from "./resolved-options.ts";

/** The parts, put together: what comes in goes to the one that it concerns. */
export class ChatClient implements Client {
  readonly #turn = new NotificationBatch();
  readonly #connection: Connection;
  readonly #requests: Requests;
  readonly #patient: RetryingRequests;
  readonly #presence: PresenceStore;
  readonly #sync: Sync;
  readonly #directory: RoomDirectory;
  readonly #outbox: OutboxQueue;
  readonly #keeper: StatePersister | undefined;
  readonly #me: ComputedStore<Me | null>;
  readonly #rooms = new Map<string, Room>();
  readonly #listeners = new Set<(event: ServerEvent | RoomReset) => void>();
  readonly #roomHost: RoomHost<Room>;
  #person: Me | null = null;
  #restored: Promise<void> | undefined;

  constructor(options: ResolvedOptions) {
    const { clock, random } = options;
    const turn = this.#turn;
    const request = <N extends CommandName>(name: N, params: CommandParams<N>): Promise<CommandResult<N>> =>
      this.#requests.request(name, params);
    const distrust = () => this.#connection.distrust();
    this.#me = new ComputedStore<Me | null>(turn, () => this.#person);
    this.#directory = new RoomDirectory(turn);
    this.#requests = new Requests({
      clock,
      replyTimeout: options.replyTimeoutMs,
      commandsPerSecond: options.commandsPerSecond,
      send: (frame) => this.#connection.send(frame),
      isOpen: () => this.#connection.state.phase === "open",
    });
    this.#patient = new RetryingRequests({
      clock,
      random,
      replyTimeout: options.replyTimeoutMs,
      request: (name, params, asked) => this.#requests.request(name, params, asked),
      distrust,
    });
    this.#presence = new PresenceStore({ clock, turn, environment: options.environment });
    this.#connection = new Connection({
      url: options.addresses.socket,
      token: options.token,
      openSocket: options.openSocket,
      signedIn: options.signedIn,
      clock,
      random,
      environment: options.environment,
      turn,
      hooks: {
        opened: () => void this.#opened(),
        frame: (data) => this.#frame(data),
        closed: () => this.#closed(),
        ping: (timeoutMs) => {
          // Its answer is a frame like any other; that none came is noticed by whoever listens for frames.
          this.#requests.request("ping", {}, { timeoutMs }).catch(() => {});
        },
      },
    });
    this.#outbox = new OutboxQueue({
      clock,
      random,
      turn,
      storage: options.outbox,
      tabs: options.tabs,
      newId: options.newId,
      maxUnsent: options.maxUnsent,
      request,
      distrust,
      changed: (room) => this.#rooms.get(room)?.changed(),
      seated: (room) => this.#sync.seat(this.#room(room)),
      unseated: (room) => this.#sync.unseated(this.#room(room)),
      sentAll: (room) => this.#sync.sentAll(this.#room(room)),
      acknowledged: (message) => this.#acknowledged(message),
      storageFailed: options.storageFailed,
    });
    this.#sync = new Sync({
      clock,
      random,
      follow: options.subscribeTo,
      maxIdleRooms: options.maxIdleRooms,
      directory: this.#directory,
      presence: this.#presence,
      request,
      distrust,
      level: () => this.#connection.level(),
      rooms: () => this.#rooms.values(),
      room: (id) => this.#room(id),
      known: (id) => this.#rooms.get(id),
      me: () => this.#person,
      signedIn: (me) => this.#signedIn(me),
      seated: (room) => this.#outbox.seated(room),
      notSeated: (room, error) => this.#outbox.notSeated(room, error),
      hasUnsent: (room) => this.#outbox.hasUnsent(room),
      relogged: () => this.#outbox.relogged(),
      listKept: () => {
        this.#keeper?.listed(new Set(this.#directory.get().rooms.map(({ id }) => id)));
        this.#keeper?.clientChanged();
      },
      roomGone: (id) => {
        this.#keeper?.roomChanged(id);
        this.#keeper?.clientChanged();
      },
    });
    this.#roomHost = {
      clock,
      random,
      turn,
      pageSize: options.pageSize,
      maxMessages: options.maxMessages,
      newId: options.newId,
      replyTimeout: options.replyTimeoutMs,
      me: () => this.#person?.id,
      isOwn: (message) => this.#isOwn(message),
      request,
      askPatiently: (name, params) => this.#patient.ask(name, params),
      send: (room, body, options) => this.#outbox.add(room, body, options),
      unsent: (room) => this.#outbox.ofRoom(room),
      requote: (room, event) => this.#outbox.requote(room, event),
      opened: (room) => this.#sync.opened(room),
      closed: (room) => this.#sync.closed(room),
      behind: (room) => this.#sync.behind(room),
      recount: (room) => this.#sync.recount(room),
      listed: (id, changes) => {
        this.#directory.update(id, changes);
        this.#keeper?.clientChanged();
      },
      applied: (event) => this.#applied(event),
      reached: (room, seq) => this.#outbox.reached(room, seq),
      lost: (room) => this.#outbox.lost(room),
      keep: (room) => this.#keeper?.roomChanged(room.id),
    };
    this.#keeper =
      options.storage === undefined
        ? undefined
        : new StatePersister(
            options.storage,
            clock,
            {
              client: () => {
                const { epoch } = this.#sync;
                if (epoch === undefined || this.#person === null) return undefined;
                return { epoch, me: this.#person, rooms: this.#directory.get().rooms };
              },
              room: (id) => this.#rooms.get(id)?.kept(),
            },
            options.storageFailed,
          );
  }

  get state(): ConnectionState {
    return this.#connection.state;
  }

  get connection(): Readable<ConnectionState> {
    return this.#connection.readable;
  }

  get me(): Readable<Me | null> {
    return this.#me;
  }

  get rooms(): RoomList {
    return this.#directory;
  }

  get outbox(): Outbox {
    return this.#outbox;
  }

  get presence(): Presences {
    return this.#presence;
  }

  connect(): void {
    this.#presence.watch();
    void this.#restore();
    void this.#outbox.load();
    this.#connection.connect();
  }

  disconnect(): void {
    this.#presence.unwatch();
    this.#connection.disconnect();
    this.#keeper?.flush();
  }

  room(id: string): RoomStore {
    return this.#room(id);
  }

  request<N extends CommandName>(
    name: N,
    params: CommandParams<N>,
    options?: RequestOptions,
  ): Promise<CommandResult<N>> {
    return this.#requests.request(name, params, options);
  }

  search(query: string, { limit, cursor, signal }: SearchOptions = {}): Promise<SearchResult> {
    const params = { query, ...(limit === undefined ? {} : { limit }), ...(cursor === undefined ? {} : { cursor }) };
    return this.#requests.request("message.search", params, signal === undefined ? {} : { signal });
  }

  listen(listener: (event: ServerEvent | RoomReset) => void): () => void {
    const call = (event: ServerEvent | RoomReset) => listener(event);
    this.#listeners.add(call);
    return () => this.#listeners.delete(call);
  }

  async forget(): Promise<void> {
    this.#forgetPerson();
    this.#outbox.forget();
    await this.#keeper?.clear();
  }

  #room(id: string): Room {
    let room = this.#rooms.get(id);
    if (room === undefined) {
      room = new Room(id, this.#roomHost);
      this.#rooms.set(id, room);
    }
    return room;
  }

  async #opened(): Promise<void> {
    const socket = this.#connection.serial;
    // What was kept says from where to resume: worth the moment that reading it takes.
    await this.#restore();
    if (this.#connection.state.phase === "open" && this.#connection.serial === socket) this.#sync.connected();
  }

  #closed(): void {
    this.#requests.lost();
    this.#patient.disconnected();
    this.#outbox.disconnected();
    this.#sync.disconnected();
  }

  #frame(data: string): void {
    const frame = parse(data);
    if (frame === undefined) return;
    if ("re" in frame) {
      this.#requests.replied(frame);
      return;
    }
    if (frame.on === "server.draining") this.#connection.draining(frame.reconnectAfter);
    this.#sync.event(frame);
    // Those with a seq are told when their turn in the log has come.
    if (!("seq" in frame) || frame.on === "room.read") this.#applied(frame);
  }

  #applied(event: ServerEvent | RoomReset): void {
    if (event.on === "message.posted" && this.#isOwn(event.message)) this.#outbox.posted(event.message);
    for (const listener of [...this.#listeners]) reportErrors(() => listener(event));
  }

  #isOwn(message: Message): boolean {
    return message.author !== null && message.author.id === this.#person?.id;
  }

  /** The reply to a send is as good as the event in the log, and may be the first to come. */
  #acknowledged(message: Message): boolean {
    const room = this.#rooms.get(message.room);
    if (room === undefined) return false;
    if (!room.isSynced || (room.seq ?? 0) >= message.seq) return false;
    room.event({ on: "message.posted", room: message.room, seq: message.seq, message });
    return (room.seq ?? 0) < message.seq;
  }

  #signedIn(me: Me): void {
    if (this.#person !== null && this.#person.id !== me.id) {
      this.#forgetPerson();
      void this.#keeper?.clear();
    }
    this.#person = me;
    this.#me.changed();
    this.#keeper?.clientChanged();
    this.#outbox.connected(me.id);
    this.#patient.connected(me.id);
  }

  #forgetPerson(): void {
    this.#person = null;
    this.#me.changed();
    this.#sync.forget();
  }

  #restore(): Promise<void> {
    this.#restored ??=
      this.#keeper === undefined ? Promise.resolve() : this.#keeper.read().then((kept) => this.#use(kept));
    return this.#restored;
  }

  #use(kept: PersistedState | undefined): void {
    if (kept === undefined || this.#person !== null) return;
    this.#person = kept.client.me;
    this.#me.changed();
    this.#outbox.expect(kept.client.me.id);
    this.#sync.restore(kept.client.epoch);
    this.#directory.restore(kept.client.rooms);
    for (const [id, keptRoom] of kept.rooms) {
      const room = this.#room(id);
      room.restore(keptRoom);
      if (!room.isOpen) this.#sync.idle(room);
    }
  }
}

/** undefined for what is not a frame of the protocol: a hole that it leaves shows by its seq. */
function parse(data: string): Reply | ServerEvent | undefined {
  try {
    const frame: unknown = JSON.parse(data);
    if (typeof frame !== "object" || frame === null) return undefined;
    // Our own server's frames, of the protocol's types; unknown ones fall through where they are told apart.
    return "re" in frame || "on" in frame ? (frame as Reply | ServerEvent) : undefined;
  } catch {
    return undefined;
  }
}
