import { Room } from "./room.ts";
import type { RoomContext } from "./room-context.ts";
import type { RoomSignals } from "./room-signals.ts";

/** Every room that was asked for, by id. Passes to each what the outbox announces about it. */
export class Rooms {
  readonly #context: RoomContext;
  readonly #rooms = new Map<string, Room>();

  constructor(context: RoomContext) {
    this.#context = context;
    context.outbox.signals.roomChanged.subscribe((id) => this.find(id)?.invalidate());
    context.outbox.signals.messagePosted.subscribe((message) => this.find(message.room)?.applyPosted(message));
  }

  get signals(): RoomSignals {
    return this.#context.roomSignals;
  }

  [Symbol.iterator](): Iterator<Room> {
    return this.#rooms.values();
  }

  /** Returns the room with this id, and creates it the first time. */
  get(id: string): Room {
    let room = this.#rooms.get(id);
    if (room === undefined) {
      room = new Room(id, this.#context);
      this.#rooms.set(id, room);
    }
    return room;
  }

  find(id: string): Room | undefined {
    return this.#rooms.get(id);
  }
}
