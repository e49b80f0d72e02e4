import type { CommandName, CommandReply, Protocol } from "@multichat/channels/protocol";
import type { CallArguments, CallOptions, Client } from "@multichat/channels-client";
import { Store } from "../core/store.ts";

/** What has become of the last call. */
export interface CallState<Reply> {
  readonly isPending: boolean;
  /** The reply of the last call that succeeded. */
  readonly data: Reply | undefined;
  /** What the last call was rejected with; undefined while it is pending, and after a cancellation. */
  readonly error: unknown;
}

/** The calls of one command that a component makes. */
export class CommandCalls<P extends Protocol, Name extends CommandName<P>> {
  readonly state = new Store<CallState<CommandReply<P, Name>>>({ isPending: false, data: undefined, error: undefined });
  readonly #client: Client<P>;
  readonly #name: Name;
  readonly #pending = new Set<AbortController>();
  #last: AbortController | undefined;

  constructor(client: Client<P>, name: Name) {
    this.#client = client;
    this.#name = name;
  }

  readonly call = (...args: CallArguments<P, Name>): Promise<CommandReply<P, Name>> => {
    const [input, options = {}] = args as [input?: unknown, options?: CallOptions];
    const stop = new AbortController();
    const signal = options.signal === undefined ? stop.signal : AbortSignal.any([stop.signal, options.signal]);
    this.#pending.add(stop);
    this.#last = stop;
    const settle = (outcome: Partial<CallState<CommandReply<P, Name>>>) => {
      this.#pending.delete(stop);
      if (this.#last === stop) this.#update({ isPending: false, ...outcome });
    };
    // The arguments are those of the command, with another signal.
    const reply = this.#client.call(
      this.#name,
      ...([input, { ...options, signal }] as unknown as CallArguments<P, Name>),
    );
    this.#update({ isPending: true, error: undefined });
    reply.then(
      (data) => settle({ data }),
      (error: unknown) => settle({ error: signal.aborted ? undefined : error }),
    );
    return reply;
  };

  /** Cancels the calls that have no reply yet, also on the server. */
  readonly cancel = (): void => {
    for (const stop of this.#pending) stop.abort();
  };

  #update(change: Partial<CallState<CommandReply<P, Name>>>): void {
    this.state.set({ ...this.state.get(), ...change });
  }
}
