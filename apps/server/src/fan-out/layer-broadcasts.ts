import { type AnyEventOf, type ChannelLayer, isChannelsError } from "@multichat/channels";
import type { Author, LogEvent, Me, MemberState, Presence, Room, RoomPreference } from "@multichat/protocol";
import type { ChangeFeed, StoredRoom } from "../store/store.ts";
import { AccessEventPublisher } from "./access-event-publisher.ts";
import type {
  AccessEvents,
  Broadcasts,
  Eviction,
  MembershipUpdate,
  OccupancyDifference,
  OccupancyReport,
  RoomRef,
  SessionEnd,
  TypingUpdate,
} from "./broadcasts.ts";
import type { ChatEvents } from "./chat-events.ts";
import { classicRoomGroup, roomGroup, userGroup } from "./chat-groups.ts";
import type { HintPublisher } from "./hint-publisher.ts";
import type { Hint } from "./hints.ts";
import { LastBroadcastRooms, type RoomVisibility } from "./last-broadcast-rooms.ts";
import type { LogDelivery } from "./log-delivery.ts";

type ChatEvent = AnyEventOf<ChatEvents>;

/** The part of a channel layer that broadcasts use. */
export type BroadcastLayer = Pick<ChannelLayer, "send" | "groupSend"> & {
  /**
   * Sends to the members of a group in this process alone.
   * @default `groupSend`, for a layer within one process
   */
  readonly groupSendLocal?: (...args: Parameters<ChannelLayer["groupSend"]>) => Promise<unknown>;
};

/** Sends an event to the members of a group in this process alone. */
export async function sendLocally(layer: BroadcastLayer, group: string, event: ChatEvent): Promise<void> {
  await (layer.groupSendLocal?.(group, event) ?? layer.groupSend(group, event));
}

export interface LayerBroadcastsOptions {
  readonly layer: BroadcastLayer;
  /** The rooms at startup, with which later changes are compared. */
  readonly rooms: readonly RoomVisibility[];
  readonly changes: Pick<ChangeFeed, "claim">;
  /**
   * Delivers the events of the log.
   * @default each is sent as it is published
   */
  readonly logs?: Pick<LogDelivery, "deliver" | "logCommitted" | "flush"> | undefined;
  /**
   * Sends hints to the other processes.
   * @default there are none
   */
  readonly hints?: Pick<HintPublisher, "publish"> | undefined;
  /** Called for each event that the layer did not accept. */
  readonly onLost: (error: unknown, type: string) => void;
}

/**
 * Publishes to the connections of this process over its channel layer, and then a hint to the other processes. The connections
 * here do not depend on the layer's server.
 */
export class LayerBroadcasts implements Broadcasts {
  readonly local: AccessEvents;
  readonly #layer: BroadcastLayer;
  readonly #changes: LayerBroadcastsOptions["changes"];
  readonly #logs: LayerBroadcastsOptions["logs"];
  readonly #hints: LayerBroadcastsOptions["hints"];
  readonly #onLost: LayerBroadcastsOptions["onLost"];

