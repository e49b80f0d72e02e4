import type {
  Author,
  CatchUp,
  Command,
  CommandName,
  CommandResult,
  ErrorCode,
  HistoryPage,
  JoinedRoom,
  LogEvent,
  Me,
  MemberState,
  Message,
  PresenceStatus,
  ResumedRoom,
  Role,
  RoomListEntry,
  RoomPatch,
  ServerEvent,
} from "@multichat/protocol";
import { type Happening, ModelRoom, type ModelRoomOptions } from "./model-room.ts";
import type { StepClock } from "./step-clock.ts";

/** A connection, as the server has it. */
export interface Door {
  readonly me: Me;
  readonly hears: Set<string>;
  presence: { readonly status: PresenceStatus; readonly text: string };
  /** Puts a frame on the wire to the client. */
  tell(frame: object): void;
  close(code: number): void;
}

/** What may go wrong between the commit and the wire: the layer may lose, double and delay. */
export interface LayerFaults {
  /** Each delivery asks: how many times does it come, and after how many milliseconds each. */
  deliver(): readonly number[];
}

export const faultless: LayerFaults = { deliver: () => [0] };

type OnMessage = Extract<Command, { readonly message: string }>;

class Refused extends Error {
  readonly code: ErrorCode;
  readonly retryAfter: number | undefined;

  constructor(code: ErrorCode, retryAfter?: number) {
    super(`refused: ${code}`);
    this.code = code;
    this.retryAfter = retryAfter;
  }
}

export interface ModelOptions {
  readonly clock: StepClock;
  /** Milliseconds that a commit takes. */
  readonly commit?: number;
  /** Events that a join replays before it answers reset. */
  readonly resumeEvents?: number;
  /** Messages of the first page. */
  readonly page?: number;
  /** Milliseconds between what an answer says and its leaving: events may overtake it. */
  readonly read?: () => number;
  /** Messages and events in one answer to a resume: rooms after that start with an empty page. */
  readonly answerMessages?: number;
  /** Members in one answer. */
  readonly listedMembers?: number;
}

/**
 * The chat's server as PROTOCOL.md describes it, in memory and on a stepped clock: a log for each room, messages that are posted once for
 * each client id, answers after the commit, events through a layer that may fail. What it holds is the truth that clients are
 * compared with.
 */
export class ModelServer {
  readonly rooms = new Map<string, ModelRoom>();
  readonly doors = new Set<Door>();
  /** How many commands of each name were answered. */
  readonly answered = new Map<CommandName, number>();
  /** The codes of all refusals, in their order. */
  readonly refusals: ErrorCode[] = [];
  faults: LayerFaults = faultless;
  /** Refuses the next commands of these names, once each. */
  readonly refuseNext: { name: CommandName; code: ErrorCode; retryAfter?: number }[] = [];
  epoch = "epoch-1";
  up = true;
  /** Takes connections, and comes to no list of rooms for anybody. */
  overcome = false;
  readonly #clock: StepClock;
  readonly #commit: number;
  readonly #resumeEvents: number;
  readonly #page: number;
  readonly #answerMessages: number;
  readonly #listedMembers: number;
  readonly #read: () => number;
  readonly #markers = new Map<string, number>();
  /** Counts lives: what was not committed when the server was killed never is. */
  #life = 0;
  #messages = 0;

  constructor({
    clock,
    commit = 2,
    resumeEvents = 8,
    page = 6,
    answerMessages = 12,
    listedMembers = 500,
    read = () => 0,
  }: ModelOptions) {
    this.#read = read;
    this.#listedMembers = listedMembers;
    this.#answerMessages = answerMessages;
    this.#clock = clock;
    this.#commit = commit;
    this.#resumeEvents = resumeEvents;
    this.#page = page;
  }

  addRoom(title: string, options: ModelRoomOptions = {}): ModelRoom {
    const room = new ModelRoom(this.rooms.size + 1, title, options);
    this.rooms.set(room.id, room);
    room.record({ on: "room.created", by: null });
    for (const door of this.doors) if (room.admits(door.me)) this.#tellListed(door, room);
    return room;
  }

