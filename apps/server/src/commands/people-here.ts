import type { Presence, PresenceStatus } from "@multichat/protocol";
import type { Broadcasts } from "../broadcasts/broadcasts.ts";

/** Liveliest first; `offline`, which is also "invisible", is being in none of the groups. */
const SEEN_STATUSES = ["online", "busy", "away"] as const satisfies readonly PresenceStatus[];

/** One group a status: over all processes, somebody's status is the liveliest group that has them. */
const groupOf = (status: PresenceStatus): string => `here.${status}`;

/**
 * Connections of this process in a room above which nobody is told of comings and goings there: in a crowd each would be
 * told to everybody, and nobody looks at all of them. Whoever looks asks by `presence.list`.
 */
const CROWD = 200;

interface Device {
  readonly status: PresenceStatus;
  readonly text: string;
  readonly rooms: Set<string>;
}

/** Somebody with connections here, or with the last one lost a moment ago. */
interface Local {
  readonly devices: Map<string, Device>;
  /** The rooms that were told, and will be told of the next change; those left by all devices are no longer among them. */
  readonly told: Set<string>;
  /** Told last. */
  presence: Presence;
}

/** The part of the framework's presence that is used: who is in which group, over all processes that share it. */
export interface PresenceGroups {
  join(group: string, member: string, connection: string): Promise<void>;
  leave(group: string, connection: string): Promise<void>;
  disconnect(connection: string): Promise<void>;
  has(group: string, member: string): Promise<boolean>;
  watch(
    group: string,
    listener: (diff: { readonly joined: readonly string[]; readonly left: readonly string[] }) => void,
  ): Promise<{ stop(): Promise<void> }>;
  close(): Promise<void>;
}

export interface PeopleHereOptions {
  readonly broadcasts: Pick<Broadcasts, "presence">;
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
export class PeopleHere {
  readonly #presence: PresenceGroups;
  readonly #broadcasts: PeopleHereOptions["broadcasts"];
  readonly #onError: (error: unknown) => void;
  readonly #people = new Map<string, Local>();
  /** By room, how many connections of this process are in it. */
  readonly #attendance = new Map<string, number>();
  readonly #watches: Promise<{ stop(): Promise<void> }>[] = [];

  constructor({ broadcasts, presence, onError = () => {} }: PeopleHereOptions) {
    this.#broadcasts = broadcasts;
    this.#presence = presence;
    this.#onError = onError;
    for (const status of SEEN_STATUSES) {
      this.#watches.push(
        presence.watch(groupOf(status), ({ joined, left }) => void this.#changed([...joined, ...left])),
      );
    }
  }

  /** A connection of somebody has opened. */
  async come(user: string, channel: string): Promise<void> {
    this.#local(user).devices.set(channel, { status: "online", text: "", rooms: new Set() });
    await this.#presence.join(groupOf("online"), user, channel);
  }

  /** How this connection is there from now on. */
  async set(user: string, channel: string, status: PresenceStatus, text: string): Promise<void> {
    const local = this.#people.get(user);
    const device = local?.devices.get(channel);
    if (local === undefined || device === undefined) return;
    local.devices.set(channel, { ...device, status, text });
    if (status !== "offline") await this.#presence.join(groupOf(status), user, channel);
    for (const other of SEEN_STATUSES) {
      if (other !== status && other === device.status) await this.#presence.leave(groupOf(other), channel);
    }
    await this.#tell(user);
  }

  /** The connection is gone. */
  async go(user: string, channel: string): Promise<void> {
    const local = this.#people.get(user);
    const device = local?.devices.get(channel);
    if (local === undefined || device === undefined) return;
    for (const room of device.rooms) this.#count(room, -1);
    local.devices.delete(channel);
    await this.#presence.disconnect(channel);
    // Nobody was told of them, so nobody waits to hear of the end.
    if (local.devices.size === 0 && local.presence.status === "offline") this.#people.delete(user);
    else if (local.devices.size > 0) await this.#tell(user);
  }

  /** The connection hears a room: those in it may hear of the person. */
  async enter(user: string, channel: string, room: string): Promise<void> {
    const local = this.#people.get(user);
    const device = local?.devices.get(channel);
    if (local === undefined || device === undefined || device.rooms.has(room)) return;
    device.rooms.add(room);
    this.#count(room, 1);
    if (local.told.has(room)) return;
    local.told.add(room);
    const presence = await this.#of(user);
    if (presence.status === "offline") return;
    local.presence = presence;
    await this.#tellIn(room, presence);
  }

  /** The connection hears the room no more; nothing of the person is told there when it was the last one. */
  leave(user: string, channel: string, room: string): void {
    const local = this.#people.get(user);
    if (local?.devices.get(channel)?.rooms.delete(room) !== true) return;
    this.#count(room, -1);
    if (![...local.devices.values()].some(({ rooms }) => rooms.has(room))) local.told.delete(room);
  }

  /** How these people are there, those who are not left out. The caller has asked who may know. */
  async of(users: readonly string[]): Promise<readonly Presence[]> {
    const there = await Promise.all(users.map((user) => this.#of(user)));
    return there.filter(({ status }) => status !== "offline");
  }

  async close(): Promise<void> {
    for (const watch of await Promise.all(this.#watches)) await watch.stop();
    await this.#presence.close();
  }

  #local(user: string): Local {
    let local = this.#people.get(user);
    if (local === undefined) {
      local = { devices: new Map(), told: new Set(), presence: { user, status: "offline", text: "" } };
      this.#people.set(user, local);
    }
    return local;
  }

  async #changed(users: readonly string[]): Promise<void> {
    for (const user of new Set(users)) await this.#tell(user);
  }

  /** Tells what is new about somebody, in the rooms that they are in by a connection of this process. Never rejects. */
  async #tell(user: string): Promise<void> {
    const local = this.#people.get(user);
    if (local === undefined) return;
    try {
      const presence = await this.#of(user);
      const same = presence.status === local.presence.status && presence.text === local.presence.text;
      local.presence = presence;
      if (!same) for (const room of roomsToTell(local)) await this.#tellIn(room, presence);
      if (presence.status === "offline" && local.devices.size === 0) this.#people.delete(user);
    } catch (error) {
      this.#onError(error);
    }
  }

  async #tellIn(room: string, presence: Presence): Promise<void> {
    if ((this.#attendance.get(room) ?? 0) <= CROWD) await this.#broadcasts.presence(room, presence);
  }

  async #of(user: string): Promise<Presence> {
    for (const status of SEEN_STATUSES) {
      if (await this.#presence.has(groupOf(status), user)) return { user, status, text: this.#textOf(user, status) };
    }
    return { user, status: "offline", text: "" };
  }

  /** What the person's newest device of that status says; of devices in other processes nothing is known but the status. */
  #textOf(user: string, status: PresenceStatus): string {
    const devices = [...(this.#people.get(user)?.devices.values() ?? [])];
    return devices.findLast((device) => device.status === status)?.text ?? "";
  }

  #count(room: string, by: 1 | -1): void {
    const count = (this.#attendance.get(room) ?? 0) + by;
    if (count > 0) this.#attendance.set(room, count);
    else this.#attendance.delete(room);
  }
}

/** Who has just gone is told where they were; who came back, only where they have come back to. */
function roomsToTell({ devices, told }: Local): readonly string[] {
  const everywhere = [...told];
  if (devices.size === 0) return everywhere;
  return everywhere.filter((room) => [...devices.values()].some(({ rooms }) => rooms.has(room)));
}
