import type {
  Author,
  ErrorCode,
  LogEvent,
  Me,
  MemberState,
  Message,
  PresenceStatus,
  Role,
  RoomPatch,
  ServerEvent,
} from "@multichat/protocol";
import { ModelRoom, type ModelRoomOptions, type NewLogEvent } from "./model-room.ts";
import type { StepClock } from "./step-clock.ts";

/** The server's side of a connection. */
export interface ServerConnection {
  readonly me: Me;
  readonly joinedRooms: Set<string>;
  presence: { readonly status: PresenceStatus; readonly text: string };
  send(frame: object): void;
  close(code: number): void;
}

/** The faults of the channel layer, between the commit and the connection. */
export interface LayerFaults {
  /** Returns the delay of each delivery of an event: none when it is lost, two when it is duplicated. */
  deliveryDelaysMs(): readonly number[];
}

export const NO_FAULTS: LayerFaults = { deliveryDelaysMs: () => [0] };

export class Refusal extends Error {
  readonly code: ErrorCode;
  readonly retryAfterSeconds: number | undefined;

  constructor(code: ErrorCode, retryAfter?: number) {
    super(`refused: ${code}`);
    this.code = code;
    this.retryAfterSeconds = retryAfter;
  }
}

/** The rooms of the model's server: changes of them, and the events that these send through a layer with faults. */
export class ModelChat {
  readonly rooms = new Map<string, ModelRoom>();
  readonly connections = new Set<ServerConnection>();
  faults: LayerFaults = NO_FAULTS;
  protected readonly clock: StepClock;
  readonly #markers = new Map<string, { readonly seq: number; readonly revision: number }>();
  #messageCount = 0;

  constructor(clock: StepClock) {
    this.clock = clock;
  }

  addRoom(title: string, options: ModelRoomOptions = {}): ModelRoom {
    const room = new ModelRoom(this.rooms.size + 1, title, options);
    this.rooms.set(room.id, room);
    room.append({ on: "room.created", by: null });
    for (const connection of this.connections)
      if (room.isVisibleTo(connection.me)) this.#sendListed(connection, room, { withMembership: false });
    return room;
  }

  messagesOf(room: ModelRoom, viewer?: Pick<Me, "id">): Message[] {
    return room.messages(viewer?.id);
  }

  /** Posts a message, also for a user without a client. */
  post(
    room: ModelRoom,
    author: Author,
    body: string,
    { clientId = `outside-${this.#messageCount}`, replyTo }: { clientId?: string; replyTo?: string | undefined } = {},
  ): Message {
    this.#messageCount += 1;
    const quoted = replyTo === undefined ? undefined : room.message(replyTo);
    const message: Message = {
      id: `message-${this.#messageCount}`,
      room: room.id,
      seq: room.log.length + 1,
      kind: "message",
      author: { id: author.id, username: author.username },
      clientId,
      body,
      createdAt: this.clock.now(),
      editedAt: null,
      deletedAt: null,
      replyTo:
        quoted === undefined
          ? null
          : { id: quoted.id, seq: quoted.seq, author: quoted.author, excerpt: [...quoted.body].slice(0, 140).join("") },
      ...mentionsIn(body, author.id),
      reactions: [],
      pinned: false,
    };
    this.#append(room, { on: "message.posted", message });
    return message;
  }

  /** Edits a message, and returns the seq of the edit. */
  edit(room: ModelRoom, id: string, body: string, by: Author): number {
    const message = room.message(id);
    if (message === undefined || message.deletedAt !== null) throw new Refusal("MESSAGE_NOT_FOUND");
    if (message.body === body) return room.seqOf(id, "edited") || message.seq;
    const { author } = message;
    const edited = { ...message, body, editedAt: this.clock.now(), ...mentionsIn(body, author?.id) };
    return this.#append(room, { on: "message.edited", message: edited, by: authorOf(by) });
  }

