import type { Clock } from "../core/clock.ts";
import type { Connection } from "./connection.ts";

export interface FrameQueueOptions {
  readonly clock: Clock;
  readonly connection: Connection;
  /** Returns the sustained rate, which may change with the limits of the server. */
  readonly commandsPerSecond: () => number;
}

/**
 * Frames that wait to be sent: in order, at a limited rate, twice as many at once after a pause. A server closes connections
 * that keep exceeding its limit.
 */
export class FrameQueue {
  readonly #options: FrameQueueOptions;
  readonly #waiting = new Map<number, string>();
  #tokens: number;
  #refilledAt: number;
  #stopTimer: (() => void) | undefined;

  constructor(options: FrameQueueOptions) {
    this.#options = options;
    this.#tokens = this.#capacity;
    this.#refilledAt = options.clock.now();
  }

  /** Sends the frame as soon as the rate allows. `id` identifies it for `delete`. */
  add(id: number, frame: string): void {
    this.#waiting.set(id, frame);
    this.#flush();
  }

  delete(id: number): void {
    this.#waiting.delete(id);
  }

  /** The server refused a command because of its own, lower limit: everything waits. */
  pause(seconds: number): void {
    this.#tokens = Math.min(0, -this.#options.commandsPerSecond() * seconds);
  }

  /** Starts again with full capacity, for a new connection. */
  reset(): void {
    this.#stopTimer?.();
    this.#stopTimer = undefined;
    this.#tokens = this.#capacity;
    this.#refilledAt = this.#options.clock.now();
  }

  get #capacity(): number {
    return Math.max(1, 2 * this.#options.commandsPerSecond());
  }

  #flush(): void {
    const { clock, connection, commandsPerSecond } = this.#options;
    this.#refill();
    for (const [id, frame] of this.#waiting) {
      if (this.#tokens < 1) break;
      this.#tokens -= 1;
      this.#waiting.delete(id);
      connection.send(frame);
    }
    if (this.#waiting.size === 0 || this.#stopTimer !== undefined) return;
    this.#stopTimer = clock.after(Math.ceil(((1 - this.#tokens) / commandsPerSecond()) * 1000), () => {
      this.#stopTimer = undefined;
      this.#flush();
    });
  }

  #refill(): void {
    const now = this.#options.clock.now();
    // A clock that was set back neither adds nor removes tokens.
    const elapsedSeconds = Math.max(0, now - this.#refilledAt) / 1000;
    this.#tokens = Math.min(this.#capacity, this.#tokens + elapsedSeconds * this.#options.commandsPerSecond());
    this.#refilledAt = now;
  }
}
