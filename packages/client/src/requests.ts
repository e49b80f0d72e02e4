import { type CommandName, type Commands, LIMITS, type OkOf, type Reply } from "@multichat/protocol";
import type { RequestOptions } from "./client.ts";
import type { Clock } from "./clock.ts";
import { ClientBusy, CommandError, ConnectionLost, ReplyTimeout } from "./errors.ts";

/** Commands without a reply, at most, those that wait to be sent included. */
const MAX_IN_FLIGHT = 256;
/** Commands per second: below what a server allows, which cuts off who goes on and on above it. */
const RATE = 0.8 * LIMITS.commandsPerSecond;
/** Commands at once after a pause. */
const BURST = 1.6 * LIMITS.commandsPerSecond;

interface Pending {
  readonly name: CommandName;
  resolve(ok: unknown): void;
  reject(error: unknown): void;
}

/** Commands and their replies. Commands leave in the order in which they came, no faster than a server takes them. */
export class Requests {
  readonly #clock: Clock;
  readonly #replyTimeout: number;
  /** Puts a frame on the wire; false when there is no connection. */
  readonly #send: (frame: string) => boolean;
  readonly #isOpen: () => boolean;
  readonly #pending = new Map<number, Pending>();
  /** Ids of commands whose frames wait for their turn. */
  readonly #waiting = new Map<number, string>();
  #lastId = 0;
  #tokens = BURST;
  #filledAt: number;
  #stopFilling: (() => void) | undefined;

  constructor(options: {
    readonly clock: Clock;
    readonly replyTimeout: number;
    readonly send: (frame: string) => boolean;
    readonly isOpen: () => boolean;
  }) {
    this.#isOpen = options.isOpen;
    this.#filledAt = options.clock.now();
    this.#clock = options.clock;
    this.#replyTimeout = options.replyTimeout;
    this.#send = options.send;
  }

  request<N extends CommandName>(
    name: N,
    carries: Commands[N]["carries"],
    { signal, timeoutMs = this.#replyTimeout }: RequestOptions = {},
  ): Promise<OkOf<N>> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    if (this.#pending.size >= MAX_IN_FLIGHT) {
      return Promise.reject(
        new ClientBusy(`Expected at most ${MAX_IN_FLIGHT} commands without a reply; wait for some before ${name}.`),
      );
    }
    this.#lastId += 1;
    const id = this.#lastId;
    if (!this.#isOpen()) {
      return Promise.reject(new ConnectionLost(`There is no connection for ${name}; send it again when there is one.`));
    }
    return new Promise<OkOf<N>>((resolve, reject) => {
      const aborted = () => settle(() => reject(signal?.reason));
      const stopTimer = this.#clock.after(timeoutMs, () =>
        settle(() => reject(new ReplyTimeout(`No reply to ${name} came within ${timeoutMs} ms.`))),
      );
      signal?.addEventListener("abort", aborted, { once: true });
      const settle = (end: () => void) => {
        this.#pending.delete(id);
        this.#waiting.delete(id);
        stopTimer();
        signal?.removeEventListener("abort", aborted);
        end();
      };
      this.#pending.set(id, {
        name,
        // The wire is not checked shape by shape: the server is ours, and its replies are tested against these types.
        resolve: (ok) => settle(() => resolve(ok as OkOf<N>)),
        reject: (error) => settle(() => reject(error)),
      });
      const frame = JSON.stringify({ id, do: name, ...carries });
      // A ping asks about the line, and must not wait for what else goes over it.
      if (name === "ping") this.#send(frame);
      else {
        this.#waiting.set(id, frame);
        this.#flush();
      }
    });
  }

  #flush(): void {
    const now = this.#clock.now();
    // A clock that was set back gives nothing, and takes nothing.
    this.#tokens = Math.min(BURST, this.#tokens + (Math.max(0, now - this.#filledAt) / 1000) * RATE);
    this.#filledAt = now;
    for (const [id, frame] of this.#waiting) {
      if (this.#tokens < 1) break;
      this.#tokens -= 1;
      this.#waiting.delete(id);
      this.#send(frame);
    }
    if (this.#waiting.size === 0 || this.#stopFilling !== undefined) return;
    this.#stopFilling = this.#clock.after(Math.ceil(((1 - this.#tokens) / RATE) * 1000), () => {
      this.#stopFilling = undefined;
      this.#flush();
    });
  }

  /** A reply that nobody waits for any more is ignored. */
  replied(reply: Reply): void {
    const pending = reply.re === null ? undefined : this.#pending.get(reply.re);
    if (pending === undefined) return;
    if ("error" in reply) {
      // This server allows less: whatever comes next waits too.
      if (reply.error.code === "RATE_LIMITED") this.#tokens = Math.min(0, -RATE * (reply.error.retryAfter ?? 0));
      pending.reject(new CommandError(pending.name, reply.error));
    } else pending.resolve(reply.ok);
  }

  /** The connection is gone, and with it every reply. */
  lost(): void {
    this.#stopFilling?.();
    this.#stopFilling = undefined;
    this.#tokens = BURST;
    this.#filledAt = this.#clock.now();
    for (const pending of [...this.#pending.values()]) {
      pending.reject(new ConnectionLost(`The connection went before the reply to ${pending.name} came.`));
    }
  }
}