  constructor({ layer, rooms, changes, logs, hints, onLost }: LayerBroadcastsOptions) {
    this.#layer = layer;
    this.#changes = changes;
    this.#logs = logs;
    this.#hints = hints;
    this.#onLost = onLost;
    this.local = new AccessEventPublisher(new LastBroadcastRooms(rooms), (group, event) => this.#toGroup(group, event));
  }

  async publishLogEvent({ id, number }: RoomRef, event: LogEvent): Promise<void> {
    if (this.#logs === undefined) await this.#toGroup(roomGroup(id), { type: "log.event", event, number });
    else await this.#logs.deliver({ id, number }, event);
    await this.#hint({ type: "log.event", room: id, seq: event.seq });
  }

  async publishLogEventOnce(room: RoomRef, event: LogEvent): Promise<void> {
    let isClaimed = true;
    try {
      isClaimed = await this.#changes.claim({ room: event.room, seq: event.seq });
    } catch (error) {
      // Publishing twice is better than not at all.
      this.#onLost(error, "claim");
    }
    if (isClaimed) await this.publishLogEvent(room, event);
    // Its change feed does not tell this process of its own event, and the hint of the process that claimed it can be lost.
    else this.#logs?.logCommitted(room.id, event.seq);
  }

  publishEntry(room: RoomRef, user: Author, except: string): Promise<void> {
    return this.#publishOccupancy(room, user, { entered: true, except });
  }

  async publishExit(room: RoomRef, user: Author, alsoTo?: string): Promise<void> {
    await this.#publishOccupancy(room, user, { entered: false, except: null });
    if (alsoTo === undefined) return;
    const event = occupancyChange(room, user, { entered: false, except: null });
    await this.#deliver(this.#layer.send(alsoTo, event), event.type);
  }

  async publishOccupancy(room: string, { count, entered, exited }: OccupancyDifference): Promise<void> {
    await this.#toGroup(roomGroup(room), { type: "occupancy.counted", room, count, entered, exited });
  }

  async reportOccupancy(room: string, { count, entered, exited }: OccupancyReport): Promise<void> {
    await this.#hint({ type: "occupancy.counted", room, count, entered, exited });
  }

  async publishTyping(room: string, { id, username }: Author, { started, except }: TypingUpdate): Promise<void> {
    const type = "typing.changed";
    await this.#toGroup(roomGroup(room), { type, room, user: { id, username }, started, except });
    await this.#hint({ type, room, user: id, started });
  }

  async publishPresence(room: string, { user, status, text }: Presence): Promise<void> {
    const type = "presence.changed";
    await this.#toGroup(roomGroup(room), { type, room, presence: { user, status, text } });
    await this.#hint({ type, room, user, status, text });
  }

  async publishEviction(channel: string, room: RoomRef, { deleted }: Eviction): Promise<void> {
    const event = { type: "room.evicted", room: room.id, number: room.number, deleted } as const;
    await this.#deliver(this.#layer.send(channel, event), event.type);
  }

  async publishReadMarker(user: string, room: string, state: MemberState): Promise<void> {
    const type = "marker.moved";
    await this.#toGroup(userGroup(user), { type, room, state });
    await this.#hint({ type, room, user });
  }

  async publishPreference(user: string, { room, notify, starred }: RoomPreference): Promise<void> {
    const type = "preference.changed";
    await this.#toGroup(userGroup(user), { type, preference: { room, notify, starred } });
    await this.#hint({ type, room, user });
  }

  async publishRoomChange(room: StoredRoom): Promise<void> {
    await this.#withHint(this.local.publishRoomChange(room));
  }

  async publishMemberChange(room: StoredRoom, user: string, membership: MembershipUpdate | null): Promise<void> {
    await this.#withHint(this.local.publishMemberChange(room, user, membership));
  }

  async publishRoomDeletion(room: Pick<Room, "id">): Promise<void> {
    await this.#withHint(this.local.publishRoomDeletion(room));
  }

  async publishAccountChange(account: Me): Promise<void> {
    await this.#withHint(this.local.publishAccountChange(account));
  }

  async publishSessionEnd(user: string, end: SessionEnd): Promise<void> {
    await this.#withHint(this.local.publishSessionEnd(user, end));
  }

  async flush(): Promise<void> {
    await this.#logs?.flush();
  }

  async #publishOccupancy(
    room: RoomRef,
    user: Author,
    change: { readonly entered: boolean; readonly except: string | null },
  ): Promise<void> {
    await this.#toGroup(classicRoomGroup(room.id), occupancyChange(room, user, change));
    await this.#hint({ type: "occupancy.changed", room: room.id, user: user.id, entered: change.entered });
  }

  /** Publishes here while the hint is on its way: a layer that stalls must not delay the loss of access. */
  async #withHint(published: Promise<void>): Promise<void> {
    await Promise.all([this.#hint({ type: "changes.committed" }), published]);
  }

  async #hint(hint: Hint): Promise<void> {
    await this.#hints?.publish(hint);
  }

  async #toGroup(group: string, event: ChatEvent): Promise<void> {
    await this.#deliver(sendLocally(this.#layer, group, event), event.type);
  }

  async #deliver(sending: Promise<void>, type: string): Promise<void> {
    try {
      await sending;
    } catch (error) {
      // A full channel loses the event, and the layer counts it, as for any member of a group.
      if (!isChannelsError(error, "ChannelFull")) this.#onLost(error, type);
    }
  }
}

function occupancyChange(
  { id: room, number }: RoomRef,
  { id, username }: Author,
  { entered, except }: { readonly entered: boolean; readonly except: string | null },
): ChatEvent {
  return { type: "occupancy.changed", room, number, user: { id, username }, entered, except };
}
