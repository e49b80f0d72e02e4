import type {
  Author,
  CatchUp,
  Command,
  CommandName,
  ErrorCode,
  HistoryPage,
  JoinedRoom,
  LogEvent,
  Me,
  MemberState,
  Message,
  OkOf,
  ResumedRoom,
  Room,
  RoomListEntry,
  ServerEvent,
} from "@multichat/protocol";
import type { StepClock } from "./step-clock.ts";

export interface ModelRoom {
  readonly id: string;
  readonly number: number;
  title: string;
  staffOnly: boolean;
  archived: boolean;
  readonly log: LogEvent[];
}

/** A connection, as the server has it. */
export interface Door {
  readonly me: Me;
  readonly hears: Set<string>;
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
  faults: LayerFaults = faultless;
  /** Refuses the next commands of these names, once each. */
  readonly refuseNext: { name: CommandName; code: ErrorCode; retryAfter?: number }[] = [];
  epoch = "epoch-1";
  up = true;
  readonly #clock: StepClock;
  readonly #commit: number;
  readonly #resumeEvents: number;
  readonly #page: number;
  readonly #answerMessages: number;
  readonly #read: () => number;
  readonly #markers = new Map<string, number>();
  /** Counts lives: what was not committed when the server was killed never is. */
  #life = 0;
  #messages = 0;

  constructor({ clock, commit = 2, resumeEvents = 8, page = 6, answerMessages = 12, read = () => 0 }: ModelOptions) {
    this.#read = read;
    this.#answerMessages = answerMessages;
    this.#clock = clock;
    this.#commit = commit;
    this.#resumeEvents = resumeEvents;
    this.#page = page;
  }

  addRoom(title: string, options: { staffOnly?: boolean } = {}): ModelRoom {
    const number = this.rooms.size + 1;
    const room: ModelRoom = {
      id: `room-${number}`,
      number,
      title,
      staffOnly: options.staffOnly ?? false,
      archived: false,
      log: [],
    };
    this.rooms.set(room.id, room);
    this.#log(room, (seq) => ({ on: "room.created", room: room.id, seq, by: null }));
    for (const door of this.doors) if (canSee(door.me, room)) this.#tellListed(door, room);
    return room;
  }

  messagesOf(room: ModelRoom): Message[] {
    return room.log.flatMap((event) => (event.on === "message.posted" ? [event.message] : []));
  }

  /** A message by somebody who has no client here. */
  post(room: ModelRoom, author: Author, body: string, clientId = `outside-${this.#messages}`): Message {
    const event = this.#log(room, (seq) => this.#posted(room, seq, author, clientId, body));
    if (event.on !== "message.posted") throw new Error("A post is a post.");
    return event.message;
  }

  change(room: ModelRoom, changes: { title?: string; staffOnly?: boolean; archived?: boolean }): void {
    const saw = new Map([...this.doors].map((door) => [door, canSee(door.me, room)]));
    Object.assign(room, changes);
    this.#log(room, (seq) => ({ on: "room.changed", room: room.id, seq, by: null, changes }));
    for (const [door, before] of saw) {
      const after = canSee(door.me, room);
      if (after) this.#tellListed(door, room);
      else if (before) this.#close(door, room.id);
    }
  }

  remove(room: ModelRoom): void {
    this.rooms.delete(room.id);
    for (const door of this.doors) if (canSee(door.me, room)) this.#close(door, room.id);
  }

