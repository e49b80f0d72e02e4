import type { AnyEventOf, LayerMessage } from "@multichat/channels";
import type { MemberState } from "@multichat/protocol";
import type { Schemas } from "@multichat/protocol/schemas";
import { LRUCache } from "lru-cache";
import { canSeeRoom } from "../access/policies/rooms.ts";
import type { Account } from "../accounts/accounts.ts";
import type { MarkerStore, PreferenceStore, RoomStore, StoredRoom } from "../store/store.ts";
import type { OccupancyDifference } from "./broadcasts.ts";
import type { ChatEvents } from "./chat-events.ts";
import { classicRoomGroup, roomGroup, userGroup } from "./chat-groups.ts";
import { type ActivityHint, groupOf, type Hint, makeHintSchema } from "./hints.ts";
import type { LogDelivery } from "./log-delivery.ts";
import type { Rejection } from "./rejected-messages.ts";

/** Read markers and preferences that wait to be read; with more, a device learns of the others when it resumes. */
const MAX_PENDING_STATES = 1_000;
/** Read markers remembered as they were last sent. */
const MAX_REMEMBERED_MARKERS = 10_000;
// With the option `max`, the cache would take memory for all of them at once.
const MARKER_BOUNDS = { maxSize: MAX_REMEMBERED_MARKERS, sizeCalculation: () => 1 } as const;

export interface OccupancyListener {
  /** Returns the number of users in a room; 0 where no connection of this process has joined it. */
  count(room: string): number | null;
  noteDifference(room: string, process: string, difference: OccupancyDifference): void;
}

export interface HintReceiverOptions {
  /** The id of this process, whose own hints come back and are ignored. */
  readonly origin: string;
  readonly schemas: Pick<Schemas, "commands">;
  readonly rooms: Pick<RoomStore, "find">;
  readonly markers: Pick<MarkerStore, "get">;
  readonly preferences: Pick<PreferenceStore, "get">;
  readonly accounts: { find(id: string): Promise<Account | undefined> };
  readonly logs: Pick<LogDelivery, "logHinted">;
  /** Receives who enters and leaves in other processes, and how many users are there. */
  readonly occupancy: OccupancyListener;
  /** Reads the change feed now. */
  readonly pollChanges: () => void;
  /** Sends an event to the connections of this process in a group. */
  readonly sendLocally: (group: string, event: AnyEventOf<ChatEvents>) => Promise<void>;
  readonly onRejected: (reason: Rejection, type: string | null) => void;
  readonly onError: (error: unknown) => void;
}

/**
 * Receives what other processes send, once for all connections of this process, and trusts none of it: a hint makes this
 * process look at the database, and its connections receive what is found there. Only activity (typing, entering, presence) is
 * not stored; its user, name and room are looked up. Everything else is rejected.
 */
export class HintReceiver {
  readonly #options: HintReceiverOptions;
  readonly #schema: ReturnType<typeof makeHintSchema>;
  readonly #pendingStates = new Map<string, { isRequestedAgain: boolean }>();
  readonly #sentMarkers = new LRUCache<string, string>(MARKER_BOUNDS);
  #poll: "idle" | "polled" | "again" = "idle";

  constructor(options: HintReceiverOptions) {
    this.#options = options;
    this.#schema = makeHintSchema(options.schemas);
  }

  /** Handles a message that was sent to a group. Never throws. */
  receive(message: LayerMessage, group: string): void {
    const { origin, onRejected, onError, logs } = this.#options;
    if (message.from === origin) return;
    const parsed = this.#schema.safeParse(message);
    if (!parsed.success || groupOf(parsed.data) !== group) {
      onRejected("unexpected", message.type);
      return;
    }
    const hint = parsed.data;
    switch (hint.type) {
      case "log.event":
        logs.logHinted(hint.room, hint.seq);
        break;
      case "changes.committed":
        this.#pollChanges();
        break;
      case "marker.moved":
      case "preference.changed":
        this.#refreshState(hint);
        break;
      case "occupancy.counted":
        this.#noteOccupancy(hint).catch(onError);
        break;
      default:
        this.#sendActivity(hint).catch(onError);
    }
  }

