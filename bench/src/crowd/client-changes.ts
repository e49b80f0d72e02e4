import type { RoomStore } from "@multichat/client";
import type { Random } from "./random.ts";
import type { ChangeRecord } from "./record.ts";

/** Messages from the end that somebody may react to. */
const RECENT = 20;

interface Chosen {
  readonly message: string;
  readonly change: ChangeRecord["change"];
  readonly ask: () => Promise<unknown>;
}

/**
 * Something to do with a message of the room: edit or delete one of one's own, or react to one of the latest. undefined:
 * there is none.
 */
export function changesOf(
  room: RoomStore,
  own: readonly string[],
  random: Random,
  emoji: string,
  body: string,
): Chosen | undefined {
  const share = random.next();
  if (share < 0.5) {
    const recent = room.get().items.slice(-RECENT);
    const messages = recent.flatMap((item) => (item.kind === "message" ? [item.message] : []));
    if (messages.length === 0) return undefined;
    const { id } = random.pick(messages);
    const on = random.chance(0.75);
    return { message: id, change: { kind: "react", emoji, on }, ask: () => room.react(id, emoji, { added: on }) };
  }
  if (own.length === 0) return undefined;
  const id = random.pick(own);
  return share < 0.85
    ? { message: id, change: { kind: "edit", body }, ask: () => room.edit(id, body) }
    : { message: id, change: { kind: "delete" }, ask: () => room.remove(id) };
}
