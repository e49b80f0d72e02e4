import type { LogEvent, Message, QuotedMessage, Reaction } from "@multichat/protocol";

/** The length of an excerpt, in code points. */
const EXCERPT_LENGTH = 140;
/** The most users listed of one reaction, as on the wire. */
const MAX_LISTED_USERS = 100;

/** Events that change a message that was posted before. */
export type MessageChange = Extract<
  LogEvent,
  {
    on:
      | "message.edited"
      | "message.deleted"
      | "message.pinned"
      | "message.unpinned"
      | "reaction.added"
      | "reaction.removed";
  }
>;

export function isMessageChange(event: LogEvent): event is MessageChange {
  switch (event.on) {
    case "message.edited":
    case "message.deleted":
    case "message.pinned":
    case "message.unpinned":
    case "reaction.added":
    case "reaction.removed":
      return true;
    default:
      return false;
  }
}

export function changedMessageId(event: MessageChange): string {
  return event.on === "message.edited" ? event.message.id : event.message;
}

/**
 * Returns the message after the event; the same object where nothing changes. Applying converges: an event can describe a later
 * state than its own seq (a replayed event describes the present), and a message can be newer than the event (a page of
 * history). Once every event up to that state is applied, the result is the same.
 *
 * @param me the id of the signed-in user
 */
export function applyChange(message: Message, event: MessageChange, me: string | undefined): Message {
  // A deleted message stays deleted: any other change was made before the deletion.
  if (changedMessageId(event) !== message.id || message.deletedAt !== null) return message;
  switch (event.on) {
    case "message.edited": {
      const { author, body, editedAt, deletedAt, mentions, mentionNames, mentionsAll } = event.message;
      if (deletedAt !== null) return asDeleted(message, deletedAt);
      // An edit does not change reactions and pins: they stay as the log has reported them so far.
      return { ...message, author, body, editedAt, mentions, mentionNames, mentionsAll };
    }
    case "message.deleted":
      return asDeleted(message, event.deletedAt);
    case "message.pinned":
    case "message.unpinned": {
      const pinned = event.on === "message.pinned";
      return message.pinned === pinned ? message : { ...message, pinned };
    }
    case "reaction.added":
    case "reaction.removed":
      return { ...message, reactions: applyReaction(message.reactions, event, me) };
  }
}

/** Returns the message without its content: a deleted message keeps nothing but its place. */
export function asDeleted({ files: _files, ...message }: Message, deletedAt: number): Message {
  return {
    ...message,
    body: "",
    editedAt: null,
    deletedAt,
    replyTo: null,
    mentions: [],
    mentionNames: [],
    mentionsAll: false,
    reactions: [],
    pinned: false,
  };
}

/** Marks the user's own reactions, which an event that is the same for all members cannot mark. */
export function withOwnReactionsMarked(message: Message, me: string | undefined): Message {
  if (message.reactions.length === 0) return message;
  const reactions = message.reactions.map((reaction) => ({
    ...reaction,
    mine: reaction.mine || (me !== undefined && reaction.users.includes(me)),
  }));
  return { ...message, reactions };
}

/** Returns the message with its quotation after the event; the same object where the event changes another message. */
export function applyChangeToQuote(message: Message, event: MessageChange): Message {
  const replyTo = message.replyTo === null ? null : applyChangeToQuotedMessage(message.replyTo, event);
  return replyTo === message.replyTo ? message : { ...message, replyTo };
}

/** Returns the quotation after the event; the same object where nothing changes. */
export function applyChangeToQuotedMessage(quoted: QuotedMessage, event: MessageChange): QuotedMessage {
  // An empty excerpt means that the quoted message was deleted, which is final.
  if (changedMessageId(event) !== quoted.id || quoted.excerpt === "") return quoted;
  if (event.on === "message.deleted") return { ...quoted, excerpt: "" };
  if (event.on !== "message.edited") return quoted;
  const excerpt = excerptOf(event.message);
  return excerpt === quoted.excerpt ? quoted : { ...quoted, excerpt };
}

/** Returns the message as a reply quotes it. */
export function quoteOf(message: Message): QuotedMessage {
  const { id, seq, author } = message;
  return { id, seq, author, excerpt: excerptOf(message) };
}

/** Adds or removes the user's own reaction; returns the same object where that changes nothing. */
export function withOwnReaction(
  message: Message,
  emoji: string,
  { added, me }: { readonly added: boolean; readonly me: string },
): Message {
  const previous = message.reactions.find((reaction) => reaction.emoji === emoji);
  if (message.deletedAt !== null || (previous?.mine ?? false) === added) return message;
  const count = (previous?.count ?? 0) + (added ? 1 : -1);
  const user = { id: me, username: "" };
  const event = { on: added ? "reaction.added" : "reaction.removed", emoji, user, count } as const;
  return { ...message, reactions: applyReaction(message.reactions, event, me) };
}

type ReactionEvent = Pick<
  Extract<MessageChange, { on: "reaction.added" | "reaction.removed" }>,
  "on" | "emoji" | "user" | "count"
>;

function applyReaction(
  reactions: readonly Reaction[],
  { on, emoji, user, count }: ReactionEvent,
  me: string | undefined,
): readonly Reaction[] {
  const previous = reactions.find((reaction) => reaction.emoji === emoji);
  const isAdded = on === "reaction.added";
  const others = (previous?.users ?? []).filter((id) => id !== user.id);
  // `count` can be later than the event. A removal that leaves no listed user removed the emoji at that moment; if it came back
  // since, it is the newest one. This cannot be decided for more users than are listed.
  const isGone = count === 0 || (!isAdded && others.length === 0 && count <= MAX_LISTED_USERS);
  if (isGone) return previous === undefined ? reactions : reactions.filter((reaction) => reaction !== previous);
  const next: Reaction = {
    emoji,
    users: isAdded && others.length < MAX_LISTED_USERS ? [...others, user.id] : others,
    count,
    mine: user.id === me ? isAdded : (previous?.mine ?? false),
  };
  return previous === undefined
    ? [...reactions, next]
    : reactions.map((reaction) => (reaction === previous ? next : reaction));
}

function excerptOf({ body, files = [] }: Message): string {
  // As the server does it: an empty excerpt is that of a deleted message.
  const text = body === "" ? files.map(({ name }) => name).join(", ") : body;
  // A code point takes at most two units, so the rest of a long body need not be split.
  return [...text.slice(0, 2 * EXCERPT_LENGTH)].slice(0, EXCERPT_LENGTH).join("");
}
