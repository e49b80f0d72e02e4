import type { CommandName, CommandParams, CommandResult } from "@multichat/protocol";
import { fullJitter } from "../core/backoff.ts";
import type { Clock } from "../core/clock.ts";
import { Waiters } from "../core/waiters.ts";
import { ClientBusy, CommandError, ConnectionLost, isTemporary, ReplyTimeout } from "../model/errors.ts";
import type { RequestOptions } from "./request-options.ts";
import type { Transport } from "./transport.ts";

/** How long a command is retried, whatever happens to the connection. */
const RETRY_FOR_MS = 30_000;
/** The most commands that wait for their reply. */
const MAX_PENDING_COMMANDS = 200;

export interface RetryingRequestsOptions {
  readonly clock: Clock;
  readonly random: () => number;
  readonly transport: Transport;
  /** How long one connection has for the reply. */
  readonly replyTimeoutMs: number;
}

/**
 * Idempotent commands: without a reply they are sent again, over the next connection too, for the same user. They are not
 * persisted, because what they refer to can look different after a reload.
 */
export class RetryingRequests {
  readonly #options: RetryingRequestsOptions;
  /** The user of the present connection; undefined while that is not known. */
  #userId: string | undefined;
  #lastUserId: string | undefined;
  readonly #connectionWaiters: Waiters;
  #pendingCount = 0;

  constructor(options: RetryingRequestsOptions) {
    this.#options = options;
    this.#connectionWaiters = new Waiters(options.clock);
    options.transport.closed.subscribe(() => {
      this.#userId = undefined;
    });
  }

  /** The connection belongs to this user. */
  userConnected(userId: string): void {
    this.#userId = userId;
    this.#lastUserId = userId;
    this.#connectionWaiters.resolveAll();
  }

  /**
   * Rejects with CommandError, ReplyTimeout, ConnectionLost when there was no connection in time, ClientBusy, or the reason of
   * the aborted signal.
   */
  async request<N extends CommandName>(
    name: N,
    params: CommandParams<N>,
    { signal }: Pick<RequestOptions, "signal"> = {},
  ): Promise<CommandResult<N>> {
    signal?.throwIfAborted();
    if (this.#pendingCount >= MAX_PENDING_COMMANDS) {
      throw new ClientBusy(
        `Expected at most ${MAX_PENDING_COMMANDS} changes without a reply; wait for some before ${name}.`,
      );
    }
    this.#pendingCount += 1;
    try {
      return await this.#requestUntilAnswered(name, params, signal);
    } finally {
      this.#pendingCount -= 1;
    }
  }

  async #requestUntilAnswered<N extends CommandName>(
    name: N,
    params: CommandParams<N>,
    signal: AbortSignal | undefined,
  ): Promise<CommandResult<N>> {
    const { clock, random, transport, replyTimeoutMs } = this.#options;
    const deadline = clock.now() + RETRY_FOR_MS;
    const author = this.#lastUserId;
    for (let attempt = 1; ; attempt += 1) {
      if (this.#userId === undefined) await this.#waitForConnection(name, deadline, signal);
      if (author !== undefined && this.#userId !== author) {
        throw new ConnectionLost(`Another user has signed in since ${name} was requested.`);
      }
      try {
        const timeoutMs = Math.max(1, Math.min(replyTimeoutMs, deadline - clock.now()));
        return await transport.request(name, params, { timeoutMs, ...(signal && { signal }) });
      } catch (error) {
        if (error instanceof ConnectionLost) continue;
        if (error instanceof ReplyTimeout && clock.now() < deadline) {
          // Sent again, on this connection or on the next one, so that the server has its id: what lies unread somewhere must not
          // take effect after a newer change.
          transport.connection.probe();
          continue;
        }
        if (!(error instanceof CommandError && isTemporary(error))) throw error;
        const delayMs = (error.retryAfterSeconds ?? 0) * 1000 + fullJitter(attempt, random);
        if (clock.now() + delayMs >= deadline) throw error;
        await new Promise<void>((resolve) => void clock.after(delayMs, resolve));
        signal?.throwIfAborted();
      }
    }
  }

  #waitForConnection(name: CommandName, deadline: number, signal: AbortSignal | undefined): Promise<void> {
    return this.#connectionWaiters.wait(
      deadline - this.#options.clock.now(),
      () => new ConnectionLost(`There was no connection for ${name} within ${RETRY_FOR_MS} ms.`),
      signal,
    );
  }
}
