import type { Room } from "../room/room.ts";
import type { ConnectionScope } from "../transport/connection-scope.ts";
import type { RoomSubscriptions } from "./room-subscriptions.ts";
import type { SyncOptions } from "./sync-options.ts";

/** How long a room was closed before it is left. */
const LEAVE_AFTER_MS = 10_000;

/** Leaves rooms that are neither open nor sent to, where the client subscribes to opened rooms only. */
export class RoomLeaver {
  readonly #options: SyncOptions;
  readonly #scope: ConnectionScope;
  readonly #subscriptions: RoomSubscriptions;
  readonly #timers = new Map<Room, () => void>();

  constructor(options: SyncOptions, scope: ConnectionScope, subscriptions: RoomSubscriptions) {
    this.#options = options;
    this.#scope = scope;
    this.#subscriptions = subscriptions;
  }

  leaveLater(room: Room): void {
    if (this.#options.subscribeTo !== "opened" || room.isOpen || this.#timers.has(room)) return;
    const stopTimer = this.#scope.after(LEAVE_AFTER_MS, () => {
      this.#timers.delete(room);
      this.#leave(room);
    });
    this.#timers.set(room, stopTimer);
  }

  cancel(room: Room): void {
    this.#timers.get(room)?.();
    this.#timers.delete(room);
  }

  #leave(room: Room): void {
    const { outbox, transport } = this.#options;
    if (room.isOpen || !room.isJoined || outbox.hasPending(room.id)) return;
    // The answer to a pending join would arrive after leaving, as if the connection were still in the room.
    if (this.#subscriptions.isJoining(room)) {
      this.leaveLater(room);
      return;
    }
    room.markDisconnected();
    transport.request("room.leave", { room: room.id }).catch(() => {
      // Still joined on the server: its events are received a little longer, and ignored.
    });
  }
}
