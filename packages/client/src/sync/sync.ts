import type {
  CommandName,
  CommandParams,
  CommandResult,
  Me,
  RoomListEntry,
  ServerEvent,
  WireError,
} from "@multichat/protocol";
import type { Clock } from "../core/clock.ts";
import type { PresenceStore } from "../presence/presence-store.ts";
import type { Room } from "../room/room.ts";
import type { RoomDirectory } from "../room/room-directory.ts";
import { ConnectionScope } from "../transport/connection-scope.ts";
import { RoomSubscriptions } from "./room-subscriptions.ts";

/** Milliseconds after which a room that nobody looks at any more is left, where only open rooms are heard. */
const LEAVE_AFTER = 10_000;
/** Milliseconds between two looks at the whole list: what no event told comes to light there. */
const AUDIT_EVERY = 300_000;

export interface SyncHost {
  readonly clock: Clock;
  readonly random: () => number;
  readonly follow: "listed" | "opened";
  readonly maxIdleRooms: number;
  readonly directory: RoomDirectory;
  readonly presence: PresenceStore;
  request<N extends CommandName>(name: N, params: CommandParams<N>): Promise<CommandResult<N>>;
  /** Every room that was ever asked for. */
  rooms(): Iterable<Room>;
  room(id: string): Room;
  known(id: string): Room | undefined;
  me(): Me | null;
  /** Who this connection belongs to. Where it is somebody else than before, everything is forgotten first. */
  signedIn(me: Me): void;
  /** The connection does not answer as it should. */
  distrust(): void;
  /** What was missed has been asked for, and answered. */
  level(): void;
  /** This connection is in the room now, or will not be. */
  seated(room: string): void;
  notSeated(room: string, error: WireError): void;
  hasUnsent(room: string): boolean;
  /** The rooms' logs are other ones than before. */
  relogged(): void;
  /** The answer to the whole list was applied. */
  listKept(): void;
  roomGone(id: string): void;
}

/** What there is as long as a connection is. */
interface Link {
  readonly asking: ConnectionScope;
  readonly hearing: RoomSubscriptions;
  /** Who this is, which rooms there are and what was missed is known. */
  isLevel: boolean;
  readonly leaving: Map<Room, () => void>;
}

/** Keeps the list and every room level with the server: after connecting, with every event, and now and then without one. */
export class Sync {
  readonly #host: SyncHost;
  #epoch: string | undefined;
  #link: Link | undefined;
  /** Closed rooms that still hold messages, the longest closed first. */
  readonly #idle = new Set<Room>();

  constructor(host: SyncHost) {
    this.#host = host;
  }

  get epoch(): string | undefined {
    return this.#epoch;
  }

  /** The epoch of what was kept from before a reload. */
  restore(epoch: string): void {
    this.#epoch ??= epoch;
  }

