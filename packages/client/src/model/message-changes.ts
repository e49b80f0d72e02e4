import type { LogEvent, Message, QuotedMessage, Reaction } from "@multichat/protocol";

/** Characters (code points) that a message shows of the one that it answers. */
const EXCERPT = 140;
/** People listed of one reaction, at most, as on the wire. */
const LISTED = 100;

/** Events that say something about a message that was posted before. */
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

/** The id of the message that changed. */
export function changedMessage(event: MessageChange): string {
  return event.on === "message.edited" ? event.message.id : event.message;
}

/**
 * The message after the event; the same object where nothing in it changes. Applying is convergent: an event may tell of a later
 * state than its own place (asked again, it tells what is now), or meet a message that is further already (a page of history), and
 * once every event up to that state has been applied, all of that makes no difference.
 *
 * @param me the id of the person who looks
 */
export function changed(message: Message, event: MessageChange, me: string | undefined): Message {
  // What is deleted stays so: whatever is told of it later was before.
  if (changedMessage(event) !== message.id || message.deletedAt !== null) return message;
  switch (event.on) {
    case "message.edited": {
      const { author, body, editedAt, deletedAt, mentions, mentionsAll } = event.message;
      if (deletedAt !== null) return tombstone(message, deletedAt);
      // Reactions and pin stay as the log has told so far: an edit does not change them.
      return { ...message, author, body, editedAt, mentions, mentionsAll };
    }
    case "message.deleted":
      return tombstone(message, event.deletedAt);
    case "message.pinned":
    case "message.unpinned": {
      const pinned = event.on === "message.pinned";
      return message.pinned === pinned ? message : { ...message, pinned };
    }
    case "reaction.added":
    case "reaction.removed":
      return { ...message, reactions: reacted(message.reactions, event, me) };
  }
}

/** A deleted message keeps its place and loses everything else. */
export function tombstone(message: Message, deletedAt: number): Message {
  return {
    ...message,
    body: "",
    editedAt: null,
    deletedAt,
    replyTo: null,
    mentions: [],
    mentionsAll: false,
    reactions: [],
    pinned: false,
  };
}

/** A message as it came in an event that goes to everybody: whose reactions are `mine` is seen here. */
export function seenBy(message: Message, me: string | undefined): Message {
  if (message.reactions.length === 0) return message;
  const reactions = message.reactions.map((reaction) => ({
    ...reaction,
    mine: reaction.mine || (me !== undefined && reaction.users.includes(me)),
  }));
  return { ...message, reactions };
}

/** What a message shows of the one that it answers, after the event; the same object where that is another one. */
export function requoted(message: Message, event: MessageChange): Message {
  const replyTo = message.replyTo === null ? null : changedQuote(message.replyTo, event);
  return replyTo === message.replyTo ? message : { ...message, replyTo };
}

/** The quotation after the event; the same object where nothing in it changes. */
export function changedQuote(quoted: QuotedMessage, event: MessageChange): QuotedMessage {
  // Empty: of a message that was deleted, and stays so.
  if (changedMessage(event) !== quoted.id || quoted.excerpt === "") return quoted;
  if (event.on === "message.deleted") return { ...quoted, excerpt: "" };
  if (event.on !== "message.edited") return quoted;
  const excerpt = excerptOf(event.message.body);
  return excerpt === quoted.excerpt ? quoted : { ...quoted, excerpt };
}

/** The message, as another one that answers it shows it. */
export function quote({ id, seq, author, body }: Message): QuotedMessage {
  return { id, seq, author, excerpt: excerptOf(body) };
}

/** With one's own reaction added or taken back; the same object where it is so already. */
export function withOwnReaction(
  message: Message,
  emoji: string,
  { added, me }: { readonly added: boolean; readonly me: string },
): Message {
  const before = message.reactions.find((reaction) => reaction.emoji === emoji);
  if (message.deletedAt !== null || (before?.mine ?? false) === added) return message;
  const count = (before?.count ?? 0) + (added ? 1 : -1);
  const user = { id: me, username: "" };
  const event = { on: added ? "reaction.added" : "reaction.removed", emoji, user, count } as const;
  return { ...message, reactions: reacted(message.reactions, event, me) };
}

type ReactionEvent = Pick<
  Extract<MessageChange, { on: "reaction.added" | "reaction.removed" }>,
  "on" | "emoji" | "user" | "count"
>;

function reacted(
  reactions: readonly Reaction[],
  { on, emoji, user, count }: ReactionEvent,
  me: string | undefined,
): readonly Reaction[] {
  const before = reactions.find((reaction) => reaction.emoji === emoji);
  const added = on === "reaction.added";
  const others = (before?.users ?? []).filter((id) => id !== user.id);
  // Nobody was left then, whoever came back since (of more than are listed nobody can tell): the emoji that comes back is the newest.
  const nobody = count === 0 || (!added && others.length === 0 && count <= LISTED);
  if (nobody) return before === undefined ? reactions : reactions.filter((reaction) => reaction !== before);
  const after: Reaction = {
    emoji,
    users: added && others.length < LISTED ? [...others, user.id] : others,
    count,
    mine: user.id === me ? added : (before?.mine ?? false),
  };
  return before === undefined ? [...reactions, after] : reactions.map((one) => (one === before ? after : one));
}

function excerptOf(body: string): string {
  // Cut by code points; no more of a long body is looked at than that may take.
  return [...body.slice(0, 2 * EXCERPT)].slice(0, EXCERPT).join("");
}
