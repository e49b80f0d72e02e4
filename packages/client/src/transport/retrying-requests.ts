import type { CommandName, CommandParams, CommandResult } from "@multichat/protocol";
import type { RequestOptions } from "../client/client.ts";
import { fullJitter } from "../core/backoff.ts";
import type { Clock } from "../core/clock.ts";
import { Waiters } from "../core/waiters.ts";
import { ClientBusy, CommandError, ConnectionLost, isTemporary, ReplyTimeout } from "../model/errors.ts";

/** Milliseconds in which a command is answered, whatever happens to the connection, or given up. */
const PATIENCE = 30_000;
/** Commands that wait for their answer, at most. */
const MOST = 200;

export interface RetryingHost {
  readonly clock: Clock;
  readonly random: () => number;
  /** Milliseconds that a connection has for its reply. */
  readonly replyTimeout: number;
  request<N extends CommandName>(
    name: N,
    params: CommandParams<N>,
    options?: RequestOptions,
  ): Promise<CommandResult<N>>;
  /** The connection does not answer as it should. */
  distrust(): void;
}

/**
 * Commands that take effect once however often they are asked: after a lost reply they are asked again over the next connection,
 * for the same person. Not kept across a reload: what they are about may look different then.
 */
export class RetryingRequests {
  readonly #host: RetryingHost;
  /** Who this connection belongs to; undefined while there is none, or that is not known. */
  #person: string | undefined;
  /** Who was last known to be signed in. */
  #lastPerson: string | undefined;
  readonly #waiters: Waiters;
  #unanswered = 0;

  constructor(host: RetryingHost) {
    this.#host = host;
    this.#waiters = new Waiters(host.clock);
  }

  connected(person: string): void {
    this.#person = person;
    this.#lastPerson = person;
    this.#waiters.resolve();
  }

  disconnected(): void {
    this.#person = undefined;
  }

  /** Rejects with CommandError, ReplyTimeout, ConnectionLost when there was no connection for too long, ClientBusy. */
  async ask<N extends CommandName>(name: N, params: CommandParams<N>): Promise<CommandResult<N>> {
    if (this.#unanswered >= MOST) {
      throw new ClientBusy(`Expected at most ${MOST} changes without an answer; wait for some before ${name}.`);
    }
    this.#unanswered += 1;
    try {
      return await this.#untilAnswered(name, params);
    } finally {
      this.#unanswered -= 1;
    }
  }

  async #untilAnswered<N extends CommandName>(name: N, params: CommandParams<N>): Promise<CommandResult<N>> {
    const { clock, random, replyTimeout } = this.#host;
    const until = clock.now() + PATIENCE;
    const asker = this.#lastPerson;
    for (let attempt = 1; ; attempt += 1) {
      if (this.#person === undefined) await this.#connection(name, until);
      if (asker !== undefined && this.#person !== asker) {
        throw new ConnectionLost(`Somebody else is signed in than when ${name} was asked for.`);
      }
      try {
        const timeoutMs = Math.max(1, Math.min(replyTimeout, until - clock.now()));
        return await this.#host.request(name, params, { timeoutMs });
      } catch (error) {
        if (error instanceof ReplyTimeout) this.#host.distrust();
        if (error instanceof ConnectionLost) continue;
        if (!(error instanceof CommandError && isTemporary(error))) throw error;
        const pause = (error.retryAfterSeconds ?? 0) * 1000 + fullJitter(attempt, random);
        if (clock.now() + pause >= until) throw error;
        await new Promise<void>((resolve) => void clock.after(pause, resolve));
      }
    }
  }

  #connection(name: CommandName, until: number): Promise<void> {
    return this.#waiters.wait(
      until - this.#host.clock.now(),
      () => new ConnectionLost(`There was no connection for ${name} within ${PATIENCE} ms.`),
    );
  }
}
