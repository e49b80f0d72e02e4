import type { Room } from "@multichat/protocol";

/**
 * Returns the part of a stored room that clients may see. An allow-list, so that a field added to the stored room stays on the
 * server until it is added here.
 */
export function toPublicRoom(stored: Room): Room {
  const { id, number, title, topic, kind, staffOnly, archived, slowModeSeconds, people, lastSeq, createdAt } = stored;
  return {
    id,
    number,
    title,
    topic,
    kind,
    staffOnly,
    archived,
    slowModeSeconds,
    people: people.map(({ id, username, deactivated }) => ({ id, username, ...(deactivated ? { deactivated } : {}) })),
    lastSeq,
    createdAt,
  };
}

/** By the stored room: each change of a room makes another one. */
const texts = new WeakMap<Room, string>();

/** Returns the public form as JSON. A list of a thousand rooms has changed in few of them since the last one. */
export function stringifyPublicRoom(stored: Room): string {
  let text = texts.get(stored);
  if (text === undefined) {
    text = JSON.stringify(toPublicRoom(stored));
    texts.set(stored, text);
  }
  return text;
}