  /** Polls at once, and once more after this turn of the event loop where more hints have arrived in it. */
  #pollChanges(): void {
    if (this.#poll !== "idle") {
      this.#poll = "again";
      return;
    }
    this.#poll = "polled";
    this.#options.pollChanges();
    setImmediate(() => {
      const isRequestedAgain = this.#poll === "again";
      this.#poll = "idle";
      if (isRequestedAgain) this.#pollChanges();
    });
  }

  async #sendActivity(hint: ActivityHint): Promise<void> {
    const { rooms, accounts, sendLocally, onRejected } = this.#options;
    const [room, account] = await Promise.all([rooms.find(hint.room), accounts.find(hint.user)]);
    if (room?.id !== hint.room || account === undefined || !isPermitted(hint, account, room)) {
      onRejected("unfounded", hint.type);
      return;
    }
    const group = hint.type === "occupancy.changed" ? classicRoomGroup(room.id) : roomGroup(room.id);
    await sendLocally(group, toEvent(hint, account, room));
  }

  /** Names only users who can be in the room; the number is as good as the process that reports it. */
  async #noteOccupancy(hint: Extract<Hint, { type: "occupancy.counted" }> & { readonly from: string }): Promise<void> {
    const { rooms, accounts, occupancy, onRejected } = this.#options;
    if (!occupancy.count(hint.room)) return;
    const room = await rooms.find(hint.room);
    const find = async (ids: readonly string[]) =>
      (await Promise.all(ids.map((id) => accounts.find(id)))).filter((account) => account !== undefined);
    const [entered, exited] = await Promise.all([find(hint.entered), find(hint.exited)]);
    if (room?.id !== hint.room || entered.length < hint.entered.length || exited.length < hint.exited.length) {
      onRejected("unfounded", hint.type);
      return;
    }
    const canEnter = entered.filter((account) => account.active && canSeeRoom(account, room));
    if (canEnter.length < entered.length) onRejected("unfounded", hint.type);
    occupancy.noteDifference(room.id, hint.from, { count: hint.count, entered: canEnter, exited });
  }

  #refreshState(hint: StateHint): void {
    const key = `${hint.type} ${hint.user} ${hint.room}`;
    const pending = this.#pendingStates.get(key);
    if (pending !== undefined) pending.isRequestedAgain = true;
    else if (this.#pendingStates.size < MAX_PENDING_STATES) {
      this.#pendingStates.set(key, { isRequestedAgain: false });
      this.#sendState(key, hint).catch(this.#options.onError);
    }
  }

  async #sendState(key: string, { type, room: id, user }: StateHint): Promise<void> {
    const { rooms, markers, preferences, accounts, sendLocally, onRejected } = this.#options;
    try {
      const pending = this.#pendingStates.get(key);
      do {
        if (pending !== undefined) pending.isRequestedAgain = false;
        const [room, account] = await Promise.all([rooms.find(id), accounts.find(user)]);
        if (room?.id !== id || account === undefined || !canSeeRoom(account, room)) {
          onRejected("unfounded", type);
          return;
        }
        if (type === "preference.changed") {
          await sendLocally(userGroup(user), { type, preference: { ...(await preferences.get({ user, room: id })) } });
          continue;
        }
        const state = await markers.get({ user, room: id });
        if (this.#isNewMarker(key, state)) await sendLocally(userGroup(user), { type, room: id, state });
      } while (pending?.isRequestedAgain === true);
    } finally {
      this.#pendingStates.delete(key);
    }
  }

  #isNewMarker(key: string, state: MemberState): boolean {
    const text = JSON.stringify(state);
    if (this.#sentMarkers.get(key) === text) return false;
    this.#sentMarkers.set(key, text);
    return true;
  }
}

/** Hints of what a user has set or read, which is read from the database. */
type StateHint = Extract<Hint, { type: "marker.moved" | "preference.changed" }>;

/** Whether a user can be the subject of this hint. Stopping is possible without access: losing it ends what was going on. */
function isPermitted(hint: ActivityHint, account: Account, room: StoredRoom): boolean {
  const isEnd =
    (hint.type === "occupancy.changed" && !hint.entered) ||
    (hint.type === "typing.changed" && !hint.started) ||
    (hint.type === "presence.changed" && hint.status === "offline");
  return isEnd || (account.active && canSeeRoom(account, room));
}

function toEvent(hint: ActivityHint, { id, username }: Account, room: StoredRoom): AnyEventOf<ChatEvents> {
  const user = { id, username };
  switch (hint.type) {
    case "occupancy.changed":
      return { type: hint.type, room: room.id, number: room.number, user, entered: hint.entered, except: null };
    case "typing.changed":
      return { type: hint.type, room: room.id, user, started: hint.started, except: null };
    case "presence.changed":
      return { type: hint.type, room: room.id, presence: { user: id, status: hint.status, text: hint.text } };
  }
}
