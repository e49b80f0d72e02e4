import type { CommandName, Commands, OkOf, Reply } from "@multichat/protocol";
import type { RequestOptions } from "./client.ts";
import type { Clock } from "./clock.ts";
import { ClientBusy, CommandError, ConnectionLost, ReplyTimeout } from "./errors.ts";

/** Commands without a reply, at most. */
const MAX_IN_FLIGHT = 256;

interface Pending {
  readonly name: CommandName;
  resolve(ok: unknown): void;
  reject(error: unknown): void;
}

/** Commands that were sent and their replies. */
export class Requests {
  readonly #clock: Clock;
  readonly #replyTimeout: number;
  /** Puts a frame on the wire; false when there is no connection. */
  readonly #send: (frame: string) => boolean;
  readonly #pending = new Map<number, Pending>();
  #lastId = 0;

  constructor(options: { clock: Clock; replyTimeout: number; send: (frame: string) => boolean }) {
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
    if (!this.#send(JSON.stringify({ id, do: name, ...carries }))) {
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
    });
  }

  /** A reply that nobody waits for any more is ignored. */
  replied(reply: Reply): void {
    const pending = reply.re === null ? undefined : this.#pending.get(reply.re);
    if (pending === undefined) return;
    if ("error" in reply) pending.reject(new CommandError(pending.name, reply.error));
    else pending.resolve(reply.ok);
  }

  /** The connection is gone, and with it every reply. */
  lost(): void {
    for (const pending of [...this.#pending.values()]) {
      pending.reject(new ConnectionLost(`The connection went before the reply to ${pending.name} came.`));
    }
  }
}
