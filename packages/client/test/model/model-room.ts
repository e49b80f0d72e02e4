import type { Author, Ban, LogEvent, Me, Member, Message, Reaction, Role, Room, RoomKind } from "@multichat/protocol";

/** What an event of the log says, without its place in it. */
type Without<T> = T extends LogEvent ? Omit<T, "room" | "seq"> : never;
export type Happening = Without<LogEvent>;

export interface ModelRoomOptions {
  readonly staffOnly?: boolean;
  readonly kind?: RoomKind;
  /** Who is in it from the beginning; the first one owns it. */
  readonly members?: readonly Author[];
}

/** A message with what is remembered about it beside what is shown. */
interface Stored {
  message: Message;
  readonly reactions: Map<string, string[]>;
  editedSeq: number;
  deletedSeq: number;
  pinSeq: number;
  /** The seq of the last change, by person and emoji. */
  readonly reacted: Map<string, number>;
}

/**
 * One room of the model: its log, and everything else derived from the log, so that cutting the log off is all that restoring an older
 * backup takes.
 */
export class ModelRoom {
  readonly id: string;
  readonly number: number;
  readonly people: readonly Author[];
  readonly #first: { readonly title: string; readonly staffOnly: boolean; readonly kind: RoomKind };
  readonly #founders: readonly Author[];
  readonly log: LogEvent[] = [];
  /** What named changes were answered with, by person and name. */
  readonly intents = new Map<string, number>();
  title = "";
  topic = "";
  staffOnly = false;
  archived = false;
  kind: RoomKind = "open";
  slowModeSeconds = 0;
  members = new Map<string, Member>();
  banned = new Map<string, Ban>();
  #messages = new Map<string, Stored>();

  constructor(number: number, title: string, { staffOnly = false, kind = "open", members = [] }: ModelRoomOptions) {
    this.number = number;
    this.id = `room-${number}`;
    this.people = kind === "direct" ? members : [];
    this.#first = { title, staffOnly, kind };
    this.#founders = members;
    this.#reset();
  }

  /** Puts what happened into the log, and into what it changes. */
  record(happening: Happening): LogEvent {
    // The union of the events, each with its place: the compiler cannot spread a union by its members.
    const event = { ...happening, room: this.id, seq: this.log.length + 1 } as LogEvent;
    this.log.push(event);
    this.#apply(event);
    return event;
  }

  /** What the log does not have any more never happened. */
  cut(to: number): void {
    const log = this.log.splice(0);
    this.#reset();
    for (const event of log.slice(0, to)) {
      this.log.push(event);
      this.#apply(event);
    }
    for (const [name, seq] of this.intents) if (seq > to) this.intents.delete(name);
  }

  describe(): Room {
    const { id, number, title, topic, kind, staffOnly, archived, slowModeSeconds, people, log } = this;
    const lastSeq = log.length;
    return { id, number, title, topic, kind, staffOnly, archived, slowModeSeconds, people, lastSeq, createdAt: 0 };
  }

  admits(me: Pick<Me, "id" | "staff">): boolean {
    if (this.banned.has(me.id) || (this.staffOnly && !me.staff)) return false;
    return this.kind === "open" || this.members.has(me.id);
  }

  /** The log after `since`, as it is told when it is asked for again: of what is now. */
  since(seq: number): LogEvent[] {
    return this.log.slice(seq).map((event) => this.#asked(event));
  }

  /** In their order, as they are now; `viewer`: whose reactions are theirs. */
  messages(viewer?: string): Message[] {
    return [...this.#messages.values()].map((stored) => this.#seen(stored, viewer));
  }

  message(id: string, viewer?: string): Message | undefined {
    const stored = this.#messages.get(id);
    return stored && this.#seen(stored, viewer);
  }

  /** Where the present state of something comes from: what a repeated command is answered with. */
  seqOf(id: string, what: "edited" | "deleted" | "pinned"): number {
    const stored = this.#messages.get(id);
    if (stored === undefined) return 0;
    return { edited: stored.editedSeq, deleted: stored.deletedSeq, pinned: stored.pinSeq }[what];
  }

  reactedSeq(id: string, user: string, emoji: string): number {
    const stored = this.#messages.get(id);
    return stored?.reacted.get(`${user} ${emoji}`) ?? stored?.message.seq ?? 0;
  }

  reactors(id: string, emoji: string): readonly string[] {
    return this.#messages.get(id)?.reactions.get(emoji) ?? [];
  }

  /** Newest pin first. */
  pins(viewer: string): Message[] {
    const pinned = [...this.#messages.values()].filter(({ message }) => message.pinned);
    return pinned.sort((a, b) => b.pinSeq - a.pinSeq).map((stored) => this.#seen(stored, viewer));
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
    this.title = this.#first.title;
    this.staffOnly = this.#first.staffOnly;
    this.kind = this.#first.kind;
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
          reacted: new Map(),
        });
        break;
      case "message.edited": {
        const { body, editedAt, mentions, mentionsAll } = event.message;
        this.#change(event.message.id, (stored) => {
          stored.message = { ...stored.message, body, editedAt, mentions, mentionsAll };
          stored.editedSeq = event.seq;
        });
        break;
      }
      case "message.deleted":
        this.#change(event.message, (stored) => {
          stored.message = {
            ...stored.message,
            body: "",
            editedAt: null,
            deletedAt: event.deletedAt,
            replyTo: null,
            mentions: [],
            mentionsAll: false,
            pinned: false,
          };
          stored.reactions.clear();
          stored.deletedSeq = event.seq;
        });
        break;
      case "message.pinned":
      case "message.unpinned":
        this.#change(event.message, (stored) => {
          stored.message = { ...stored.message, pinned: event.on === "message.pinned" };
          stored.pinSeq = event.seq;
        });
        break;
      case "reaction.added":
      case "reaction.removed":
        this.#change(event.message, (stored) => {
          const others = (stored.reactions.get(event.emoji) ?? []).filter((id) => id !== event.user.id);
          const users = event.on === "reaction.added" ? [...others, event.user.id] : others;
          if (users.length === 0) stored.reactions.delete(event.emoji);
          else stored.reactions.set(event.emoji, users);
          stored.reacted.set(`${event.user.id} ${event.emoji}`, event.seq);
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
        const before = this.members.get(event.user.id);
        const { user, role, mutedUntil } = event;
        this.members.set(user.id, { user, role, mutedUntil, since: before?.since ?? event.seq });
      }
    }
  }

  #change(id: string, change: (stored: Stored) => void): void {
    const stored = this.#messages.get(id);
    if (stored !== undefined) change(stored);
  }

  #seen({ message, reactions }: Stored, viewer: string | undefined): Message {
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

  /** An event that is asked for again tells of what is now. */
  #asked(event: LogEvent): LogEvent {
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
