import {
  type Author,
  type CatchUp,
  type Command,
  type CommandName,
  type CommandResult,
  type ErrorCode,
  type HistoryPage,
  type JoinedRoom,
  LIMITS,
  type Limits,
  type LogEvent,
  type Me,
  type MemberState,
  type Message,
  type PresenceStatus,
  type ResumedRoom,
  type Role,
  type RoomListEntry,
  type RoomPatch,
  type ServerEvent,
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

type MessageCommand = Extract<Command, { readonly message: string }>;

class Refusal extends Error {
  readonly code: ErrorCode;
  readonly retryAfterSeconds: number | undefined;

  constructor(code: ErrorCode, retryAfter?: number) {
    super(`refused: ${code}`);
    this.code = code;
    this.retryAfterSeconds = retryAfter;
  }
}

export interface ModelServerOptions {
  readonly clock: StepClock;

  readonly commitMs?: number;
  /** The most events that a join replays; with more it answers with a reset. */
  readonly maxReplayedEvents?: number;
  /** The number of messages in the first page. */
  readonly pageSize?: number;
  /** The time between reading and sending an answer, in which events can overtake it. */
  readonly readDelayMs?: () => number;
  /** The most messages and events in the answer to a resume: later rooms get an empty page. */
  readonly maxResumeMessages?: number;
  /** The most members in one answer. */
  readonly maxListedMembers?: number;
  /** Reported in the answer to `room.list`; without them, the server is one that reports none. */
  readonly limits?: Partial<Limits>;
}

/**
 * The chat's server in memory and on a stepped clock, as the protocol describes it: a log for each room, messages that are posted
 * once for each client id, answers after the commit, and events through a layer with faults. Clients are compared with its state.
 */
export class ModelServer {
  readonly rooms = new Map<string, ModelRoom>();
  readonly connections = new Set<ServerConnection>();
  /** The number of answers, by command. */
  readonly answerCounts = new Map<CommandName, number>();
  /** The codes of all refusals, in order. */
  readonly refusals: ErrorCode[] = [];
  faults: LayerFaults = NO_FAULTS;
  /** Refuses the next command of each of these names once. */
  readonly refuseNext: { name: CommandName; code: ErrorCode; retryAfterSeconds?: number }[] = [];
  epoch = "epoch-1";
  limits: Partial<Limits> | undefined;
  /** Frames of more bytes close the connection, whatever `limits` says. */
  maxFrameBytes = Number.POSITIVE_INFINITY;
  /** The most messages that a client has asked for in one page. */
  largestPage = 0;
  isUp = true;
  /** Accepts connections, and does not answer `room.list`. */
  isOverloaded = false;
  readonly #clock: StepClock;
  readonly #commitMs: number;
  readonly #maxReplayedEvents: number;
  readonly #pageSize: number;
  readonly #maxResumeMessages: number;
  readonly #maxListedMembers: number;
  readonly #readDelayMs: () => number;
  readonly #markers = new Map<string, number>();
  /** Increases when the server is killed: what was not committed is lost. */
  #generation = 0;
  #messageCount = 0;

  constructor({
    clock,
    commitMs: commit = 2,
    maxReplayedEvents: resumeEvents = 8,
    pageSize: page = 6,
    maxResumeMessages: answerMessages = 12,
    maxListedMembers: listedMembers = 500,
    readDelayMs: read = () => 0,
    limits,
  }: ModelServerOptions) {
    this.limits = limits;
    this.maxFrameBytes = limits?.frameBytes ?? this.maxFrameBytes;
    this.#readDelayMs = read;
    this.#maxListedMembers = listedMembers;
    this.#maxResumeMessages = answerMessages;
    this.#clock = clock;
    this.#commitMs = commit;
    this.#maxReplayedEvents = resumeEvents;
    this.#pageSize = page;
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
      createdAt: this.#clock.now(),
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
    const edited = { ...message, body, editedAt: this.#clock.now(), ...mentionsIn(body, author?.id) };
    return this.#append(room, { on: "message.edited", message: edited, by: authorOf(by) });
  }

  delete(room: ModelRoom, id: string, by: Author): number {
    const message = room.message(id);
    if (message === undefined) throw new Refusal("MESSAGE_NOT_FOUND");
    if (message.deletedAt !== null) return room.seqOf(id, "deleted");
    return this.#append(room, {
      on: "message.deleted",
      message: id,
      deletedAt: this.#clock.now(),
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
    const readSeq = this.#markers.get(`${me.id} ${room.id}`) ?? 0;
    const unread = room.messages().filter((m) => m.seq > readSeq && m.author?.id !== me.id && m.deletedAt === null);
    const mentions = unread.filter((m) => m.mentionsAll || m.mentions.includes(me.id));
    const { role = null, mutedUntil = null } = room.members.get(me.id) ?? {};
    return {
      role,
      mutedUntil,
      readSeq,
      unread: Math.min(100, unread.length),
      mentions: Math.min(100, mentions.length),
    };
  }

  /** Ends as by `kill -9`: what is committed stays, and what is on its way is lost. */
  kill(): void {
    this.#generation += 1;
    this.isUp = false;
    for (const connection of [...this.connections]) connection.close(1006);
    this.connections.clear();
  }

  start(): void {
    this.isUp = true;
  }

  connectionOpened(connection: ServerConnection): void {
    this.connections.add(connection);
  }

  connectionClosed(connection: ServerConnection): void {
    this.connections.delete(connection);
  }

  receive(connection: ServerConnection, text: string): void {
    if (new TextEncoder().encode(text).length > this.maxFrameBytes) {
      connection.close(1009);
      return;
    }
    const command = JSON.parse(text) as Command;
    if (command.do === "history.page") this.largestPage = Math.max(this.largestPage, command.limit ?? 0);
    const index = this.refuseNext.findIndex(({ name }) => name === command.do);
    if (index !== -1) {
      const [refused] = this.refuseNext.splice(index, 1);
      if (refused !== undefined)
        this.#refuse(connection, command.id, new Refusal(refused.code, refused.retryAfterSeconds));
      return;
    }
    if (WRITE_COMMANDS.has(command.do)) {
      const generation = this.#generation;
      // A kill between arrival and commit loses the command.
      this.#clock.after(this.#commitMs, () => {
        if (generation === this.#generation) this.#answer(connection, command);
      });
      return;
    }
    this.#answer(connection, command);
  }

  #answer(connection: ServerConnection, command: Command): void {
    if (this.isOverloaded && command.do === "room.list") return;
    try {
      const ok = this.#executeOnce(connection, command);
      this.answerCounts.set(command.do, (this.answerCounts.get(command.do) ?? 0) + 1);
      const generation = this.#generation;
      const delayMs = WRITE_COMMANDS.has(command.do) ? 0 : this.#readDelayMs();
      if (delayMs === 0) connection.send({ re: command.id, ok });
      else this.#clock.after(delayMs, () => generation === this.#generation && connection.send({ re: command.id, ok }));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.#refuse(connection, command.id, error);
    }
  }

  #refuse(connection: ServerConnection, id: number, { code, message, retryAfterSeconds: retryAfter }: Refusal): void {
    this.refusals.push(code);
    connection.send({ re: id, error: { code, message, ...(retryAfter === undefined ? {} : { retryAfter }) } });
  }

  #executeOnce(connection: ServerConnection, command: Command): CommandResult<CommandName> {
    if (!("clientId" in command && "message" in command)) return this.#execute(connection, command);
    const { answeredKeys } = this.#visible(connection, command.room);
    const key = `${connection.me.id} ${command.clientId}`;
    const seq = answeredKeys.get(key);
    if (seq !== undefined) return this.#repeatAnswer(connection, command, seq);
    const result = this.#execute(connection, command);
    if ("seq" in result) answeredKeys.set(key, result.seq);
    return result;
  }

  /** Repeats the answer to a command that was executed before, with the message as it is now. */
  #repeatAnswer(
    connection: ServerConnection,
    { do: name, room: address, message: id }: MessageCommand,
    seq: number,
  ): CommandResult<CommandName> {
    const message = this.#visible(connection, address).message(id, connection.me.id);
    if (name !== "message.edit") return { seq };
    if (message === undefined || message.deletedAt !== null) throw new Refusal("MESSAGE_NOT_FOUND");
    return { seq, message };
  }

  #execute(connection: ServerConnection, command: Command): CommandResult<CommandName> {
    switch (command.do) {
      case "room.list": {
        const rooms = [...this.rooms.values()].filter((room) => room.isVisibleTo(connection.me));
        const entries = rooms.map((room): RoomListEntry => {
          const { role, mutedUntil, unread, mentions } = this.state(connection.me, room);
          return { ...room.describe(), role, mutedUntil, unread, mentions };
        });
        const { limits } = this;
        return {
          rooms: entries,
          me: connection.me,
          epoch: this.epoch,
          ...(limits !== undefined && { limits: { ...LIMITS, ...limits } }),
        };
      }
      case "room.join":
        return this.#join(connection, this.#visible(connection, command.room), command.since);
      case "room.leave":
        connection.joinedRooms.delete(this.#visible(connection, command.room).id);
        return {};
      case "message.send": {
        const room = this.#visible(connection, command.room);
        if (!connection.joinedRooms.has(room.id)) throw new Refusal("ROOM_ACCESS_DENIED");
        const posted = room
          .messages(connection.me.id)
          .find((m) => m.author?.id === connection.me.id && m.clientId === command.clientId);
        if (posted !== undefined) return { seq: posted.seq, message: posted };
        if (room.archived) throw new Refusal("ROOM_ARCHIVED");
        if (command.body.trim() === "") throw new Refusal("MESSAGE_INVALID");
        const { clientId, replyTo } = command;
        if (replyTo !== undefined && room.message(replyTo) === undefined) throw new Refusal("MESSAGE_NOT_FOUND");
        const message = this.post(room, connection.me, command.body, { clientId, replyTo });
        return { seq: message.seq, message };
      }
      case "message.edit": {
        const room = this.#visible(connection, command.room);
        const known = room.message(command.message);
        if (known !== undefined && known.author?.id !== connection.me.id) throw new Refusal("ROOM_ACCESS_DENIED");
        const seq = this.edit(room, command.message, command.body, connection.me);
        const message = room.message(command.message, connection.me.id);
        if (message === undefined) throw new Error("Expected the edited message to exist.");
        return { seq, message };
      }
      case "message.delete":
        return { seq: this.delete(this.#visible(connection, command.room), command.message, connection.me) };
      case "message.pin":
        return {
          seq: this.pin(this.#visible(connection, command.room), command.message, connection.me, { pinned: true }),
        };
      case "message.unpin":
        return {
          seq: this.pin(this.#visible(connection, command.room), command.message, connection.me, { pinned: false }),
        };
      case "reaction.add":
      case "reaction.remove": {
        const room = this.#visible(connection, command.room);
        const added = command.do === "reaction.add";
        return { seq: this.react(room, command.message, command.emoji, connection.me, { added }) };
      }
      case "pin.list":
        return { messages: this.#visible(connection, command.room).pins(connection.me.id) };
      case "member.list": {
        const members = this.#visible(connection, command.room).memberList();
        return { members: members.slice(0, this.#maxListedMembers), count: members.length };
      }
      case "member.bans": {
        const banned = this.#visible(connection, command.room).banList();
        return { banned: banned.slice(0, this.#maxListedMembers), count: banned.length };
      }
      case "typing.start":
      case "typing.stop": {
        const room = this.#visible(connection, command.room);
        const on = command.do === "typing.start" ? "typing.started" : "typing.stopped";
        for (const other of this.connections) {
          if (other !== connection && other.joinedRooms.has(room.id))
            this.#deliver(other, { on, room: room.id, user: authorOf(connection.me) });
        }
        return {};
      }
      case "presence.set": {
        const { status, text = "" } = command;
        connection.presence = { status, text };
        for (const other of this.connections) {
          if (other !== connection)
            this.#deliver(other, { on: "presence.changed", user: connection.me.id, status, text });
        }
        return {};
      }
      case "presence.list": {
        const online = [...this.connections].filter(({ me }) => command.users.includes(me.id));
        return { presences: online.map(({ me, presence }) => ({ user: me.id, ...presence })) };
      }
      case "message.search": {
        const rooms = [...this.rooms.values()].filter((room) => room.isVisibleTo(connection.me));
        const found = rooms.flatMap((room) =>
          room
            .messages(connection.me.id)
            .filter(({ body }) => body.includes(command.query))
            .map((message) => ({ message, room: room.describe() })),
        );
        return { found: found.slice(0, command.limit), cursor: null };
      }
      case "member.add":
        return { seq: this.join(this.#visible(connection, command.room), connection.me) };
      case "member.remove":
        return { seq: this.leave(this.#visible(connection, command.room), connection.me) };
      case "history.page":
        return this.#history(this.#visible(connection, command.room), { ...command, viewer: connection.me });
      case "room.read": {
        const room = this.#visible(connection, command.room);
        const key = `${connection.me.id} ${room.id}`;
        const seq = Math.min(command.seq, room.log.length);
        this.#markers.set(key, Math.max(seq, this.#markers.get(key) ?? 0));
        const state = this.state(connection.me, room);
        const { readSeq, unread, mentions } = state;
        for (const other of this.connections) {
          if (other.me.id === connection.me.id)
            this.#deliver(other, { on: "room.read", room: room.id, seq: readSeq, unread, mentions });
        }
        return state;
      }
      case "resume": {
        const answer: Record<string, ResumedRoom> = {};
        let messages = 0;
        for (const [id, since] of Object.entries(command.rooms)) {
          const room = this.rooms.get(id);
          if (room === undefined || !room.isVisibleTo(connection.me)) answer[id] = { gone: true };
          else {
            const joined = this.#join(connection, room, command.epoch === this.epoch ? since : undefined);
            messages += joined.reset ? joined.page.messages.length : joined.events.length;
            answer[id] = messages > this.#maxResumeMessages ? asEmptyReset(joined) : joined;
          }
        }
        return { rooms: answer, epoch: this.epoch };
      }
      case "ping":
        return {};
      default:
        throw new Refusal("COMMAND_UNKNOWN");
    }
  }

  #join(connection: ServerConnection, room: ModelRoom, since: number | undefined): JoinedRoom {
    connection.joinedRooms.add(room.id);
    const missing = since === undefined ? Number.POSITIVE_INFINITY : room.log.length - since;
    const catchUp: CatchUp =
      missing >= 0 && missing <= this.#maxReplayedEvents
        ? { reset: false, events: room.eventsAfter(since ?? 0) }
        : { reset: true, page: this.#history(room, { limit: this.#pageSize, viewer: connection.me }) };
    return { ...catchUp, room: room.describe(), state: this.state(connection.me, room) };
  }

  #history(
    room: ModelRoom,
    {
      before,
      after,
      around,
      limit = 50,
      viewer,
    }: { before?: number; after?: number; around?: number; limit?: number; viewer: Me },
  ): HistoryPage {
    const all = room.messages(viewer.id);
    let start = Math.max(0, all.length - limit);
    let end = all.length;
    if (before !== undefined) {
      end = all.filter((m) => m.seq < before).length;
      start = Math.max(0, end - limit);
    } else if (after !== undefined) {
      start = all.filter((m) => m.seq <= after).length;
      end = Math.min(all.length, start + limit);
    } else if (around !== undefined) {
      const at = all.filter((m) => m.seq < around).length;
      start = Math.max(0, at - Math.floor(limit / 2));
      end = Math.min(all.length, start + limit);
    }
    return { messages: all.slice(start, end), hasBefore: start > 0, hasAfter: end < all.length };
  }

  #visible(connection: ServerConnection, address: string | number): ModelRoom {
    const room = [...this.rooms.values()].find((r) => r.id === address || r.number === Number(address));
    if (room === undefined || !room.isVisibleTo(connection.me)) throw new Refusal("ROOM_INVALID");
    return room;
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
    for (const connection of this.connections)
      if (connection.joinedRooms.has(room.id)) this.#deliver(connection, event);
  }

  #deliver(connection: ServerConnection, event: ServerEvent): void {
    for (const delayMs of this.faults.deliveryDelaysMs()) {
      if (delayMs === 0) connection.send(event);
      else {
        this.#clock.after(delayMs, () => {
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

function asEmptyReset({ room, state }: JoinedRoom): JoinedRoom {
  return { reset: true, page: { messages: [], hasBefore: true, hasAfter: false }, room, state };
}

/** Commands that are answered after a commit. */
const WRITE_COMMANDS: ReadonlySet<CommandName> = new Set([
  "message.send",
  "message.edit",
  "message.delete",
  "message.pin",
  "message.unpin",
  "reaction.add",
  "reaction.remove",
  "member.add",
  "member.remove",
]);

function authorOf({ id, username }: Author): Author {
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
