import { type AnyEventOf, type ChannelLayer, isChannelsError } from "@multichat/channels";
import { type Author, CLOSE_CODES, type LogEvent, type Me, type MemberState, type Room } from "@multichat/protocol";
import type { Broadcasts, RoomName } from "./broadcasts.ts";
import type { ChatEvents } from "./chat-events.ts";
import { EVERYBODY, roomGroup, userGroup } from "./chat-groups.ts";

type ChatEvent = AnyEventOf<ChatEvents>;

export interface LayerBroadcastsOptions {
  readonly layer: Pick<ChannelLayer, "send" | "groupSend">;
  /** The rooms as they are when the server starts: how a later change is told apart from what was. */
  readonly rooms: readonly Pick<Room, "id" | "staffOnly">[];
  /** A committed event that the layer did not take. */
  readonly onLost: (error: unknown, type: string) => void;
}

/** Broadcasts over a channel layer. */
export class LayerBroadcasts implements Broadcasts {
  readonly #layer: LayerBroadcastsOptions["layer"];
  readonly #onLost: LayerBroadcastsOptions["onLost"];
  /** By room id, whether it was staff-only when it was last told. As many entries as there are rooms. */
  readonly #staffOnly: Map<string, boolean>;

  constructor({ layer, rooms, onLost }: LayerBroadcastsOptions) {
    this.#layer = layer;
    this.#onLost = onLost;
    this.#staffOnly = new Map(rooms.map((room) => [room.id, room.staffOnly]));
  }

  logged(room: RoomName, event: LogEvent): Promise<void> {
    return this.#toGroup(roomGroup(room.id), { type: "log.event", event, number: room.number });
  }

  entered(room: RoomName, user: Author, except: string): Promise<void> {
    return this.#toGroup(roomGroup(room.id), moved(room, user, true, except));
  }

  async left(room: RoomName, user: Author, also?: string): Promise<void> {
    const event = moved(room, user, false, null);
    await this.#toGroup(roomGroup(room.id), event);
    if (also !== undefined) await this.#deliver(this.#layer.send(also, event), event.type);
  }

  roomLost(channel: string, room: RoomName, gone: boolean): Promise<void> {
    const event = { type: "room.lost", room: room.id, number: room.number, gone } as const;
    return this.#deliver(this.#layer.send(channel, event), event.type);
  }

  roomAltered(altered: Room): Promise<void> {
    // Member by member: what a caller's room carries beside these is the server's own.
    const { id, number, title, topic, staffOnly, archived, lastSeq, createdAt } = altered;
    const room = { id, number, title, topic, staffOnly, archived, lastSeq, createdAt };
    const wasStaffOnly = this.#staffOnly.get(id) ?? null;
    this.#staffOnly.set(id, staffOnly);
    return this.#toGroup(EVERYBODY, { type: "room.altered", room, wasStaffOnly });
  }

  async roomDeleted({ id }: Pick<Room, "id">): Promise<void> {
    const wasStaffOnly = this.#staffOnly.get(id);
    // Nobody was told of it, or everybody was told of its end already.
    if (wasStaffOnly === undefined) return;
    this.#staffOnly.delete(id);
    await this.#toGroup(EVERYBODY, { type: "room.deleted", id, wasStaffOnly });
  }

  accountChanged({ id, username, email, staff, superuser }: Me): Promise<void> {
    return this.#toGroup(userGroup(id), { type: "account.changed", id, username, email, staff, superuser });
  }

  sessionEnded(
    user: string,
    ended: { session: string | null; keep?: string | undefined; banned?: boolean },
  ): Promise<void> {
    return this.#toGroup(userGroup(user), {
      type: "session.ended",
      session: ended.session,
      keep: ended.keep ?? null,
      code: ended.banned === true ? CLOSE_CODES.BANNED : CLOSE_CODES.SIGNED_OUT,
    });
  }

  markerMoved(user: string, room: string, state: MemberState): Promise<void> {
    return this.#toGroup(userGroup(user), { type: "marker.moved", room, state });
  }

  #toGroup(group: string, event: ChatEvent): Promise<void> {
    return this.#deliver(this.#layer.groupSend(group, event), event.type);
  }

  async #deliver(sending: Promise<void>, type: string): Promise<void> {
    try {
      await sending;
    } catch (error) {
      // A channel that is full loses this event, as a member of a group does: the layer has counted it.
      if (!isChannelsError(error, "ChannelFull")) this.#onLost(error, type);
    }
  }
}

function moved(room: RoomName, user: Author, entered: boolean, except: string | null): ChatEvent {
  const { id, username } = user;
  return { type: "member.moved", room: room.id, number: room.number, user: { id, username }, entered, except };
}
