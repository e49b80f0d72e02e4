import type { LogEvent, Message, Reaction } from "@multichat/protocol";

/** The messages of a room as a client sees them: a page, and every later event applied in order. */
export class View {
  readonly #messages = new Map<string, Message>();

  constructor(page: readonly Message[]) {
    for (const message of page) this.#messages.set(message.id, message);
  }

  /** Returns the messages in the order of `seq`, with their reactions sorted by emoji. */
  messages(): unknown[] {
    return [...this.#messages.values()].sort((a, b) => a.seq - b.seq).map(withSortedReactions);
  }

  apply(event: LogEvent): void {
    switch (event.on) {
      case "message.posted":
      case "message.edited":
        this.#messages.set(event.message.id, event.message);
        break;
      case "message.deleted":
        this.#change(event.message, (message) => ({
          ...message,
          body: "",
          editedAt: null,
          deletedAt: event.deletedAt,
          replyTo: null,
          mentions: [],
          mentionNames: [],
          mentionsAll: false,
          reactions: [],
          pinned: false,
        }));
        break;
      case "message.pinned":
      case "message.unpinned":
        this.#change(event.message, (message) => ({ ...message, pinned: event.on === "message.pinned" }));
        break;
      case "reaction.added":
      case "reaction.removed":
        this.#change(event.message, (message) => ({ ...message, reactions: applyReaction(message.reactions, event) }));
    }
  }

  /** Leaves deleted messages alone: the log shows a message that was deleted later without its body from the start. */
  #change(id: string, change: (message: Message) => Message): void {
    const message = this.#messages.get(id);
    if (message !== undefined && message.deletedAt === null) this.#messages.set(id, change(message));
  }
}

function applyReaction(
  reactions: readonly Reaction[],
  event: Extract<LogEvent, { on: "reaction.added" | "reaction.removed" }>,
): Reaction[] {
  const { emoji, user, count } = event;
  const previous = reactions.find((reaction) => reaction.emoji === emoji);
  const others = (previous?.users ?? []).filter((id) => id !== user.id);
  const users = event.on === "reaction.added" ? [...others, user.id] : others;
  return [...reactions.filter((reaction) => reaction !== previous), { emoji, users, count, mine: false }];
}

export function withSortedReactions(message: Message): unknown {
  const reactions = message.reactions
    .filter(({ count }) => count > 0)
    .map(({ emoji, users, count }) => ({ emoji, users: [...users].sort(), count }))
    .sort((a, b) => (a.emoji < b.emoji ? -1 : 1));
  return { ...message, reactions };
}