  state(me: Pick<Me, "id">, room: ModelRoom): MemberState {
    const readSeq = this.#markers.get(`${me.id} ${room.id}`) ?? 0;
    const unread = this.messagesOf(room).filter((m) => m.seq > readSeq && m.author?.id !== me.id).length;
    return { readSeq, unread: Math.min(100, unread), mentions: 0 };
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
    if (command.do === "message.send") {
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
    try {
      const ok = this.#do(door, command);
      this.answered.set(command.do, (this.answered.get(command.do) ?? 0) + 1);
      const life = this.#life;
      const delay = command.do === "message.send" ? 0 : this.#read();
      if (delay === 0) door.tell({ re: command.id, ok });
      else this.#clock.after(delay, () => life === this.#life && door.tell({ re: command.id, ok }));
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.#refuse(door, command.id, error);
    }
  }

  #refuse(door: Door, id: number, { code, message, retryAfter }: Refused): void {
    door.tell({ re: id, error: { code, message, ...(retryAfter === undefined ? {} : { retryAfter }) } });
  }

  #do(door: Door, command: Command): OkOf<CommandName> {
    switch (command.do) {
      case "room.list": {
        const rooms = [...this.rooms.values()].filter((room) => canSee(door.me, room));
        const entries = rooms.map((room): RoomListEntry => {
          const { unread, mentions } = this.state(door.me, room);
          return { ...describe(room), unread, mentions };
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
        const before = this.messagesOf(room).find(
          (m) => m.author?.id === door.me.id && m.clientId === command.clientId,
        );
        if (before !== undefined) return { seq: before.seq, message: before };
        if (room.archived) throw new Refused("ROOM_ARCHIVED");
        if (command.body.trim() === "") throw new Refused("MESSAGE_INVALID");
        const message = this.post(room, door.me, command.body, command.clientId);
        return { seq: message.seq, message };
      }
      case "history.page":
        return this.#history(this.#visible(door, command.room), command);
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
          if (room === undefined || !canSee(door.me, room)) answer[id] = { gone: true };
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
    }
  }

  #join(door: Door, room: ModelRoom, since: number | undefined): JoinedRoom {
    door.hears.add(room.id);
    const missing = since === undefined ? Number.POSITIVE_INFINITY : room.log.length - since;
    const catchUp: CatchUp =
      missing >= 0 && missing <= this.#resumeEvents
        ? { reset: false, events: room.log.slice(since) }
        : { reset: true, page: this.#history(room, { limit: this.#page }) };
    return { ...catchUp, room: describe(room), state: this.state(door.me, room) };
  }

  #history(
    room: ModelRoom,
    { before, after, around, limit = 50 }: { before?: number; after?: number; around?: number; limit?: number },
  ): HistoryPage {
    const all = this.messagesOf(room);
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
    if (room === undefined || !canSee(door.me, room)) throw new Refused("ROOM_INVALID");
    return room;
  }

  #posted(room: ModelRoom, seq: number, author: Author, clientId: string, body: string): LogEvent {
    this.#messages += 1;
    const message: Message = {
      id: `message-${this.#messages}`,
      room: room.id,
      seq,
      kind: "message",
      author: { id: author.id, username: author.username },
      clientId,
      body,
      createdAt: this.#clock.now(),
    };
    return { on: "message.posted", room: room.id, seq, message };
  }

  #log(room: ModelRoom, make: (seq: number) => LogEvent): LogEvent {
    const event = make(room.log.length + 1);
    room.log.push(event);
    for (const door of this.doors) if (door.hears.has(room.id)) this.#deliver(door, event);
    return event;
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

  #tellListed(door: Door, room: ModelRoom): void {
    door.tell({ on: "room.listed", room: room.id, entry: describe(room) } satisfies ServerEvent);
  }

  #close(door: Door, room: string): void {
    door.hears.delete(room);
    door.tell({ on: "room.unlisted", room } satisfies ServerEvent);
  }
}

function withoutMessages({ room, state }: JoinedRoom): JoinedRoom {
  return { reset: true, page: { messages: [], hasBefore: true, hasAfter: false }, room, state };
}

export function describe({ id, number, title, staffOnly, archived, log }: ModelRoom): Room {
  return { id, number, title, topic: "", staffOnly, archived, lastSeq: log.length, createdAt: 0 };
}

function canSee(me: Me, room: ModelRoom): boolean {
  return !room.staffOnly || me.staff;
}
