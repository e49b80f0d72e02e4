import type { Author, Ban, LogEvent, Me, Member, Message, Reaction, Role, Room, RoomKind } from "@multichat/protocol";

/** An event of the log before it has a room and a seq. */
type WithoutPosition<T> = T extends LogEvent ? Omit<T, "room" | "seq"> : never;
export type NewLogEvent = WithoutPosition<LogEvent>;

export interface ModelRoomOptions {
  readonly staffOnly?: boolean;
  readonly kind?: RoomKind;
  /** The initial members; the first one is the owner. */
  readonly members?: readonly Author[];
}

/** A message with the seqs of its last changes. */
interface StoredMessage {
  message: Message;
  readonly reactions: Map<string, string[]>;
  editedSeq: number;
  deletedSeq: number;
  pinSeq: number;
  /** The seq of the last change of a reaction, by user and emoji. */
  readonly reactionSeqs: Map<string, number>;
}

/** One room of the model: its log, and everything else derived from it, so that truncating the log restores an older backup. */
export class ModelRoom {
  readonly id: string;
  readonly number: number;
  readonly people: readonly Author[];
  readonly #initial: { readonly title: string; readonly staffOnly: boolean; readonly kind: RoomKind };
  readonly #founders: readonly Author[];
  readonly log: LogEvent[] = [];
  /** The seq that each change was answered with, by user and client id. */
  readonly answeredKeys = new Map<string, number>();
  title = "";
  topic = "";
  staffOnly = false;
  archived = false;
  kind: RoomKind = "open";
  slowModeSeconds = 0;
  members = new Map<string, Member>();
  banned = new Map<string, Ban>();
  #messages = new Map<string, StoredMessage>();

  constructor(number: number, title: string, { staffOnly = false, kind = "open", members = [] }: ModelRoomOptions) {
    this.number = number;
    this.id = `room-${number}`;
    this.people = kind === "direct" ? members : [];
    this.#initial = { title, staffOnly, kind };
    this.#founders = members;
    this.#reset();
  }

  /** Appends an event to the log, and applies it. */
  append(newEvent: NewLogEvent): LogEvent {
    // The compiler does not distribute the spread over the union of events.
    const event = { ...newEvent, room: this.id, seq: this.log.length + 1 } as LogEvent;
    this.log.push(event);
    this.#apply(event);
    return event;
  }

  /** Removes the events after a seq, as if they had never happened. */
  truncate(lastSeq: number): void {
    const log = this.log.splice(0);
    this.#reset();
    for (const event of log.slice(0, lastSeq)) {
      this.log.push(event);
      this.#apply(event);
    }
    for (const [key, seq] of this.answeredKeys) if (seq > lastSeq) this.answeredKeys.delete(key);
  }

  describe(): Room {
    const { id, number, title, topic, kind, staffOnly, archived, slowModeSeconds, people, log } = this;
    const lastSeq = log.length;
    return { id, number, title, topic, kind, staffOnly, archived, slowModeSeconds, people, lastSeq, createdAt: 0 };
  }

  isVisibleTo(me: Pick<Me, "id" | "staff">): boolean {
    if (this.banned.has(me.id) || (this.staffOnly && !me.staff)) return false;
    return this.kind === "open" || this.members.has(me.id);
  }