  delete(room: ModelRoom, id: string, by: Author): number {
    const message = room.message(id);
    if (message === undefined) throw new Refusal("MESSAGE_NOT_FOUND");
    if (message.deletedAt !== null) return room.seqOf(id, "deleted");
    return this.#append(room, {
      on: "message.deleted",
      message: id,
      deletedAt: this.clock.now(),
      by: authorOf(by),
    });
  }

  pin(room: ModelRoom, id: string, by: Author, { pinned }: { readonly pinned: boolean }): number {
    const message = room.message(id);
    if (message === undefined || message.deletedAt !== null) throw new Refusal("MESSAGE_NOT_FOUND");
    if (message.pinned === pinned) return room.seqOf(id, "pinned") || message.seq;
    return this.#append(room, { on: pinned ? "message.pinned" : "message.unpinned", message: id, by: authorOf(by) });
  }

  react(room: ModelRoom, id: string, emoji: string, by: Author, { added }: { readonly added: boolean }): number {
    const message = room.message(id);
    if (message === undefined || message.deletedAt !== null) throw new Refusal("MESSAGE_NOT_FOUND");
    const users = room.reactors(id, emoji);
    if (users.includes(by.id) === added) return room.reactionSeq(id, by.id, emoji);
    const count = users.length + (added ? 1 : -1);
    const name = added ? "reaction.added" : "reaction.removed";
    return this.#append(room, { on: name, message: id, emoji, user: authorOf(by), count });
  }

  join(room: ModelRoom, user: Author, role: Role = "member"): number {
    if (room.banned.has(user.id)) throw new Refusal("MEMBER_BANNED");
    if (room.members.has(user.id)) return room.log.length;
    return this.#appendAccessChange(room, { on: "member.joined", user: authorOf(user), role, by: authorOf(user) });
  }

  leave(room: ModelRoom, user: Author): number {
    if (!room.members.has(user.id)) return room.log.length;
    return this.#appendAccessChange(room, { on: "member.left", user: authorOf(user) });
  }

  removeMember(room: ModelRoom, user: Author, { banned }: { readonly banned: boolean }): number {
    return this.#appendAccessChange(room, { on: "member.removed", user: authorOf(user), banned, by: null });
  }

  changeMember(room: ModelRoom, user: Author, role: Role, mutedUntil: number | null): number {
    if (!room.members.has(user.id)) throw new Refusal("PERSON_NOT_FOUND");
    return this.#appendAccessChange(room, { on: "member.changed", user: authorOf(user), role, mutedUntil, by: null });
  }

  changeRoom(room: ModelRoom, changes: RoomPatch): void {
    this.#appendAccessChange(room, { on: "room.changed", by: null, changes });
  }

  removeRoom(room: ModelRoom): void {
    this.rooms.delete(room.id);
    for (const connection of this.connections)
      if (room.isVisibleTo(connection.me)) this.#sendUnlisted(connection, room.id);
  }

  state(me: Pick<Me, "id">, room: ModelRoom): MemberState {
    const { seq: readSeq, revision } = this.#markers.get(`${me.id} ${room.id}`) ?? { seq: 0, revision: 0 };
    const unread = room.messages().filter((m) => m.seq > readSeq && m.author?.id !== me.id && m.deletedAt === null);
    const mentions = unread.filter((m) => m.mentionsAll || m.mentions.includes(me.id));
    const { role = null, mutedUntil = null } = room.members.get(me.id) ?? {};
    return {
      role,
      mutedUntil,
      readSeq,
      ...(revision > 0 && { readRevision: revision }),
      unread: Math.min(100, unread.length),
      mentions: Math.min(100, mentions.length),
    };
  }

  /** Moves a user's marker forward, or anywhere with a higher revision, not beyond the log's end. */
  protected markRead(
    { id }: Pick<Me, "id">,
    room: ModelRoom,
    to: { seq: number; revision?: number | undefined },
  ): void {
    const key = `${id} ${room.id}`;
    const current = this.#markers.get(key) ?? { seq: 0, revision: 0 };
    const { revision = current.revision } = to;
    const seq = Math.min(to.seq, room.log.length);
    if (revision > current.revision || (revision === current.revision && seq > current.seq)) {
      this.#markers.set(key, { seq, revision });
    }
  }

  /** Appends an event to the log and publishes it. Returns its seq. */
  #append(room: ModelRoom, newEvent: NewLogEvent): number {
    const event = room.append(newEvent);
    this.#publish(room, event);
    return event.seq;
  }

  /** Appends an event that changes who has access. The users concerned are informed before it is published. */
  #appendAccessChange(room: ModelRoom, newEvent: NewLogEvent): number {
    const hadAccess = new Map([...this.connections].map((connection) => [connection, room.isVisibleTo(connection.me)]));
    const event = room.append(newEvent);
    const concernedId = "user" in newEvent ? newEvent.user.id : undefined;
    for (const [connection, couldSee] of hadAccess) {
      if (concernedId !== undefined && connection.me.id !== concernedId) continue;
      if (room.isVisibleTo(connection.me)) {
        this.#sendListed(connection, room, { withMembership: concernedId !== undefined });
      } else if (couldSee) this.#sendUnlisted(connection, room.id);
    }
    this.#publish(room, event);
    return event.seq;
  }

  #publish(room: ModelRoom, event: LogEvent): void {
    for (const connection of this.connections) if (connection.joinedRooms.has(room.id)) this.deliver(connection, event);
  }

  protected deliver(connection: ServerConnection, event: ServerEvent): void {
    for (const delayMs of this.faults.deliveryDelaysMs()) {
      if (delayMs === 0) connection.send(event);
      else {
        this.clock.after(delayMs, () => {
          // Access is checked again at delivery.
          const isOfLog = "seq" in event && event.on !== "room.read";
          const hasAccess = !isOfLog || connection.joinedRooms.has(event.room);
          if (this.connections.has(connection) && hasAccess) connection.send(event);
        });
      }
    }
  }

  #sendListed(
    connection: ServerConnection,
    room: ModelRoom,
    { withMembership }: { readonly withMembership: boolean },
  ): void {
    const { role, mutedUntil } = this.state(connection.me, room);
    connection.send({
      on: "room.listed",
      room: room.id,
      entry: room.describe(),
      ...(withMembership ? { membership: { role, mutedUntil } } : {}),
    } satisfies ServerEvent);
  }

  #sendUnlisted(connection: ServerConnection, room: string): void {
    connection.joinedRooms.delete(room);
    connection.send({ on: "room.unlisted", room } satisfies ServerEvent);
  }
}

export function authorOf({ id, username }: Author): Author {
  return { id, username };
}

/** Returns the mentions in a body. In the model, a user's id is their name. */
function mentionsIn(
  body: string,
  author: string | undefined,
): Pick<Message, "mentions" | "mentionNames" | "mentionsAll"> {
  const names = [...body.matchAll(/@(\w+)/g)].map(([, name = ""]) => name);
  const mentionNames = names.filter((name) => name !== "all");
  const mentions = mentionNames.filter((name) => name !== author);
  return { mentions, mentionNames, mentionsAll: names.includes("all") };
}
