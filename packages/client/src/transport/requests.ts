import type { CommandName, CommandParams, CommandResult, Reply } from "@multichat/protocol";
import type { RequestOptions } from "../client/client.ts";
import type { Clock } from "../core/clock.ts";
import { ClientBusy, CommandError, ConnectionLost, ReplyTimeout } from "../model/errors.ts";

/** Commands without a reply, at most, those that wait to be sent included. */
const MAX_IN_FLIGHT = 256;

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
  /** Commands per second, and twice as many at once after a pause: a server cuts off who goes on and on above its limit. */
  readonly #rate: number;
  #tokens: number;
  #filledAt: number;
  #stopFilling: (() => void) | undefined;

  constructor(options: {
    readonly clock: Clock;
    readonly replyTimeout: number;
    readonly commandsPerSecond: number;
    readonly send: (frame: string) => boolean;
    readonly isOpen: () => boolean;
  }) {
    this.#isOpen = options.isOpen;
    this.#rate = options.commandsPerSecond;
    this.#tokens = 2 * this.#rate;
    this.#filledAt = options.clock.now();
    this.#clock = options.clock;
    this.#replyTimeout = options.replyTimeout;
    this.#send = options.send;
  }

  request<N extends CommandName>(
    name: N,
    params: CommandParams<N>,
    { signal, timeoutMs = this.#replyTimeout }: RequestOptions = {},
  ): Promise<CommandResult<N>> {
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
    return new Promise<CommandResult<N>>((resolve, reject) => {
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
        resolve: (ok) => settle(() => resolve(ok as CommandResult<N>)),
        reject: (error) => settle(() => reject(error)),
      });
      const frame = JSON.stringify({ id, do: name, ...params });
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
    this.#tokens = Math.min(2 * this.#rate, this.#tokens + (Math.max(0, now - this.#filledAt) / 1000) * this.#rate);
    this.#filledAt = now;
    for (const [id, frame] of this.#waiting) {
      if (this.#tokens < 1) break;
      this.#tokens -= 1;
      this.#waiting.delete(id);
      this.#send(frame);
    }
    if (this.#waiting.size === 0 || this.#stopFilling !== undefined) return;
    this.#stopFilling = this.#clock.after(Math.ceil(((1 - this.#tokens) / this.#rate) * 1000), () => {
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
      if (reply.error.code === "RATE_LIMITED") this.#tokens = Math.min(0, -this.#rate * (reply.error.retryAfter ?? 0));
      pending.reject(new CommandError(pending.name, reply.error));
    } else pending.resolve(reply.ok);
  }

  /** The connection is gone, and with it every reply. */
  lost(): void {
    this.#stopFilling?.();
    this.#stopFilling = undefined;
    this.#tokens = 2 * this.#rate;
    this.#filledAt = this.#clock.now();
    for (const pending of [...this.#pending.values()]) {
      pending.reject(new ConnectionLost(`The connection went before the reply to ${pending.name} came.`));
    }
  }
}
