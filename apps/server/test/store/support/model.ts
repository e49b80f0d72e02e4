import type { Role } from "@multichat/protocol";

// The contract of the store for one room, implemented in memory.

export const PEOPLE = ["ann", "ben", "cat"] as const;
export type Name = (typeof PEOPLE)[number];

export interface ModelMessage {
  readonly seq: number;
  readonly author: Name;
  readonly clientId: string;
  body: string;
  readonly replyTo: number | undefined;
  mentionsAll: boolean;
  editedSeq: number | undefined;
  deletedSeq: number | undefined;
  pinned: boolean;
  pinSeq: number | undefined;
  readonly versions: string[];
  /** The present and removed reactions, in the order of the seq of their last change. */
  reactions: { emoji: string; user: Name; present: boolean; seq: number }[];
  /** The seq since which each emoji is present. */
  readonly emojis: Map<string, number>;
}

/** The expected result of an operation: an outcome, or a seq with or without an event. */
export type ExpectedResult = string | { readonly seq: number; readonly event: boolean };

const MAX_EMOJIS = 20;

export class Model {
  lastSeq = 1;
  accessVersion = 1;
  title = "General";
  archived = false;
  deleted = false;
  readonly messages: ModelMessage[] = [];
  readonly markers = new Map<Name, number>();
  readonly members = new Map<Name, { role: Role; mutedUntil: number | null; seq: number }>();
  readonly departures = new Map<Name, { banned: boolean; seq: number }>();

  append(
    { author, clientId, body, replyTo }: Pick<ModelMessage, "author" | "clientId" | "body" | "replyTo">,
    { stale }: { readonly stale: boolean },
  ): ExpectedResult {
    const repeated = this.messages.find((m) => m.author === author && m.clientId === clientId);
    if (repeated !== undefined) return { seq: repeated.seq, event: false };
    if (stale || this.archived || this.deleted) return "stale";
    const quoted = replyTo === undefined ? undefined : this.find(replyTo);
    if (replyTo !== undefined && (quoted === undefined || quoted.deletedSeq !== undefined)) return "unknown";
    const seq = this.#next();
    this.messages.push({
      seq,
      author,
      clientId,
      body,
      replyTo,
      mentionsAll: body.includes("@all"),
      editedSeq: undefined,
      deletedSeq: undefined,
      pinned: false,
      pinSeq: undefined,
      versions: [],
      reactions: [],
      emojis: new Map(),
    });
    return { seq, event: true };
  }

  find(seq: number): ModelMessage | undefined {
    return this.messages.find((message) => message.seq === seq);
  }

  edit(seq: number, body: string): ExpectedResult {
    const message = this.find(seq);
    if (this.deleted) return "stale";
    if (message === undefined || message.deletedSeq !== undefined) return "unknown";
    if (message.body === body) return { seq: message.editedSeq ?? message.seq, event: false };
    message.versions.push(message.body);
    message.body = body;
    message.mentionsAll = body.includes("@all");
    message.editedSeq = this.#next();
    return { seq: message.editedSeq, event: true };
  }

  delete(seq: number): ExpectedResult {
    const message = this.find(seq);
    if (this.deleted) return "stale";
    if (message === undefined) return "unknown";
    if (message.deletedSeq !== undefined) return { seq: message.deletedSeq, event: false };
    message.versions.push(message.body);
    message.deletedSeq = this.#next();
    message.body = "";
    message.mentionsAll = false;
    message.pinned = false;
    message.reactions = [];
    message.emojis.clear();
    return { seq: message.deletedSeq, event: true };
  }

  setReaction(seq: number, emoji: string, user: Name, { present }: { readonly present: boolean }): ExpectedResult {
    const message = this.find(seq);
    if (this.deleted) return "stale";
    if (message === undefined || message.deletedSeq !== undefined) return "unknown";
    const previous = message.reactions.find((reaction) => reaction.emoji === emoji && reaction.user === user);
    if ((previous?.present ?? false) === present) return { seq: previous?.seq ?? message.seq, event: false };
    if (present && !message.emojis.has(emoji) && message.emojis.size >= MAX_EMOJIS) return "full";
    const changeSeq = this.#next();
    message.reactions = message.reactions.filter((reaction) => reaction !== previous);
    message.reactions.push({ emoji, user, present, seq: changeSeq });
    if (!message.reactions.some((each) => each.emoji === emoji && each.present)) message.emojis.delete(emoji);
    else if (!message.emojis.has(emoji)) message.emojis.set(emoji, changeSeq);
    return { seq: changeSeq, event: true };
  }

