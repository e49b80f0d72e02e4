import { type AnyEventOf, type ChannelLayer, isChannelsError } from "@multichat/channels";
import type { Author, LogEvent, Me, MemberState, Presence, Room } from "@multichat/protocol";
import type { ChangeFeed, StoredRoom } from "../store/store.ts";
import { AccessEventPublisher } from "./access-event-publisher.ts";
import type { AccessEvents, Broadcasts, MembershipUpdate, RoomRef, SessionEnd } from "./broadcasts.ts";
import type { ChatEvents, ProcessEvents } from "./chat-events.ts";
import { PROCESSES, roomGroup, userGroup } from "./chat-groups.ts";
import { LastBroadcastRooms, type RoomVisibility } from "./last-broadcast-rooms.ts";
import { serializeRoom } from "./serialized-room.ts";

type ChatEvent = AnyEventOf<ChatEvents & ProcessEvents>;

/** The part of a layer that broadcasts use. */
export type BroadcastLayer = Pick<ChannelLayer, "send" | "groupSend"> & {
  /** To a group's members in this process alone, server or no server. @default `groupSend`: there is only this process */
  readonly groupSendLocal?: ChannelLayer["groupSend"];
};

export interface LayerBroadcastsOptions {
  readonly layer: BroadcastLayer;
  /** The rooms as they are when the server starts: how a later change is told apart from what was. */
  readonly rooms: readonly RoomVisibility[];
  readonly changes: Pick<ChangeFeed, "claim">;
  /**
   * Resolves when everything that was sent before has come back to this process.
   * @default at once: the layer has no way to go
   */
  readonly fence?: (() => Promise<void>) | undefined;
  /** A committed event that the layer did not take. */
  readonly onLost: (error: unknown, type: string) => void;
}

/** Broadcasts over a channel layer. While its server is away, this process's own connections hear of everything still. */
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
    const told = new LastBroadcastRooms(rooms);
    this.local = new AccessEventPublisher(told, (group, event) => this.#toLocalGroup(group, event));
    this.#accessEvents = new AccessEventPublisher(told, (group, event) => this.#toGroup(group, event));
  }

  publishLogEvent(room: RoomRef, event: LogEvent): Promise<void> {
    return this.#toGroup(roomGroup(room.id), { type: "log.event", event, number: room.number });
  }

  async publishLogEventOnce(room: RoomRef, event: LogEvent): Promise<void> {
    let mine = true;
    try {
      mine = await this.#changes.claim({ room: event.room, seq: event.seq });
    } catch (error) {
      // Twice is better than never.
      this.#onLost(error, "claim");
    }
    if (mine) await this.publishLogEvent(room, event);
  }

  publishEntry(room: RoomRef, user: Author, except: string): Promise<void> {
    return this.#toGroup(roomGroup(room.id), moved(room, user, true, except));
  }

  async publishExit(room: RoomRef, user: Author, also?: string): Promise<void> {
    const event = moved(room, user, false, null);
    await this.#toGroup(roomGroup(room.id), event);
    if (also !== undefined) await this.#deliver(this.#layer.send(also, event), event.type);
  }

  publishTyping(room: string, { id, username }: Author, started: boolean, except: string): Promise<void> {
    return this.#toGroup(roomGroup(room), { type: "typing.changed", room, user: { id, username }, started, except });
  }

  publishPresence(room: string, { user, status, text }: Presence): Promise<void> {
    return this.#toGroup(roomGroup(room), { type: "presence.changed", presence: { user, status, text } });
  }

  async publishEviction(channel: string, room: RoomRef, gone: boolean): Promise<void> {
    const event = { type: "room.evicted", room: room.id, number: room.number, gone } as const;
    await this.#deliver(this.#layer.send(channel, event), event.type);
  }

  publishReadMarker(user: string, room: string, state: MemberState): Promise<void> {
    return this.#toGroup(userGroup(user), { type: "marker.moved", room, state });
  }

  publishRoomChange(room: StoredRoom): Promise<void> {
    return this.#accessEvents.publishRoomChange(room);
  }

  async publishMemberChange(room: StoredRoom, user: string, membership: MembershipUpdate | null): Promise<void> {
    // The processes first: who hears that a room is open to them enters it at once, by whichever server.
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
    // A layer that is away brings nothing any more.
    await this.#fence?.().catch(() => {});
  }

  async #toGroup(group: string, event: ChatEvent): Promise<void> {
    const sent = await this.#deliver(this.#layer.groupSend(group, event), event.type);
    // The others hear of it when they are back (`layerGap`), and of lost rights from the database before that.
    if (sent === "disconnected") await this.#toLocalGroup(group, event);
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
      // A channel that is full loses this event, as a member of a group does: the layer has counted it.
      if (!isChannelsError(error, "ChannelFull")) this.#onLost(error, type);
      return isChannelsError(error, "LayerDisconnected") ? "disconnected" : "lost";
    }
  }
}

function moved(room: RoomRef, user: Author, entered: boolean, except: string | null): ChatEvent {
  const { id, username } = user;
  return { type: "occupancy.changed", room: room.id, number: room.number, user: { id, username }, entered, except };
}
