import type { CommandName, CommandParams, CommandResult } from "@multichat/protocol";
import { fullJitter } from "../core/backoff.ts";
import type { Clock } from "../core/clock.ts";
import { ClientBusy, CommandError, ConnectionLost, isTemporary, ReplyTimeout } from "../model/errors.ts";
import type { Transport } from "./transport.ts";

export interface ConnectionScopeOptions {
  readonly clock: Clock;
  readonly random: () => number;
  readonly transport: Transport;
}

/** Requests and timers that end with the connection they were made on. */
export class ConnectionScope {
  readonly #options: ConnectionScopeOptions;
  readonly #timers = new Set<() => void>();
  #hasEnded = false;

  constructor(options: ConnectionScopeOptions) {
    this.#options = options;
  }

  /** The connection has closed: its answers say nothing about the next connection. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /**
   * Sends a command until it is answered; resolves with undefined when the connection closes first. Temporary refusals are waited
   * out. A permanent refusal rejects, except that of `room.list`, without which the client cannot go on.
   */
  async request<N extends CommandName>(name: N, params: CommandParams<N>): Promise<CommandResult<N> | undefined> {
    const { random, transport } = this.#options;
    for (let attempt = 1; !this.#hasEnded; attempt += 1) {
      try {
        const result = await transport.request(name, params);
        return this.#hasEnded ? undefined : result;
      } catch (error) {
        if (error instanceof ConnectionLost || this.#hasEnded) return undefined;
        if (error instanceof ReplyTimeout) transport.connection.probe();
        else if (error instanceof CommandError && name !== "room.list" && !isTemporary(error)) throw error;
        else if (!(error instanceof CommandError || error instanceof ClientBusy)) throw error;
        const minDelayMs = error instanceof CommandError ? (error.retryAfterSeconds ?? 0) * 1000 : 0;
        await this.#delay(minDelayMs + fullJitter(attempt, random));
      }
    }
    return undefined;
  }

  /** Calls back after `delayMs`, unless the connection closes first. Returns a function that cancels. */
  after(delayMs: number, callback: () => void): () => void {
    if (this.#hasEnded) return () => {};
    const cancel = this.#options.clock.after(delayMs, () => {
      this.#timers.delete(cancel);
      callback();
    });
    this.#timers.add(cancel);
    return () => {
      this.#timers.delete(cancel);
      cancel();
    };
  }

  end(): void {
    this.#hasEnded = true;
    for (const cancel of this.#timers) cancel();
    this.#timers.clear();
  }

  /** Never resolves when the connection closes first. */
  #delay(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      this.after(delayMs, resolve);
    });
  }
}
