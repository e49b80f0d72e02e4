import { type AnyEventOf, type ChannelLayer, isChannelsError } from "@multichat/channels";
import type { Author, LogEvent, Me, MemberState, Presence, Room } from "@multichat/protocol";
import type { ChangeFeed, StoredRoom } from "../store/store.ts";
import { AccessEventPublisher } from "./access-event-publisher.ts";
import type {
  AccessEvents,
  Broadcasts,
  Eviction,
  MembershipUpdate,
  RoomRef,
  SessionEnd,
  TypingUpdate,
} from "./broadcasts.ts";
import type { ChatEvents, ProcessEvents } from "./chat-events.ts";
import { PROCESSES, roomGroup, userGroup } from "./chat-groups.ts";
import { LastBroadcastRooms, type RoomVisibility } from "./last-broadcast-rooms.ts";
import { serializeRoom } from "./serialized-room.ts";

type ChatEvent = AnyEventOf<ChatEvents & ProcessEvents>;

/** The part of a channel layer that broadcasts use. */
export type BroadcastLayer = Pick<ChannelLayer, "send" | "groupSend"> & {
  /**
   * Sends to the members of a group in this process alone, even while the layer's server is away.
   * @default `groupSend`, for a layer within one process
   */
  readonly groupSendLocal?: ChannelLayer["groupSend"];
};

export interface LayerBroadcastsOptions {
  readonly layer: BroadcastLayer;
  /** The rooms at startup, with which later changes are compared. */
  readonly rooms: readonly RoomVisibility[];
  readonly changes: Pick<ChangeFeed, "claim">;
  /**
   * Resolves when everything that this process sent before has come back to it.
   * @default resolves at once, for a layer that delivers synchronously
   */
  readonly fence?: (() => Promise<void>) | undefined;
  /** Called for each event that the layer did not accept. */
  readonly onLost: (error: unknown, type: string) => void;
}

/** Publishes over a channel layer. While the layer's server is away, the connections of this process still receive everything. */
export class LayerBroadcasts implements Broadcasts {
  readonly local: AccessEvents;
  readonly #accessEvents: AccessEvents;
  readonly #layer: BroadcastLayer;
  readonly #changes: LayerBroadcastsOptions["changes"];
  readonly #fence: LayerBroadcastsOptions["fence"];
  readonly #onLost: LayerBroadcastsOptions["onLost"];

  constructor({ layer, rooms, changes, fence, onLost }: LayerBroadcastsOptions) {
    this.#layer = layer;
    this.#changes = changes;
    this.#fence = fence;
    this.#onLost = onLost;
    const lastRooms = new LastBroadcastRooms(rooms);
    this.local = new AccessEventPublisher(lastRooms, (group, event) => this.#toLocalGroup(group, event));
    this.#accessEvents = new AccessEventPublisher(lastRooms, (group, event) => this.#toGroup(group, event));
  }

  publishLogEvent(room: RoomRef, event: LogEvent): Promise<void> {
    return this.#toGroup(roomGroup(room.id), { type: "log.event", event, number: room.number });
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
  }

  publishEntry(room: RoomRef, user: Author, except: string): Promise<void> {
    return this.#toGroup(roomGroup(room.id), occupancyChange(room, user, { entered: true, except }));
  }

  async publishExit(room: RoomRef, user: Author, alsoTo?: string): Promise<void> {
    const event = occupancyChange(room, user, { entered: false, except: null });
    await this.#toGroup(roomGroup(room.id), event);
    if (alsoTo !== undefined) await this.#deliver(this.#layer.send(alsoTo, event), event.type);
  }

  publishTyping(room: string, { id, username }: Author, { started, except }: TypingUpdate): Promise<void> {
    return this.#toGroup(roomGroup(room), { type: "typing.changed", room, user: { id, username }, started, except });
  }

  publishPresence(room: string, { user, status, text }: Presence): Promise<void> {
    return this.#toGroup(roomGroup(room), { type: "presence.changed", presence: { user, status, text } });
  }

  async publishEviction(channel: string, room: RoomRef, { deleted }: Eviction): Promise<void> {
    const event = { type: "room.evicted", room: room.id, number: room.number, deleted } as const;
    await this.#deliver(this.#layer.send(channel, event), event.type);
  }

  publishReadMarker(user: string, room: string, state: MemberState): Promise<void> {
    return this.#toGroup(userGroup(user), { type: "marker.moved", room, state });
  }

  publishRoomChange(room: StoredRoom): Promise<void> {
    return this.#accessEvents.publishRoomChange(room);
  }

  async publishMemberChange(room: StoredRoom, user: string, membership: MembershipUpdate | null): Promise<void> {
    // The processes first: a user who learns of a new room may join it at once, on any server.
    await this.#toGroup(PROCESSES, { type: "room.refreshed", ...serializeRoom(room) });
    await this.#accessEvents.publishMemberChange(room, user, membership);
  }

  publishRoomDeletion(room: Pick<Room, "id">): Promise<void> {
    return this.#accessEvents.publishRoomDeletion(room);
  }

  publishAccountChange(account: Me): Promise<void> {
    return this.#accessEvents.publishAccountChange(account);
  }

  publishSessionEnd(user: string, end: SessionEnd): Promise<void> {
    return this.#accessEvents.publishSessionEnd(user, end);
  }

  async flush(): Promise<void> {
    // A layer that is away delivers nothing more.
    await this.#fence?.().catch(() => {});
  }

  async #toGroup(group: string, event: ChatEvent): Promise<void> {
    const result = await this.#deliver(this.#layer.groupSend(group, event), event.type);
    // The other processes learn of it once the layer is back (`layerGap`), and of lost access earlier, from the change feed.
    if (result === "disconnected") await this.#toLocalGroup(group, event);
  }

  async #toLocalGroup(group: string, event: ChatEvent): Promise<void> {
    const layer = this.#layer;
    const sending = layer.groupSendLocal?.(group, event) ?? layer.groupSend(group, event);
    await this.#deliver(sending, event.type);
  }

  async #deliver(sending: Promise<void>, type: string): Promise<"sent" | "lost" | "disconnected"> {
    try {
      await sending;
      return "sent";
    } catch (error) {
      // A full channel loses the event, and the layer counts it, as for any member of a group.
      if (!isChannelsError(error, "ChannelFull")) this.#onLost(error, type);
      return isChannelsError(error, "LayerDisconnected") ? "disconnected" : "lost";
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
