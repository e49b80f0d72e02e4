import { type AnyEventOf, type ChannelLayer, isChannelsError } from "@multichat/channels";
import { type Author, CLOSE_CODES, type LogEvent, type Me, type MemberState, type Room } from "@multichat/protocol";
import type { ChangeFeed, StoredRoom } from "../store/store.ts";
import type { Broadcasts, EndedSession, Hereabouts, RoomName } from "./broadcasts.ts";
import type { ChatEvents } from "./chat-events.ts";
import { EVERYBODY, roomGroup, userGroup } from "./chat-groups.ts";

type ChatEvent = AnyEventOf<ChatEvents>;

/** The part of a layer that broadcasts use. */
export type BroadcastLayer = Pick<ChannelLayer, "send" | "groupSend"> & {
  /** To a group's members in this process alone, server or no server. @default `groupSend`: there is only this process */
  readonly groupSendHere?: ChannelLayer["groupSend"];
};

export interface LayerBroadcastsOptions {
  readonly layer: BroadcastLayer;
  /** The rooms as they are when the server starts: how a later change is told apart from what was. */
  readonly rooms: readonly Pick<Room, "id" | "staffOnly">[];
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
  readonly here: Hereabouts;
  readonly #layer: BroadcastLayer;
  readonly #changes: LayerBroadcastsOptions["changes"];
  readonly #fence: LayerBroadcastsOptions["fence"];
  readonly #onLost: LayerBroadcastsOptions["onLost"];
  /** By room id, whether it was staff-only when it was last told. As many entries as there are rooms. */
  readonly #staffOnly: Map<string, boolean>;

  constructor({ layer, rooms, changes, fence, onLost }: LayerBroadcastsOptions) {
    this.#layer = layer;
    this.#changes = changes;
    this.#fence = fence;
    this.#onLost = onLost;
    this.#staffOnly = new Map(rooms.map((room) => [room.id, room.staffOnly]));
    this.here = {
      roomAltered: (room) => this.#here(EVERYBODY, this.#altered(room)),
      roomDeleted: (room) => this.#unlessTold(this.#deleted(room), (event) => this.#here(EVERYBODY, event)),
      accountChanged: (account) => this.#here(userGroup(account.id), changed(account)),
      sessionEnded: (user, end) => this.#here(userGroup(user), ended(end)),
    };
  }

  logged(room: RoomName, event: LogEvent): Promise<void> {
    return this.#toGroup(roomGroup(room.id), { type: "log.event", event, number: room.number });
  }

  async loggedOnce(room: RoomName, event: LogEvent): Promise<void> {
    let mine = true;
    try {
      mine = await this.#changes.claim(event.room, event.seq);
    } catch (error) {
      // Twice is better than never.
      this.#onLost(error, "claim");
    }
    if (mine) await this.logged(room, event);
  }

  entered(room: RoomName, user: Author, except: string): Promise<void> {
    return this.#toGroup(roomGroup(room.id), moved(room, user, true, except));
  }

  async left(room: RoomName, user: Author, also?: string): Promise<void> {
    const event = moved(room, user, false, null);
    await this.#toGroup(roomGroup(room.id), event);
    if (also !== undefined) await this.#deliver(this.#layer.send(also, event), event.type);
  }

  async roomLost(channel: string, room: RoomName, gone: boolean): Promise<void> {
    const event = { type: "room.lost", room: room.id, number: room.number, gone } as const;
    await this.#deliver(this.#layer.send(channel, event), event.type);
  }

  roomAltered(room: StoredRoom): Promise<void> {
    return this.#toGroup(EVERYBODY, this.#altered(room));
  }

  roomDeleted(room: Pick<Room, "id">): Promise<void> {
    return this.#unlessTold(this.#deleted(room), (event) => this.#toGroup(EVERYBODY, event));
  }

  accountChanged(account: Me): Promise<void> {
    return this.#toGroup(userGroup(account.id), changed(account));
  }

  sessionEnded(user: string, end: EndedSession): Promise<void> {
    return this.#toGroup(userGroup(user), ended(end));
  }

  markerMoved(user: string, room: string, state: MemberState): Promise<void> {
    return this.#toGroup(userGroup(user), { type: "marker.moved", room, state });
  }

  async settled(): Promise<void> {
    // A layer that is away brings nothing any more.
    await this.#fence?.().catch(() => {});
  }

  #altered(altered: StoredRoom): ChatEvent {
    // Member by member: what a stored room carries beside these is the server's own.
    const { id, number, title, topic, staffOnly, archived, lastSeq, createdAt, rights } = altered;
    const room = { id, number, title, topic, staffOnly, archived, lastSeq, createdAt };
    const wasStaffOnly = this.#staffOnly.get(id) ?? null;
    this.#staffOnly.set(id, staffOnly);
    return { type: "room.altered", room, rights, wasStaffOnly };
  }

  /** Undefined: nobody was told of it, or everybody was told of its end already. */
  #deleted({ id }: Pick<Room, "id">): ChatEvent | undefined {
    const wasStaffOnly = this.#staffOnly.get(id);
    if (wasStaffOnly === undefined) return undefined;
    this.#staffOnly.delete(id);
    return { type: "room.deleted", id, wasStaffOnly };
  }

  async #unlessTold(event: ChatEvent | undefined, tell: (event: ChatEvent) => Promise<void>): Promise<void> {
    if (event !== undefined) await tell(event);
  }

  async #toGroup(group: string, event: ChatEvent): Promise<void> {
    const sent = await this.#deliver(this.#layer.groupSend(group, event), event.type);
    // The others hear of it when they are back (`layerGap`), and of lost rights from the database before that.
    if (sent === "disconnected") await this.#here(group, event);
  }

  async #here(group: string, event: ChatEvent): Promise<void> {
    const layer = this.#layer;
    const sending = layer.groupSendHere?.(group, event) ?? layer.groupSend(group, event);
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

function changed({ id, username, email, staff, superuser }: Me): ChatEvent {
  return { type: "account.changed", id, username, email, staff, superuser };
}

function ended({ session, keep, banned }: EndedSession): ChatEvent {
  const code = banned === true ? CLOSE_CODES.BANNED : CLOSE_CODES.SIGNED_OUT;
  return { type: "session.ended", session, keep: keep ?? null, code };
}

function moved(room: RoomName, user: Author, entered: boolean, except: string | null): ChatEvent {
  const { id, username } = user;
  return { type: "member.moved", room: room.id, number: room.number, user: { id, username }, entered, except };
}