  messagesOf(room: ModelRoom, viewer?: Pick<Me, "id">): Message[] {
    return room.messages(viewer?.id);
  }

  /** A message by somebody who has no client here. */
  post(
    room: ModelRoom,
    author: Author,
    body: string,
    { clientId = `outside-${this.#messages}`, replyTo }: { clientId?: string; replyTo?: string | undefined } = {},
  ): Message {
    this.#messages += 1;
    const quoted = replyTo === undefined ? undefined : room.message(replyTo);
    const message: Message = {
      id: `message-${this.#messages}`,
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
      ...mentioned(body, author.id),
      reactions: [],
      pinned: false,
    };
    this.#happens(room, { on: "message.posted", message });
    return message;
  }

  /** @returns the seq of the edit. */
  edit(room: ModelRoom, id: string, body: string, by: Author): number {
    const message = room.message(id);
    if (message === undefined || message.deletedAt !== null) throw new Refused("MESSAGE_NOT_FOUND");
    if (message.body === body) return room.seqOf(id, "edited") || message.seq;
    const { author } = message;
    const edited = { ...message, body, editedAt: this.#clock.now(), ...mentioned(body, author?.id) };
    return this.#happens(room, { on: "message.edited", message: edited, by: authorOf(by) });
  }

  delete(room: ModelRoom, id: string, by: Author): number {
    const message = room.message(id);
    if (message === undefined) throw new Refused("MESSAGE_NOT_FOUND");
    if (message.deletedAt !== null) return room.seqOf(id, "deleted");
    return this.#happens(room, {
      on: "message.deleted",
      message: id,
      deletedAt: this.#clock.now(),
      by: authorOf(by),
    });
  }

  pin(room: ModelRoom, id: string, on: boolean, by: Author): number {
    const message = room.message(id);
    if (message === undefined || message.deletedAt !== null) throw new Refused("MESSAGE_NOT_FOUND");
    if (message.pinned === on) return room.seqOf(id, "pinned") || message.seq;
    return this.#happens(room, { on: on ? "message.pinned" : "message.unpinned", message: id, by: authorOf(by) });
  }

  react(room: ModelRoom, id: string, emoji: string, on: boolean, by: Author): number {
    const message = room.message(id);
    if (message === undefined || message.deletedAt !== null) throw new Refused("MESSAGE_NOT_FOUND");
    const users = room.reactors(id, emoji);
    if (users.includes(by.id) === on) return room.reactedSeq(id, by.id, emoji);
    const count = users.length + (on ? 1 : -1);
    const what = on ? "reaction.added" : "reaction.removed";
    return this.#happens(room, { on: what, message: id, emoji, user: authorOf(by), count });
  }

  join(room: ModelRoom, user: Author, role: Role = "member"): number {
    if (room.banned.has(user.id)) throw new Refused("MEMBER_BANNED");
    if (room.members.has(user.id)) return room.log.length;
    return this.#changes(room, { on: "member.joined", user: authorOf(user), role, by: authorOf(user) });
  }

  leave(room: ModelRoom, user: Author, ban?: boolean): number {
    const isIn = room.members.has(user.id);
    if (ban === undefined && !isIn) return room.log.length;
    if (ban === undefined) return this.#changes(room, { on: "member.left", user: authorOf(user) });
    return this.#changes(room, { on: "member.removed", user: authorOf(user), banned: ban, by: null });
  }

  changeMember(room: ModelRoom, user: Author, role: Role, mutedUntil: number | null): number {
    if (!room.members.has(user.id)) throw new Refused("PERSON_NOT_FOUND");
    return this.#changes(room, { on: "member.changed", user: authorOf(user), role, mutedUntil, by: null });
  }

  change(room: ModelRoom, changes: RoomPatch): void {
    this.#changes(room, { on: "room.changed", by: null, changes });
  }

  remove(room: ModelRoom): void {
    this.rooms.delete(room.id);
    for (const door of this.doors) if (room.admits(door.me)) this.#close(door, room.id);
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

  /** Ends at once, as by `kill -9`: what is committed stays, what is on its way is gone. */
  kill(): void {
    this.#life += 1;
    this.up = false;
    for (const door of [...this.doors]) door.close(1006);
    this.doors.clear();
  }

  start(): void {
    this.up = true;
  }

  connected(door: Door): void {
    this.doors.add(door);
  }

  disconnected(door: Door): void {
    this.doors.delete(door);
  }

  received(door: Door, text: string): void {
    const command = JSON.parse(text) as Command;
    const refusal = this.refuseNext.findIndex(({ name }) => name === command.do);
    if (refusal !== -1) {
      const [refused] = this.refuseNext.splice(refusal, 1);
      if (refused !== undefined) this.#refuse(door, command.id, new Refused(refused.code, refused.retryAfter));
      return;
    }
    if (CHANGES.has(command.do)) {
      const life = this.#life;
      // Arrived, and not yet committed: a kill in between loses it, rightly.
      this.#clock.after(this.#commit, () => {
        if (life === this.#life) this.#answer(door, command);
      });
      return;
    }
    this.#answer(door, command);
  }

  #answer(door: Door, command: Command): void {
    if (this.overcome && command.do === "room.list") return;
    try {
      const ok = this.#do(door, command);
      this.answered.set(command.do, (this.answered.get(command.do) ?? 0) + 1);
      const life = this.#life;
      const delay = CHANGES.has(command.do) ? 0 : this.#read();
      if (delay === 0) door.tell({ re: command.id, ok });
      else this.#clock.after(delay, () => life === this.#life && door.tell({ re: command.id, ok }));
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.#refuse(door, command.id, error);
    }
  }

  #refuse(door: Door, id: number, { code, message, retryAfter }: Refused): void {
    this.refusals.push(code);
    door.tell({ re: id, error: { code, message, ...(retryAfter === undefined ? {} : { retryAfter }) } });
  }

  #do(door: Door, command: Command): CommandResult<CommandName> {
    if (!("clientId" in command && "message" in command)) return this.#change(door, command);
    const { intents } = this.#visible(door, command.room);
    const intent = `${door.me.id} ${command.clientId}`;
    const before = intents.get(intent);
    if (before !== undefined) return this.#asBefore(door, command, before);
    const done = this.#change(door, command);
    if ("seq" in done) intents.set(intent, done.seq);
    return done;
  }

  /** Done before, however long ago: answered as then, with the message as it is now. */
  #asBefore(door: Door, { do: name, room: address, message: id }: OnMessage, seq: number): CommandResult<CommandName> {
    const message = this.#visible(door, address).message(id, door.me.id);
    if (name !== "message.edit") return { seq };
    if (message === undefined || message.deletedAt !== null) throw new Refused("MESSAGE_NOT_FOUND");
    return { seq, message };
  }

  #change(door: Door, command: Command): CommandResult<CommandName> {
    switch (command.do) {
      case "room.list": {
        const rooms = [...this.rooms.values()].filter((room) => room.admits(door.me));
        const entries = rooms.map((room): RoomListEntry => {
          const { role, mutedUntil, unread, mentions } = this.state(door.me, room);
          return { ...room.describe(), role, mutedUntil, unread, mentions };
        });
        return { rooms: entries, me: door.me, epoch: this.epoch };
      }
      case "room.join":
        return this.#join(door, this.#visible(door, command.room), command.since);
      case "room.leave":
        door.hears.delete(this.#visible(door, command.room).id);
        return {};
      case "message.send": {
        const room = this.#visible(door, command.room);
        if (!door.hears.has(room.id)) throw new Refused("ROOM_ACCESS_DENIED");
        const before = room
          .messages(door.me.id)
          .find((m) => m.author?.id === door.me.id && m.clientId === command.clientId);
        if (before !== undefined) return { seq: before.seq, message: before };
        if (room.archived) throw new Refused("ROOM_ARCHIVED");
        if (command.body.trim() === "") throw new Refused("MESSAGE_INVALID");
        const { clientId, replyTo } = command;
        if (replyTo !== undefined && room.message(replyTo) === undefined) throw new Refused("MESSAGE_NOT_FOUND");
        const message = this.post(room, door.me, command.body, { clientId, replyTo });
        return { seq: message.seq, message };
      }
      case "message.edit": {
        const room = this.#visible(door, command.room);
        const known = room.message(command.message);
        if (known !== undefined && known.author?.id !== door.me.id) throw new Refused("ROOM_ACCESS_DENIED");
        const seq = this.edit(room, command.message, command.body, door.me);
        const message = room.message(command.message, door.me.id);
        if (message === undefined) throw new Error("An edited message is there.");
        return { seq, message };
      }
      case "message.delete":
        return { seq: this.delete(this.#visible(door, command.room), command.message, door.me) };
      case "message.pin":
        return { seq: this.pin(this.#visible(door, command.room), command.message, true, door.me) };
      case "message.unpin":
        return { seq: this.pin(this.#visible(door, command.room), command.message, false, door.me) };
      case "reaction.add":
      case "reaction.remove": {
        const room = this.#visible(door, command.room);
        return { seq: this.react(room, command.message, command.emoji, command.do === "reaction.add", door.me) };
      }
      case "pin.list":
        return { messages: this.#visible(door, command.room).pins(door.me.id) };
      case "member.list": {
        const members = this.#visible(door, command.room).memberList();
        return { members: members.slice(0, this.#listedMembers), count: members.length };
      }
      case "member.bans": {
        const banned = this.#visible(door, command.room).banList();
        return { banned: banned.slice(0, this.#listedMembers), count: banned.length };
      }
      case "typing.start":
      case "typing.stop": {
        const room = this.#visible(door, command.room);
        const on = command.do === "typing.start" ? "typing.started" : "typing.stopped";
        for (const other of this.doors) {
          if (other !== door && other.hears.has(room.id))
            this.#deliver(other, { on, room: room.id, user: authorOf(door.me) });
        }
        return {};
      }
      case "presence.set": {
        const { status, text = "" } = command;
        door.presence = { status, text };
        for (const other of this.doors) {
          if (other !== door) this.#deliver(other, { on: "presence.changed", user: door.me.id, status, text });
        }
        return {};
      }
      case "presence.list": {
        const here = [...this.doors].filter(({ me }) => command.users.includes(me.id));
        return { presences: here.map(({ me, presence }) => ({ user: me.id, ...presence })) };
      }
      case "message.search": {
        const rooms = [...this.rooms.values()].filter((room) => room.admits(door.me));
        const found = rooms.flatMap((room) =>
          room
            .messages(door.me.id)
            .filter(({ body }) => body.includes(command.query))
            .map((message) => ({ message, room: room.describe() })),
        );
        return { found: found.slice(0, command.limit), cursor: null };
      }
      case "member.add":
        return { seq: this.join(this.#visible(door, command.room), door.me) };
      case "member.remove":
        return { seq: this.leave(this.#visible(door, command.room), door.me) };
      case "history.page":
        return this.#history(this.#visible(door, command.room), { ...command, viewer: door.me });
      case "room.read": {
        const room = this.#visible(door, command.room);
        const key = `${door.me.id} ${room.id}`;
        const seq = Math.min(command.seq, room.log.length);
        this.#markers.set(key, Math.max(seq, this.#markers.get(key) ?? 0));
        const state = this.state(door.me, room);
        const { readSeq, unread, mentions } = state;
        for (const other of this.doors) {
          if (other.me.id === door.me.id)
            this.#deliver(other, { on: "room.read", room: room.id, seq: readSeq, unread, mentions });
        }
        return state;
      }
      case "resume": {
        const answer: Record<string, ResumedRoom> = {};
        let messages = 0;
        for (const [id, since] of Object.entries(command.rooms)) {
          const room = this.rooms.get(id);
          if (room === undefined || !room.admits(door.me)) answer[id] = { gone: true };
          else {
            const joined = this.#join(door, room, command.epoch === this.epoch ? since : undefined);
            messages += joined.reset ? joined.page.messages.length : joined.events.length;
            answer[id] = messages > this.#answerMessages ? withoutMessages(joined) : joined;
          }
        }
        return { rooms: answer, epoch: this.epoch };
      }
      case "ping":
        return {};
      default:
        throw new Refused("COMMAND_UNKNOWN");
    }
  }

  #join(door: Door, room: ModelRoom, since: number | undefined): JoinedRoom {
    door.hears.add(room.id);
    const missing = since === undefined ? Number.POSITIVE_INFINITY : room.log.length - since;
    const catchUp: CatchUp =
      missing >= 0 && missing <= this.#resumeEvents
        ? { reset: false, events: room.since(since ?? 0) }
        : { reset: true, page: this.#history(room, { limit: this.#page, viewer: door.me }) };
    return { ...catchUp, room: room.describe(), state: this.state(door.me, room) };
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

  #visible(door: Door, address: string | number): ModelRoom {
    const room = [...this.rooms.values()].find((r) => r.id === address || r.number === Number(address));
    if (room === undefined || !room.admits(door.me)) throw new Refused("ROOM_INVALID");
    return room;
  }

  /** @returns its seq. */
  #happens(room: ModelRoom, happening: Happening): number {
    const event = room.record(happening);
    this.#tell(room, event);
    return event.seq;
  }

  /** As `#happens`, for what changes who may see the room, or what they are in it: they hear of that first. */
  #changes(room: ModelRoom, happening: Happening): number {
    const saw = new Map([...this.doors].map((door) => [door, room.admits(door.me)]));
    const event = room.record(happening);
    const concerned = "user" in happening ? happening.user.id : undefined;
    for (const [door, before] of saw) {
      if (concerned !== undefined && door.me.id !== concerned) continue;
      if (room.admits(door.me)) this.#tellListed(door, room, concerned !== undefined);
      else if (before) this.#close(door, room.id);
    }
    this.#tell(room, event);
    return event.seq;
  }

  #tell(room: ModelRoom, event: LogEvent): void {
    for (const door of this.doors) if (door.hears.has(room.id)) this.#deliver(door, event);
  }

  #deliver(door: Door, event: ServerEvent): void {
    for (const delay of this.faults.deliver()) {
      if (delay === 0) door.tell(event);
      else
        this.#clock.after(delay, () => {
          // Rights are looked at again at delivery.
          if (this.doors.has(door) && (!("seq" in event) || event.on === "room.read" || door.hears.has(event.room)))
            door.tell(event);
        });
    }
  }

  #tellListed(door: Door, room: ModelRoom, isMembership = false): void {
    const { role, mutedUntil } = this.state(door.me, room);
    door.tell({
      on: "room.listed",
      room: room.id,
      entry: room.describe(),
      ...(isMembership ? { membership: { role, mutedUntil } } : {}),
    } satisfies ServerEvent);
  }

  #close(door: Door, room: string): void {
    door.hears.delete(room);
    door.tell({ on: "room.unlisted", room } satisfies ServerEvent);
  }
}

function withoutMessages({ room, state }: JoinedRoom): JoinedRoom {
  return { reset: true, page: { messages: [], hasBefore: true, hasAfter: false }, room, state };
}

/** Commands that change something: answered when it is committed. */
const CHANGES: ReadonlySet<CommandName> = new Set([
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

/** Ids are names here, and everybody may address everybody. */
function mentioned(body: string, author: string | undefined): Pick<Message, "mentions" | "mentionsAll"> {
  const names = [...body.matchAll(/@(\w+)/g)].map(([, name = ""]) => name);
  return { mentions: names.filter((name) => name !== "all" && name !== author), mentionsAll: names.includes("all") };
}