  forget(): void {
    this.#epoch = undefined;
    for (const room of this.#host.rooms()) room.forget();
    this.#host.directory.clear();
    this.#host.presence.forget();
  }

  connected(): void {
    const { random, follow, directory, rooms, room, seated, notSeated, hasUnsent } = this.#host;
    const asking = new ConnectionScope(this.#host);
    const hearing = new RoomSubscriptions(
      {
        random,
        followsListed: follow === "listed",
        directory,
        rooms,
        room,
        epoch: () => this.#epoch,
        heardEpoch: (epoch) => this.#heardEpoch(epoch),
        hasUnsent,
        seated,
        notSeated,
        gone: (id) => this.#gone(id),
      },
      asking,
    );
    this.#link = { asking, hearing, isLevel: false, leaving: new Map() };
    void this.#level(this.#link);
  }

  disconnected(): void {
    this.#link?.asking.end();
    this.#link = undefined;
    this.#host.directory.disconnected();
    this.#host.presence.disconnected();
    for (const room of this.#host.rooms()) room.disconnected();
  }

  event(event: ServerEvent): void {
    const { directory, known } = this.#host;
    switch (event.on) {
      case "room.listed": {
        directory.listed(event.entry, event.membership);
        known(event.room)?.described(event.entry, { membership: event.membership });
        // Before it is known who this is, nothing is asked for; then everything is.
        if (this.#link?.isLevel) this.#link.hearing.hear(this.#host.room(event.room));
        break;
      }
      case "room.unlisted":
        directory.unlisted(event.room);
        this.#gone(event.room);
        break;
      case "room.entered":
        known(event.room)?.noticed("entered", event.user);
        break;
      case "room.exited":
        known(event.room)?.noticed("left", event.user);
        break;
      case "typing.started":
        known(event.room)?.typed(event.user, true);
        break;
      case "typing.stopped":
        known(event.room)?.typed(event.user, false);
        break;
      case "presence.changed":
        this.#host.presence.heard(event);
        break;
      case "room.read": {
        const { room, seq, unread, mentions } = event;
        known(room)?.marked({ readSeq: seq, unread, mentions });
        if (known(room)?.isSynced !== true) directory.update(room, { unread, mentions });
        break;
      }
      case "me.changed":
        this.#host.signedIn(event.me);
        break;
      case "server.draining":
        break;
      default:
        // Also events that this version does not know: those with a seq have their place in a log.
        if (typeof event.seq === "number") known(event.room)?.event(event);
    }
  }

  /** Somebody looks at the room. */
  opened(room: Room): void {
    this.#idle.delete(room);
    this.#link?.leaving.get(room)?.();
    this.#link?.leaving.delete(room);
    // Before the link is level it is not known which log an answer is of; then every open room is joined.
    if (this.#link?.isLevel && (room.needsPage || !room.isSynced)) this.#link.hearing.join(room);
  }

  closed(room: Room): void {
    this.idle(room);
    this.#leaveLater(room);
  }

  /** The room holds messages that nobody looks at: of the longest closed they go, beyond the bound. */
  idle(room: Room): void {
    this.#idle.add(room);
    if (this.#idle.size <= this.#host.maxIdleRooms) return;
    const [longest] = this.#idle;
    if (longest === undefined) return;
    this.#idle.delete(longest);
    longest.evict();
  }

  /** Somebody wants to post there. @returns whether that is possible now; if not, the room is joined. */
  seat(room: Room): boolean {
    if (!room.isSynced && this.#link?.isLevel) this.#link.hearing.join(room);
    return room.isSynced;
  }

  /** The server says that this connection is not in the room that it believed to be in. */
  unseated(room: Room): void {
    this.#link?.hearing.unseated(room);
  }

  /** Nothing is left to be posted there. */
  sentAll(room: Room): void {
    this.#leaveLater(room);
  }

  behind(room: Room): void {
    this.#link?.hearing.behind(room);
  }

  recount(room: Room): void {
    this.#link?.hearing.recount(room);
  }

  #leaveLater(room: Room): void {
    const link = this.#link;
    if (link === undefined || this.#host.follow !== "opened" || room.isOpen || link.leaving.has(room)) return;
    const stop = link.asking.after(LEAVE_AFTER, () => {
      link.leaving.delete(room);
      if (room.isOpen || !room.isSynced || this.#host.hasUnsent(room.id)) return;
      // What is being asked would be answered after leaving, as if this connection were in the room still.
      if (link.hearing.isAsking(room)) return this.#leaveLater(room);
      room.disconnected();
      this.#host.request("room.leave", { room: room.id }).catch(() => {
        // Not left: it is heard a little longer, and what comes is ignored.
      });
    });
    link.leaving.set(room, stop);
  }

  #gone(id: string): void {
    this.#host.known(id)?.refused(null);
    this.#host.roomGone(id);
  }

  /** After connecting: who am I, which rooms are there, and what did I miss in those that I know. */
  async #level(link: Link): Promise<void> {
    this.#host.directory.asking();
    const resumed = this.#host.me() === null ? undefined : link.hearing.resumeAll();
    const list = await link.asking.ask("room.list", {});
    if (list === undefined) return;
    this.#host.signedIn(list.me);
    this.#heardEpoch(list.epoch);
    this.#listed(list.rooms);
    await resumed;
    if (link.asking.isOver) return;
    link.isLevel = true;
    this.#host.level();
    this.#host.presence.connected(link.asking);
    link.hearing.hearAll();
    this.#auditLater(link);
  }

  #auditLater(link: Link): void {
    link.asking.after(AUDIT_EVERY * (0.75 + this.#host.random() / 2), () => void this.#audit(link));
  }

  async #audit(link: Link): Promise<void> {
    this.#host.directory.asking();
    const list = await link.asking.ask("room.list", {});
    if (list === undefined) return;
    this.#listed(list.rooms);
    for (const room of this.#host.rooms()) {
      // In no list, and nobody said that it was taken away: asking tells.
      if (room.isSynced && this.#host.directory.at(room.id) === undefined) link.hearing.check(room);
    }
    link.hearing.hearAll();
    this.#auditLater(link);
  }

  #listed(rooms: readonly RoomListEntry[]): void {
    const { directory } = this.#host;
    directory.replace(rooms);
    for (const room of this.#host.rooms()) {
      const entry = directory.at(room.id);
      if (entry !== undefined) {
        if (room.seq !== undefined) room.described(entry, { counted: entry, membership: entry });
      } else if (!room.isOpen && room.isKnown) this.#gone(room.id);
    }
    this.#host.listKept();
  }

  #heardEpoch(epoch: string): void {
    if (this.#epoch !== undefined && this.#epoch !== epoch) {
      for (const room of this.#host.rooms()) room.forget();
      this.#host.directory.forgetEntries();
      this.#host.relogged();
    }
    this.#epoch = epoch;
  }
}
