import { type AnyEventOf, type ChannelLayer, isChannelsError } from "@multichat/channels";
import {
  type Author,
  CLOSE_CODES,
  type LogEvent,
  type Me,
  type MemberState,
  type Presence,
  type Room,
} from "@multichat/protocol";
import type { Broadcasts, MembershipTold, RoomName, TellableRoom } from "./broadcasts.ts";
import type { ChatEvents, TravellingAudience } from "./chat-events.ts";
import { EVERYBODY, roomGroup, userGroup } from "./chat-groups.ts";
import { admits, movedBetween, type ToldRoom, ToldRooms } from "./told-rooms.ts";

type ChatEvent = AnyEventOf<ChatEvents>;

export interface LayerBroadcastsOptions {
  readonly layer: Pick<ChannelLayer, "send" | "groupSend">;
  /** The rooms as they are when the server starts: how a later change is told apart from what was. */
  readonly rooms: readonly ToldRoom[];
  /** A committed event that the layer did not take. */
  readonly onLost: (error: unknown, type: string) => void;
}

/** Broadcasts over a channel layer. */
export class LayerBroadcasts implements Broadcasts {
  readonly #layer: LayerBroadcastsOptions["layer"];
  readonly #onLost: LayerBroadcastsOptions["onLost"];
  readonly #told: ToldRooms;

  constructor({ layer, rooms, onLost }: LayerBroadcastsOptions) {
    this.#layer = layer;
    this.#onLost = onLost;
    this.#told = new ToldRooms(rooms);
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

  typing(room: string, { id, username }: Author, started: boolean, except: string): Promise<void> {
    return this.#toGroup(roomGroup(room), { type: "typing.moved", room, user: { id, username }, started, except });
  }

  presence(room: string, { user, status, text }: Presence): Promise<void> {
    return this.#toGroup(roomGroup(room), { type: "presence.moved", presence: { user, status, text } });
  }

  async roomAltered(altered: TellableRoom): Promise<void> {
    const was = this.#told.tell(altered);
    await this.#toGroup(EVERYBODY, {
      type: "room.altered",
      room: publicPart(altered),
      audience: audienceOf(altered),
      was: was === undefined ? null : { staffOnly: was.staffOnly, open: was.members === null },
    });
    if (was === undefined) return;
    // Another process changed it, and who was in it besides: each of these hears it as what became of them.
    for (const user of movedBetween(was, altered)) await this.#membershipMoved(altered, user, admits(was, user), null);
  }

  async memberAltered(room: TellableRoom, user: string, membership: MembershipTold | null): Promise<void> {
    const was = this.#told.peek(room.id);
    // Another process changed the room itself meanwhile: everybody hears of that first.
    if (was === undefined || was.kind !== room.kind || was.staffOnly !== room.staffOnly) await this.roomAltered(room);
    else this.#told.tell(room);
    const { role, mutedUntil } = membership ?? { role: null, mutedUntil: null };
    await this.#membershipMoved(room, user, was !== undefined && admits(was, user), { role, mutedUntil });
  }

  #membershipMoved(
    room: TellableRoom,
    user: string,
    wasAdmitted: boolean,
    membership: MembershipTold | null,
  ): Promise<void> {
    return this.#toGroup(userGroup(user), {
      type: "membership.moved",
      room: publicPart(room),
      admitted: admits(room, user),
      wasAdmitted,
      membership,
    });
  }

  async roomDeleted({ id }: Pick<Room, "id">): Promise<void> {
    const was = this.#told.forget(id);
    // Nobody was told of it, or everybody was told of its end already.
    if (was === undefined) return;
    const { kind, staffOnly } = was;
    await this.#toGroup(EVERYBODY, { type: "room.deleted", id, kind, staffOnly, audience: audienceOf(was) });
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

/** Member by member: what a stored room carries beside these is the server's own. */
function publicPart(altered: TellableRoom): Room {
  const { id, number, title, topic, kind, staffOnly, archived, slowModeSeconds, people, lastSeq, createdAt } = altered;
  return {
    id,
    number,
    title,
    topic,
    kind,
    staffOnly,
    archived,
    slowModeSeconds,
    people: people.map((person) => ({ id: person.id, username: person.username })),
    lastSeq,
    createdAt,
  };
}

function audienceOf({ members, banned }: ToldRoom): TravellingAudience {
  return { members: members === null ? null : [...members], banned: [...banned] };
}
