import type { ChatEvents } from "../../fan-out/chat-events.ts";

type EventOfRoom = {
  [Type in "log.event" | "log.events" | "occupancy.counted" | "typing.changed" | "presence.changed"]: {
    type: Type;
  } & ChatEvents[Type];
};
/** An event that arrives in the group of a room. */
export type RoomEvent = EventOfRoom[keyof EventOfRoom];

/** Events that wait for one answer. Clients can handle events that precede it, so with more they are not held. */
const MAX_EARLY_EVENTS = 500;

/** Returns the id of the room that an event is about. */
export function roomOf(event: RoomEvent): string {
  return event.type === "log.event" ? event.event.room : event.room;
}

/**
 * The events of rooms that a command is joining. The connection receives them as soon as it is in the room's group, but its
 * client expects them after the answer, which says where the log continues.
 */
export class EarlyEvents {
  readonly #rooms = new Set<string>();
  readonly #events: RoomEvent[] = [];
  #count = 0;

  /** Holds the events of a room from now on. */
  add(room: string): void {
    this.#rooms.add(room);
  }

  /** The held events, in order. */
  get events(): readonly RoomEvent[] {
    return this.#events;
  }

  /** Whether the event has to be held, by `hold`. */
  concerns(event: RoomEvent): boolean {
    return this.#rooms.has(roomOf(event));
  }

  /** Holds an event. Returns false when there are as many as may be: release them, and hold no further ones. */
  hold(event: RoomEvent): boolean {
    this.#events.push(event);
    this.#count += event.type === "log.events" ? event.events.length : 1;
    return this.#count < MAX_EARLY_EVENTS;
  }
}
