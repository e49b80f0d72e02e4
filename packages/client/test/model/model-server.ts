import {
  type CatchUp,
  type Command,
  type CommandName,
  type CommandResult,
  type ErrorCode,
  type HistoryPage,
  type JoinedRoom,
  LIMITS,
  type Limits,
  type Me,
  type ResumedRoom,
  type RoomListEntry,
  type RoomPreference,
} from "@multichat/protocol";
import { authorOf, ModelChat, Refusal, type ServerConnection } from "./model-chat.ts";
import type { ModelRoom } from "./model-room.ts";
import type { StepClock } from "./step-clock.ts";

type MessageCommand = Extract<Command, { readonly message: string }>;

export interface ModelServerOptions {
  readonly clock: StepClock;
  /** The time until a change is committed and answered. */
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
export class ModelServer extends ModelChat {
  /** The number of answers, by command. */
  readonly answerCounts = new Map<CommandName, number>();
  /** The codes of all refusals, in order. */
  readonly refusals: ErrorCode[] = [];
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
  readonly #preferences = new Map<string, Map<string, RoomPreference>>();
  readonly #commitMs: number;
  readonly #maxReplayedEvents: number;
  readonly #pageSize: number;
  readonly #maxResumeMessages: number;
  readonly #maxListedMembers: number;
  readonly #readDelayMs: () => number;
  /** Increases when the server is killed: what was not committed is lost. */
  #generation = 0;

  constructor({
    clock,
    commitMs = 2,
    maxReplayedEvents = 8,
    pageSize = 6,
    maxResumeMessages = 12,
    maxListedMembers = 500,
    readDelayMs = () => 0,
    limits,
  }: ModelServerOptions) {
    super(clock);
    this.limits = limits;
    this.maxFrameBytes = limits?.frameBytes ?? this.maxFrameBytes;
    this.#readDelayMs = readDelayMs;
    this.#maxListedMembers = maxListedMembers;
    this.#maxResumeMessages = maxResumeMessages;
    this.#commitMs = commitMs;
    this.#maxReplayedEvents = maxReplayedEvents;
    this.#pageSize = pageSize;
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
      this.clock.after(this.#commitMs, () => {
        if (generation === this.#generation) this.#answer(connection, command);
      });
      return;
    }
    this.#answer(connection, command);
  }

  #preferencesOf(user: string): Map<string, RoomPreference> {
    const known = this.#preferences.get(user) ?? new Map<string, RoomPreference>();
    this.#preferences.set(user, known);
    return known;
  }

  #answer(connection: ServerConnection, command: Command): void {
    if (this.isOverloaded && command.do === "room.list") return;
    try {
      const ok = this.#executeOnce(connection, command);
      this.answerCounts.set(command.do, (this.answerCounts.get(command.do) ?? 0) + 1);
      const generation = this.#generation;
      const delayMs = WRITE_COMMANDS.has(command.do) ? 0 : this.#readDelayMs();
      if (delayMs === 0) connection.send({ re: command.id, ok });
      else this.clock.after(delayMs, () => generation === this.#generation && connection.send({ re: command.id, ok }));
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
        const { expectedEditedAt } = command;
        const isExpected = expectedEditedAt === undefined || known?.editedAt === expectedEditedAt;
        if (!isExpected && known?.body !== command.body) throw new Refusal("MESSAGE_CHANGED");
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
      case "preference.list":
        return {
          preferences: [...this.#preferencesOf(connection.me.id).values()].filter(
            ({ room }) => this.rooms.get(room)?.isVisibleTo(connection.me) === true,
          ),
        };
      case "preference.set": {
        const { id } = this.#visible(connection, command.room);
        const all = this.#preferencesOf(connection.me.id);
        const before = all.get(id) ?? { room: id, notify: "default", starred: false };
        const preference: RoomPreference = {
          room: id,
          notify: command.notify ?? before.notify,
          starred: command.starred ?? before.starred,
        };
        all.set(id, preference);
        for (const other of this.connections) {
          if (other.me.id === connection.me.id) this.deliver(other, { on: "preference.changed", ...preference });
        }
        return preference;
      }
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
            this.deliver(other, { on, room: room.id, user: authorOf(connection.me) });
        }
        return {};
      }
      case "presence.set": {
        const { status, text = "" } = command;
        connection.presence = { status, text };
        for (const other of this.connections) {
          if (other !== connection)
            this.deliver(other, { on: "presence.changed", user: connection.me.id, status, text });
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
        this.markRead(connection.me, room, command);
        const state = this.state(connection.me, room);
        const { readSeq, readRevision, unread, mentions } = state;
        const revision = readRevision === undefined ? {} : { revision: readRevision };
        for (const other of this.connections) {
          if (other.me.id === connection.me.id)
            this.deliver(other, { on: "room.read", room: room.id, seq: readSeq, ...revision, unread, mentions });
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
  "preference.set",
]);
