import type { CommandName, CommandParams, CommandResult } from "@multichat/protocol";
import { fullJitter } from "../core/backoff.ts";
import type { Clock } from "../core/clock.ts";
import { ClientBusy, CommandError, ConnectionLost, isTemporary, ReplyTimeout } from "../model/errors.ts";

export interface ConnectionScopeHost {
  readonly clock: Clock;
  readonly random: () => number;
  request<N extends CommandName>(name: N, params: CommandParams<N>): Promise<CommandResult<N>>;
  /** The connection does not answer as it should. */
  distrust(): void;
}

/** Questions of one connection: asked until they are answered, and given up when the connection goes. */
export class ConnectionScope {
  readonly #host: ConnectionScopeHost;
  readonly #stops = new Set<() => void>();
  #over = false;

  constructor(host: ConnectionScopeHost) {
    this.#host = host;
  }

  /** The connection is gone: what was asked over it says nothing about the next one. */
  get isOver(): boolean {
    return this.#over;
  }

  /**
   * A refusal for good is thrown, except of the list, without which nothing goes; what passes (too much at once, a server that
   * cannot just now) is waited out. undefined: the connection went.
   */
  async ask<N extends CommandName>(name: N, params: CommandParams<N>): Promise<CommandResult<N> | undefined> {
    const { random, request, distrust } = this.#host;
    for (let attempt = 1; !this.#over; attempt += 1) {
      try {
        const answer = await request(name, params);
        return this.#over ? undefined : answer;
      } catch (error) {
        if (error instanceof ConnectionLost || this.#over) return undefined;
        if (error instanceof ReplyTimeout) distrust();
        else if (error instanceof CommandError && name !== "room.list" && !isTemporary(error)) throw error;
        else if (!(error instanceof CommandError || error instanceof ClientBusy)) throw error;
        const after = error instanceof CommandError ? (error.retryAfterSeconds ?? 0) * 1000 : 0;
        await this.#pause(after + fullJitter(attempt, random));
      }
    }
    return undefined;
  }

  /** Calls back after so many milliseconds, unless the connection goes first. Returns the way to cancel. */
  after(delay: number, callback: () => void): () => void {
    if (this.#over) return () => {};
    const cancel = this.#host.clock.after(delay, () => {
      this.#stops.delete(cancel);
      callback();
    });
    this.#stops.add(cancel);
    return () => {
      this.#stops.delete(cancel);
      cancel();
    };
  }

  end(): void {
    this.#over = true;
    for (const stop of this.#stops) stop();
    this.#stops.clear();
  }

  /** Never resolves when the connection goes first: nobody is left to go on. */
  #pause(delay: number): Promise<void> {
    return new Promise((resolve) => {
      this.after(delay, resolve);
    });
  }
}
