import type { Presence, PresenceStatus } from "@multichat/protocol";
import type { Broadcasts } from "../fan-out/broadcasts.ts";
import { type PresenceGroups, PresenceRoster, VISIBLE_STATUSES } from "./presence-roster.ts";

/**
 * Connections of this process in a room above which presence changes are not published there. In a large room each change would
 * go to everyone, and nobody watches them all; clients ask with `presence.list` instead.
 */
const MAX_ANNOUNCED_ROOM_SIZE = 200;

/**
 * How often a user's changes are published: a few at once, then one in this time, longer for a user in many rooms, because a
 * change goes to all of them. Only the latest state is published then.
 */
const MIN_CHANGE_INTERVAL_MS = 500;
const CHANGE_INTERVAL_PER_ROOM_MS = 25;
const CHANGES_AT_ONCE = 4;
const NO_ROOMS: readonly string[] = Object.freeze([]);

// Lists instead of maps and sets: there is one of each for every connection, which has few devices and rooms, and an empty map
// takes more than both. `concat` makes a list of the exact length, where `push` and a spread leave room for 16 more.

interface Device {
  readonly channel: string;
  status: PresenceStatus;
  text: string;
  rooms: readonly string[];
}

/** A user with connections to this process, or whose last one closed moments ago. */
interface LocalUser {
  devices: readonly Device[];
  /**
   * Rooms where the presence was published and where its next change goes; without those that every device has left. The same
   * list as that of the only device, where the two do not differ.
   */
  announcedRooms: readonly string[];
  /** As it was last published. */
  presence: Presence;
  /** When its changes will have paid for what they cost; in the past for a user who rarely changes it. */
  paidAt: number;
  /** Set while a change waits. */
  later: NodeJS.Timeout | undefined;
}

export interface PresenceServiceOptions {
  readonly broadcasts: Pick<Broadcasts, "publishPresence">;
  /** Whether a text that Redis reports can be a status text. @default every text can */
  readonly isText?: (text: string) => boolean;
  /** Closed together with the service. */
  readonly groups: PresenceGroups;
  /** Called when a change could not be published. Later changes are not affected. */
  readonly onError?: (error: unknown) => void;
}

/**
 * Tracks the presence of users over all their devices. A change is published in the rooms that one of the user's connections
 * has joined, and nowhere else. A user who disconnects goes offline only after the grace period of the framework's presence,
 * so that a page reload is not published.
 */
export class PresenceService {
  readonly #roster: PresenceRoster;
  readonly #broadcasts: PresenceServiceOptions["broadcasts"];
  readonly #onError: (error: unknown) => void;
  readonly #users = new Map<string, LocalUser>();
  /** Connections of this process, by room. */
  readonly #roomSizes = new Map<string, number>();

