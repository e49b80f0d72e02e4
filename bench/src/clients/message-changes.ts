import type { RoomStore } from "@multichat/client";
import type { ChangeRecord } from "../audit/client-record.ts";
import type { Random } from "./random.ts";

/** How many of the latest messages a client may react to. */
const RECENT_MESSAGES = 20;

interface ChosenChange {
  readonly message: string;
  readonly change: ChangeRecord["change"];
  readonly apply: () => Promise<unknown>;
}

/**
 * Chooses a change of a message: an edit or a deletion of one of the client's own, or a reaction to one of the latest.
 * Returns undefined where there is no such message.
 */
export function chooseChange(
  room: RoomStore,
  own: readonly string[],
  random: Random,
  emoji: string,
  body: string,
): ChosenChange | undefined {
  const roll = random.next();
  if (roll < 0.5) {
    const recent = room.get().items.slice(-RECENT_MESSAGES);
    const messages = recent.flatMap((item) => (item.kind === "message" ? [item.message] : []));
    if (messages.length === 0) return undefined;
    const { id } = random.pick(messages);
    const on = random.chance(0.75);
    return { message: id, change: { kind: "react", emoji, on }, apply: () => room.react(id, emoji, { added: on }) };
  }
  if (own.length === 0) return undefined;
  const id = random.pick(own);
  return roll < 0.85
    ? { message: id, change: { kind: "edit", body }, apply: () => room.edit(id, body) }
    : { message: id, change: { kind: "delete" }, apply: () => room.remove(id) };
}