  /** Returns the events after a seq as they are replayed: they describe the present. */
  eventsAfter(seq: number): LogEvent[] {
    return this.log.slice(seq).map((event) => this.#replayed(event));
  }

  /** Returns the messages in order. `viewer` is the user whose reactions are marked as theirs. */
  messages(viewer?: string): Message[] {
    return [...this.#messages.values()].map((stored) => this.#toMessage(stored, viewer));
  }

  message(id: string, viewer?: string): Message | undefined {
    const stored = this.#messages.get(id);
    return stored && this.#toMessage(stored, viewer);
  }

  /** Returns the seq of the last such change, which a repeated command is answered with. */
  seqOf(id: string, change: "edited" | "deleted" | "pinned"): number {
    const stored = this.#messages.get(id);
    if (stored === undefined) return 0;
    return { edited: stored.editedSeq, deleted: stored.deletedSeq, pinned: stored.pinSeq }[change];
  }

  reactionSeq(id: string, user: string, emoji: string): number {
    const stored = this.#messages.get(id);
    return stored?.reactionSeqs.get(`${user} ${emoji}`) ?? stored?.message.seq ?? 0;
  }

  reactors(id: string, emoji: string): readonly string[] {
    return this.#messages.get(id)?.reactions.get(emoji) ?? [];
  }

  /** Newest pin first. */
  pins(viewer: string): Message[] {
    const pinned = [...this.#messages.values()].filter(({ message }) => message.pinned);
    return pinned.sort((a, b) => b.pinSeq - a.pinSeq).map((stored) => this.#toMessage(stored, viewer));
  }

  memberList(): Member[] {
    const rank = (role: Role) => ["owner", "moderator", "member"].indexOf(role);
    return [...this.members.values()].sort(
      (a, b) => rank(a.role) - rank(b.role) || (a.user.username < b.user.username ? -1 : 1),
    );
  }

  /** Newest ban first. */
  banList(): Ban[] {
    return [...this.banned.values()].reverse();
  }

  #reset(): void {
    this.title = this.#initial.title;
    this.staffOnly = this.#initial.staffOnly;
    this.kind = this.#initial.kind;
    this.topic = "";
    this.archived = false;
    this.slowModeSeconds = 0;
    this.#messages = new Map();
    this.banned = new Map();
    this.members = new Map();
    this.#founders.forEach((user, i) => {
      const role = i === 0 && this.kind !== "direct" ? "owner" : "member";
      this.members.set(user.id, { user, role, since: 0, mutedUntil: null });
    });
  }

  #apply(event: LogEvent): void {
    switch (event.on) {
      case "room.created":
        break;
      case "room.changed":
        Object.assign(this, event.changes);
        break;
      case "message.posted":
        this.#messages.set(event.message.id, {
          message: event.message,
          reactions: new Map(),
          editedSeq: 0,
          deletedSeq: 0,
          pinSeq: 0,
          reactionSeqs: new Map(),
        });
        break;
      case "message.edited": {
        const { body, editedAt, mentions, mentionNames, mentionsAll } = event.message;
        this.#update(event.message.id, (stored) => {
          stored.message = { ...stored.message, body, editedAt, mentions, mentionNames, mentionsAll };
          stored.editedSeq = event.seq;
        });
        break;
      }
      case "message.deleted":
        this.#update(event.message, (stored) => {
          stored.message = {
            ...stored.message,
            body: "",
            editedAt: null,
            deletedAt: event.deletedAt,
            replyTo: null,
            mentions: [],
            mentionNames: [],
            mentionsAll: false,
            pinned: false,
          };
          stored.reactions.clear();
          stored.deletedSeq = event.seq;
        });
        break;
      case "message.pinned":
      case "message.unpinned":
        this.#update(event.message, (stored) => {
          stored.message = { ...stored.message, pinned: event.on === "message.pinned" };
          stored.pinSeq = event.seq;
        });
        break;
      case "reaction.added":
      case "reaction.removed":
        this.#update(event.message, (stored) => {
          const others = (stored.reactions.get(event.emoji) ?? []).filter((id) => id !== event.user.id);
          const users = event.on === "reaction.added" ? [...others, event.user.id] : others;
          if (users.length === 0) stored.reactions.delete(event.emoji);
          else stored.reactions.set(event.emoji, users);
          stored.reactionSeqs.set(`${event.user.id} ${event.emoji}`, event.seq);
        });
        break;
      case "member.joined":
        this.members.set(event.user.id, { user: event.user, role: event.role, since: event.seq, mutedUntil: null });
        break;
      case "member.left":
        this.members.delete(event.user.id);
        break;
      case "member.removed":
        this.members.delete(event.user.id);
        this.banned.delete(event.user.id);
        if (event.banned) this.banned.set(event.user.id, { user: event.user, by: event.by, at: event.seq });
        break;
      case "member.changed": {
        const previous = this.members.get(event.user.id);
        const { user, role, mutedUntil } = event;
        this.members.set(user.id, { user, role, mutedUntil, since: previous?.since ?? event.seq });
      }
    }
  }

  #update(id: string, change: (stored: StoredMessage) => void): void {
    const stored = this.#messages.get(id);
    if (stored !== undefined) change(stored);
  }

  #toMessage({ message, reactions }: StoredMessage, viewer: string | undefined): Message {
    const shown = [...reactions].map(
      ([emoji, users]): Reaction => ({
        emoji,
        users: users.slice(0, 100),
        count: users.length,
        mine: viewer !== undefined && users.includes(viewer),
      }),
    );
    const quoted = message.replyTo && this.#messages.get(message.replyTo.id)?.message;
    const replyTo = quoted
      ? { id: quoted.id, seq: quoted.seq, author: quoted.author, excerpt: [...quoted.body].slice(0, 140).join("") }
      : null;
    return { ...message, replyTo, reactions: shown };
  }

  /** Returns the event as it is replayed: it describes the present. */
  #replayed(event: LogEvent): LogEvent {
    switch (event.on) {
      case "message.posted":
      case "message.edited":
        return { ...event, message: this.message(event.message.id) ?? event.message };
      case "reaction.added":
      case "reaction.removed":
        return { ...event, count: this.reactors(event.message, event.emoji).length };
      default:
        return event;
    }
  }
}