  setPinned(seq: number, { pinned }: { readonly pinned: boolean }): ExpectedResult {
    const message = this.find(seq);
    if (this.deleted) return "stale";
    if (message === undefined || message.deletedSeq !== undefined) return "unknown";
    if (message.pinned === pinned) return { seq: message.pinSeq ?? message.seq, event: false };
    message.pinned = pinned;
    message.pinSeq = this.#next();
    return { seq: message.pinSeq, event: true };
  }

  addMember(user: Name, role: Role): ExpectedResult {
    if (this.deleted) return "unknown";
    if (this.departures.get(user)?.banned) return "banned";
    const member = this.members.get(user);
    if (member !== undefined) return { seq: member.seq, event: false };
    const seq = this.#next();
    if (role === "owner") this.accessVersion += 1;
    this.members.set(user, { role, mutedUntil: null, seq });
    // A user who joins, for the first time or again, has nothing unread from before.
    if (!this.markers.has(user) || this.departures.has(user)) this.markers.set(user, seq);
    this.departures.delete(user);
    return { seq, event: true };
  }

  removeMember(user: Name, ban: boolean | undefined): ExpectedResult {
    if (this.deleted) return "unknown";
    const member = this.members.get(user);
    const departure = this.departures.get(user);
    const banned = ban ?? departure?.banned ?? false;
    if (member === undefined && banned === (departure?.banned ?? false)) {
      return { seq: departure?.seq ?? 1, event: false };
    }
    if (member !== undefined && this.#isLastOwner(user)) return "last-owner";
    const seq = this.#next();
    if (member !== undefined || banned) this.accessVersion += 1;
    this.members.delete(user);
    if (departure?.banned === true && !banned) this.markers.set(user, seq);
    this.departures.set(user, { banned, seq });
    return { seq, event: true };
  }

  changeMember(user: Name, role: Role, mutedUntil: number | null): ExpectedResult {
    const member = this.members.get(user);
    if (this.deleted || member === undefined) return "unknown";
    if (member.role === role && member.mutedUntil === mutedUntil) return { seq: member.seq, event: false };
    if (role !== "owner" && this.#isLastOwner(user)) return "last-owner";
    const seq = this.#next();
    this.accessVersion += 1;
    this.members.set(user, { role, mutedUntil, seq });
    return { seq, event: true };
  }

  setTitle(title: string): ExpectedResult {
    if (this.deleted || this.title === title) return "unchanged";
    this.title = title;
    return { seq: this.#next(), event: true };
  }

  setArchived(archived: boolean): ExpectedResult {
    if (this.deleted || this.archived === archived) return "unchanged";
    this.archived = archived;
    this.accessVersion += 1;
    return { seq: this.#next(), event: true };
  }

  /** Returns the marker after it has moved. */
  moveMarker(user: Name, seq: number): number {
    const readSeq = Math.max(this.markers.get(user) ?? 0, Math.min(seq, this.lastSeq));
    this.markers.set(user, readSeq);
    return readSeq;
  }

  countsOf(user: Name): { readSeq: number; unread: number; mentions: number } {
    const readSeq = this.markers.get(user) ?? 0;
    const unread = this.messages.filter(
      (message) => message.seq > readSeq && message.author !== user && message.deletedSeq === undefined,
    );
    const mentioning = unread.filter(({ mentionsAll, body }) => mentionsAll || body.includes(`@${user}`));
    return { readSeq, unread: unread.length, mentions: mentioning.length };
  }

  #isLastOwner(user: Name): boolean {
    const owners = [...this.members].filter(([, { role }]) => role === "owner").map(([name]) => name);
    return owners.length === 1 && owners[0] === user && this.members.size > 1;
  }

  #next(): number {
    this.lastSeq += 1;
    return this.lastSeq;
  }
}
