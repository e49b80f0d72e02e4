import type { Presence, PresenceStatus } from "@multichat/protocol";
import type { Broadcasts } from "../fan-out/broadcasts.ts";
import { type PresenceGroups, PresenceRoster, VISIBLE_STATUSES } from "./presence-roster.ts";

/**
 * Connections of this process in a room above which nobody is told of comings and goings there: in a crowd each would be
 * told to everybody, and nobody looks at all of them. Whoever looks asks by `presence.list`.
 */
const MAX_ANNOUNCED_ROOM_SIZE = 200;

interface Device {
  readonly status: PresenceStatus;
  readonly text: string;
  readonly rooms: Set<string>;
}

/** Somebody with connections here, or with the last one lost a moment ago. */
interface LocalUser {
  readonly devices: Map<string, Device>;
  /** The rooms that were told, and will be told of the next change; those left by all devices are no longer among them. */
  readonly announcedRooms: Set<string>;
  /** Told last. */
  presence: Presence;
}

export interface PresenceServiceOptions {
  readonly broadcasts: Pick<Broadcasts, "publishPresence">;
  /** Closed with this. */
  readonly presence: PresenceGroups;
  /** A telling that failed; the next one is not affected. */
  readonly onError?: (error: unknown) => void;
}

/**
 * Who is there, with several devices, and how. A person's coming, going and changing is told in the rooms that one of their
 * connections is in, and nowhere else: to strangers they are neither there nor away. Whoever goes is waited for a little (the
 * grace of the framework's presence) before it is told: a reload is no leaving.
 */
export class PresenceService {
  readonly #roster: PresenceRoster;
  readonly #broadcasts: PresenceServiceOptions["broadcasts"];
  readonly #onError: (error: unknown) => void;
  readonly #people = new Map<string, LocalUser>();
  /** By room, how many connections of this process are in it. */
  readonly #connectionsByRoom = new Map<string, number>();

  constructor({ broadcasts, presence, onError = () => {} }: PresenceServiceOptions) {
    this.#broadcasts = broadcasts;
    this.#onError = onError;
    this.#roster = new PresenceRoster(presence, (users) => void this.#usersChanged(users), onError);
  }

  /** A connection of somebody has opened. Nothing here rejects: who is there is told as well as it can be. */
  async connect(user: string, channel: string): Promise<void> {
    this.#getOrCreate(user).devices.set(channel, { status: "online", text: "", rooms: new Set() });
    await this.#roster.join("online", user, "", channel);
  }

  /** How this connection is there from now on. */
  async setStatus(user: string, channel: string, status: PresenceStatus, text: string): Promise<void> {
    const local = this.#people.get(user);
    const was = local?.devices.get(channel);
    if (local === undefined || was === undefined) return;
    local.devices.set(channel, { ...was, status, text });
    // There in the new way before it is no more in the old one: nobody sees them go in between.
    if (status !== "offline") await this.#roster.join(status, user, text, channel);
    if (was.status !== status && was.status !== "offline") {
      await this.#roster.leave(was.status, user, was.text, channel);
    }
    await this.#publishIfChanged(user);
  }

  /** The connection is gone. */
  async disconnect(user: string, channel: string): Promise<void> {
    const local = this.#people.get(user);
    const device = local?.devices.get(channel);
    if (local === undefined || device === undefined) return;
    for (const room of device.rooms) this.#count(room, -1);
    local.devices.delete(channel);
    await this.#roster.disconnect(channel);
    // Nobody was told of them, so nobody waits to hear of the end.
    if (local.devices.size === 0 && local.presence.status === "offline") this.#people.delete(user);
    else if (local.devices.size > 0) await this.#publishIfChanged(user);
  }

  /** The connection hears a room: those in it may hear of the person. */
  async joinRoom(user: string, channel: string, room: string): Promise<void> {
    const local = this.#people.get(user);
    const device = local?.devices.get(channel);
    if (local === undefined || device === undefined || device.rooms.has(room)) return;
    device.rooms.add(room);
    this.#count(room, 1);
    if (local.announcedRooms.has(room)) return;
    local.announcedRooms.add(room);
    const presence = this.#presenceOf(user);
    if (presence.status === "offline") return;
    local.presence = presence;
    await this.#publish(room, presence);
  }

  /** The connection hears the room no more; nothing of the person is told there when it was the last one. */
  leaveRoom(user: string, channel: string, room: string): void {
    const local = this.#people.get(user);
    if (local?.devices.get(channel)?.rooms.delete(room) !== true) return;
    this.#count(room, -1);
    if (![...local.devices.values()].some(({ rooms }) => rooms.has(room))) local.announcedRooms.delete(room);
  }

  /** How these people are there, those who are not left out. The caller has asked who may know. */
  list(users: readonly string[]): readonly Presence[] {
    return users.map((user) => this.#presenceOf(user)).filter(({ status }) => status !== "offline");
  }

  close(): Promise<void> {
    return this.#roster.close();
  }

  #getOrCreate(user: string): LocalUser {
    let local = this.#people.get(user);
    if (local === undefined) {
      local = { devices: new Map(), announcedRooms: new Set(), presence: { user, status: "offline", text: "" } };
      this.#people.set(user, local);
    }
    return local;
  }

  async #usersChanged(users: ReadonlySet<string>): Promise<void> {
    for (const user of users) await this.#publishIfChanged(user);
  }

  /** Tells what is new about somebody, in the rooms that they are in by a connection of this process. Never rejects. */
  async #publishIfChanged(user: string): Promise<void> {
    const local = this.#people.get(user);
    if (local === undefined) return;
    try {
      const presence = this.#presenceOf(user);
      const same = presence.status === local.presence.status && presence.text === local.presence.text;
      local.presence = presence;
      if (!same) for (const room of roomsToNotify(local)) await this.#publish(room, presence);
      if (presence.status === "offline" && local.devices.size === 0) this.#people.delete(user);
    } catch (error) {
      this.#onError(error);
    }
  }

  async #publish(room: string, presence: Presence): Promise<void> {
    if ((this.#connectionsByRoom.get(room) ?? 0) <= MAX_ANNOUNCED_ROOM_SIZE)
      await this.#broadcasts.publishPresence(room, presence);
  }

  /** As the liveliest device is there, of this process or another; with what that one says, the newest word first. */
  #presenceOf(user: string): Presence {
    const devices = [...(this.#people.get(user)?.devices.values() ?? [])];
    for (const status of VISIBLE_STATUSES) {
      const device = devices.findLast((one) => one.status === status);
      if (device !== undefined) return { user, status, text: device.text };
      if (this.#roster.has(status, user)) return { user, status, text: this.#roster.text(status, user) };
    }
    return { user, status: "offline", text: "" };
  }

  #count(room: string, by: 1 | -1): void {
    const count = (this.#connectionsByRoom.get(room) ?? 0) + by;
    if (count > 0) this.#connectionsByRoom.set(room, count);
    else this.#connectionsByRoom.delete(room);
  }
}

/** Who has just gone is told where they were; who came back, only where they have come back to. */
function roomsToNotify({ devices, announcedRooms: told }: LocalUser): readonly string[] {
  const everywhere = [...told];
  if (devices.size === 0) return everywhere;
  return everywhere.filter((room) => [...devices.values()].some(({ rooms }) => rooms.has(room)));
}
