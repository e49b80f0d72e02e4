import type { ServerEvent } from "@multichat/protocol";
import type { Room } from "../room/room.ts";
import { ConnectionScope } from "../transport/connection-scope.ts";
import { IdleRooms } from "./idle-rooms.ts";
import { LocalState } from "./local-state.ts";
import { Resume } from "./resume.ts";
import { RoomLeaver } from "./room-leaver.ts";
import { RoomSubscriptions } from "./room-subscriptions.ts";
import { applyServerEvent } from "./server-events.ts";
import type { SyncOptions } from "./sync-options.ts";

/** The time between two requests of the whole room list, which detect what no event has reported. Varied by a quarter. */
const AUDIT_INTERVAL_MS = 300_000;

/** What exists as long as the connection. */
interface Link {
  readonly scope: ConnectionScope;
  readonly resume: Resume;
  readonly subscriptions: RoomSubscriptions;
  readonly leaver: RoomLeaver;
  /** Whether the user, the rooms and the missed events are known. */
  isCaughtUp: boolean;
  /** Whether the preferences have been requested, and are requested again afterwards. */
  preferences: "known" | "requested" | "again";
}

/** Keeps the room list and the rooms caught up with the server: after connecting, with every event, and by regular audits. */
export class Sync {
  readonly state: LocalState;
  readonly #options: SyncOptions;
  readonly #idleRooms: IdleRooms;
  #link: Link | undefined;

  constructor(options: SyncOptions) {
    const { transport, rooms, outbox } = options;
    this.#options = options;
    this.#idleRooms = new IdleRooms(options.maxIdleRooms);
    this.state = new LocalState(options, this.#idleRooms);
    transport.connection.opened.subscribe(() => void this.#connectionOpened());
    transport.closed.subscribe(() => this.#connectionClosed());
    transport.eventReceived.subscribe((event) => this.#receive(event));
    rooms.signals.opened.subscribe((id) => this.#roomOpened(rooms.get(id)));
    rooms.signals.closed.subscribe((id) => this.#roomClosed(rooms.get(id)));
    rooms.signals.eventsMissing.subscribe((id) => this.#link?.subscriptions.fetchMissingEvents(rooms.get(id)));
    rooms.signals.countsUncertain.subscribe((id) => this.#link?.subscriptions.fetchCounts(rooms.get(id)));
    outbox.signals.joinNeeded.subscribe((id) => this.#joinForSending(rooms.get(id)));
    outbox.signals.notJoined.subscribe((id) => this.#link?.subscriptions.rejoin(rooms.get(id)));
    outbox.signals.roomDrained.subscribe((id) => this.#link?.leaver.leaveLater(rooms.get(id)));
  }

  async #connectionOpened(): Promise<void> {
    const { connection } = this.#options.transport;
    const { generation } = connection;
    // The persisted state says from where to resume, which is worth the short wait.
    await this.state.restore();
    if (!connection.isOpen || connection.generation !== generation) return;
    const link = this.#createLink();
    this.#link = link;
    if (!(await link.resume.run())) return;
    link.isCaughtUp = true;
    connection.markCaughtUp();
    this.#options.presence.connected(link.scope);
    link.subscriptions.subscribeAll();
    this.#auditLater(link);
    await this.#loadPreferences(link);
  }

  async #loadPreferences(link: Link): Promise<void> {
    const { preferences, persister } = this.#options;
    if (link.preferences !== "known") {
      link.preferences = "again";
      return;
    }
    // However many rooms appear at once, one more request reports them all.
    for (let isAsked = true; isAsked; isAsked = isAskedAgain(link)) {
      link.preferences = "requested";
      if (await preferences.load(link.scope)) persister?.saveClient();
    }
    link.preferences = "known";
  }

  #createLink(): Link {
    const scope = new ConnectionScope(this.#options);
    const resume = new Resume(this.#options, this.state, scope);
    const subscriptions = new RoomSubscriptions(this.#options, scope, resume);
    const leaver = new RoomLeaver(this.#options, scope, subscriptions);
    return { scope, resume, subscriptions, leaver, isCaughtUp: false, preferences: "known" };
  }

  #connectionClosed(): void {
    const { directory, presence, rooms } = this.#options;
    this.#link?.scope.end();
    this.#link = undefined;
    directory.markDisconnected();
    presence.disconnected();
    for (const room of rooms) room.markDisconnected();
  }

  #receive(event: ServerEvent): void {
    const { directory, rooms, signals } = this.#options;
    const isAdmitted =
      event.on === "room.listed" && event.membership !== undefined && directory.findById(event.room) === undefined;
    applyServerEvent(event, this.#options, this.state);
    if (event.on === "room.listed") this.#subscriptions?.subscribe(rooms.get(event.room));
    // The user may have set something for the room, and lost it since.
    if (isAdmitted && this.#link?.isCaughtUp) void this.#loadPreferences(this.#link);
    // A room announces the events of its log itself, when their turn has come.
    if (!("seq" in event) || event.on === "room.read") signals.eventApplied.emit(event);
  }

  #roomOpened(room: Room): void {
    this.#idleRooms.delete(room);
    this.#link?.leaver.cancel(room);
    if (room.needsPage || !room.isJoined) this.#subscriptions?.join(room);
  }

  #roomClosed(room: Room): void {
    this.#idleRooms.add(room);
    this.#link?.leaver.leaveLater(room);
  }

  #joinForSending(room: Room): void {
    this.#subscriptions?.join(room);
  }

  /** Undefined until the client has caught up: before, it is not known whose answers and of which logs they are. */
  get #subscriptions(): RoomSubscriptions | undefined {
    return this.#link?.isCaughtUp ? this.#link.subscriptions : undefined;
  }

  #auditLater(link: Link): void {
    link.scope.after(AUDIT_INTERVAL_MS * (0.75 + this.#options.random() / 2), () => void this.#audit(link));
  }

  /** Requests the whole room list, and asks for each joined room that is missing from it. */
  async #audit(link: Link): Promise<void> {
    const { directory, rooms } = this.#options;
    directory.beginRequest();
    const list = await link.scope.request("room.list", {});
    if (list === undefined) return;
    this.#options.serverLimits.report(list.limits);
    this.state.applyRoomList(list.rooms);
    for (const room of rooms) {
      if (room.isJoined && directory.findById(room.id) === undefined) link.subscriptions.refresh(room);
    }
    link.subscriptions.subscribeAll();
    this.#auditLater(link);
  }
}

function isAskedAgain({ preferences, scope }: Link): boolean {
  return preferences === "again" && !scope.hasEnded;
}