  constructor({ broadcasts, groups, isText, onError = () => {} }: PresenceServiceOptions) {
    this.#broadcasts = broadcasts;
    this.#onError = onError;
    this.#roster = new PresenceRoster(groups, {
      onChange: (users) => void this.#usersChanged(users),
      onError,
      isText,
    });
  }

  /** Adds a connection, online. Never rejects. */
  async connect(user: string, channel: string): Promise<void> {
    const local = this.#getOrCreate(user);
    const device: Device = { channel, status: "online", text: "", rooms: NO_ROOMS };
    local.devices = without(local.devices, channel).concat([device]);
    await this.#roster.join("online", user, "", channel);
  }

  /** Sets the status and text of one connection. */
  async setStatus(
    user: string,
    channel: string,
    { status, text }: { readonly status: PresenceStatus; readonly text: string },
  ): Promise<void> {
    const local = this.#users.get(user);
    const device = local && deviceOf(local, channel);
    if (local === undefined || device === undefined) return;
    const previous = { status: device.status, text: device.text };
    device.status = status;
    device.text = text;
    // Joins the new group before it leaves the old one, so that the user never appears offline in between.
    if (status !== "offline") await this.#roster.join(status, user, text, channel);
    if (previous.status !== status && previous.status !== "offline") {
      await this.#roster.leave(previous.status, user, previous.text, channel);
    } else if (previous.status === status && status !== "offline" && previous.text !== text) {
      await this.#roster.forgetText(status, user, previous.text);
    }
    await this.#publishIfChanged(user);
  }

  async disconnect(user: string, channel: string): Promise<void> {
    const local = this.#users.get(user);
    const device = local && deviceOf(local, channel);
    if (local === undefined || device === undefined) return;
    for (const room of device.rooms) this.#changeRoomSize(room, -1);
    local.devices = without(local.devices, channel);
    await this.#roster.disconnect(channel);
    // A user who was last published as offline, or never, has no change left to publish.
    if (local.devices.length === 0 && local.presence.status === "offline") this.#users.delete(user);
    else if (local.devices.length > 0) await this.#publishIfChanged(user);
  }

  /** Adds a room that a connection has joined. The user's presence is published there. */
  async joinRoom(user: string, channel: string, room: string): Promise<void> {
    const local = this.#users.get(user);
    const device = local && deviceOf(local, channel);
    if (local === undefined || device === undefined || device.rooms.includes(room)) return;
    const isSameList = local.announcedRooms === device.rooms;
    device.rooms = device.rooms.concat([room]);
    this.#changeRoomSize(room, 1);
    if (!isSameList && local.announcedRooms.includes(room)) return;
    local.announcedRooms = isSameList ? device.rooms : local.announcedRooms.concat([room]);
    const presence = this.#presenceOf(user);
    if (presence.status === "offline") return;
    local.presence = presence;
    await this.#publish(room, presence);
  }

  /** Removes a room that a connection has left. After the last one, nothing of the user is published there. */
  leaveRoom(user: string, channel: string, room: string): void {
    const local = this.#users.get(user);
    const device = local && deviceOf(local, channel);
    if (local === undefined || device?.rooms.includes(room) !== true) return;
    const isSameList = local.announcedRooms === device.rooms;
    device.rooms = device.rooms.filter((other) => other !== room);
    this.#changeRoomSize(room, -1);
    if (local.devices.some(({ rooms }) => rooms.includes(room))) return;
    local.announcedRooms = isSameList ? device.rooms : local.announcedRooms.filter((other) => other !== room);
  }

  /** Returns the presences of those users who are not offline. Does not check who may see them. */
  list(users: readonly string[]): readonly Presence[] {
    return users.map((user) => this.#presenceOf(user)).filter(({ status }) => status !== "offline");
  }

  close(): Promise<void> {
    for (const { later } of this.#users.values()) clearTimeout(later);
    return this.#roster.close();
  }

  #getOrCreate(user: string): LocalUser {
    let local = this.#users.get(user);
    if (local === undefined) {
      local = {
        devices: [],
        announcedRooms: NO_ROOMS,
        presence: { user, status: "offline", text: "" },
        paidAt: 0,
        later: undefined,
      };
      this.#users.set(user, local);
    }
    return local;
  }

  async #usersChanged(users: ReadonlySet<string>): Promise<void> {
    for (const user of users) await this.#publishIfChanged(user);
  }

  /** Publishes a user's presence in the rooms that its connections to this process have joined. Never rejects. */
  async #publishIfChanged(user: string): Promise<void> {
    const local = this.#users.get(user);
    if (local === undefined) return;
    try {
      const presence = this.#presenceOf(user);
      const isChanged = presence.status !== local.presence.status || presence.text !== local.presence.text;
      const rooms = isChanged ? roomsToNotify(local) : [];
      if (isChanged && !this.#pay(user, local, rooms.length)) return;
      local.presence = presence;
      for (const room of rooms) await this.#publish(room, presence);
      if (presence.status === "offline" && local.devices.length === 0) this.#users.delete(user);
    } catch (error) {
      this.#onError(error);
    }
  }

  /** Returns whether the user's rate allows a change now; otherwise the state then is published when it does. */
  #pay(user: string, local: LocalUser, rooms: number): boolean {
    const intervalMs = Math.max(MIN_CHANGE_INTERVAL_MS, CHANGE_INTERVAL_PER_ROOM_MS * rooms);
    const now = performance.now();
    const waitMs = local.paidAt - (CHANGES_AT_ONCE - 1) * intervalMs - now;
    if (waitMs <= 0) {
      local.paidAt = Math.max(local.paidAt, now) + intervalMs;
      return true;
    }
    local.later ??= setTimeout(() => {
      local.later = undefined;
      void this.#publishIfChanged(user);
    }, waitMs);
    local.later.unref();
    return false;
  }

  async #publish(room: string, presence: Presence): Promise<void> {
    const size = this.#roomSizes.get(room) ?? 0;
    if (size <= MAX_ANNOUNCED_ROOM_SIZE) await this.#broadcasts.publishPresence(room, presence);
  }

  /** Returns the status of the user's most active device in any process, with the text that was last set for it. */
  #presenceOf(user: string): Presence {
    const devices = this.#users.get(user)?.devices ?? [];
    for (const status of VISIBLE_STATUSES) {
      const device = devices.findLast((candidate) => candidate.status === status);
      if (device !== undefined) return { user, status, text: device.text };
      if (this.#roster.has(status, user)) return { user, status, text: this.#roster.text(status, user) };
    }
    return { user, status: "offline", text: "" };
  }

  #changeRoomSize(room: string, by: 1 | -1): void {
    const size = (this.#roomSizes.get(room) ?? 0) + by;
    if (size > 0) this.#roomSizes.set(room, size);
    else this.#roomSizes.delete(room);
  }
}

/** All announced rooms for a user without devices; otherwise only those that a device has joined (again). */
function roomsToNotify({ devices, announcedRooms }: LocalUser): readonly string[] {
  if (devices.length === 0) return announcedRooms;
  return announcedRooms.filter((room) => devices.some(({ rooms }) => rooms.includes(room)));
}

function deviceOf({ devices }: LocalUser, channel: string): Device | undefined {
  return devices.find((device) => device.channel === channel);
}

function without(devices: readonly Device[], channel: string): readonly Device[] {
  return devices.filter((device) => device.channel !== channel);
}
