import type { CommandName, CommandReply, Protocol } from "@multichat/channels/protocol";
import type { CallArguments, Client } from "@multichat/channels-client";
import { useEffect, useMemo, useSyncExternalStore } from "react";
import { type CallState, CommandCalls } from "./command-calls.ts";

export interface CallHandle<P extends Protocol, Name extends CommandName<P>> extends CallState<CommandReply<P, Name>> {
  /**
   * Calls the command, as `client.call(name, input, options)` does. A rejection that nobody handles is only in `error`: a handler of
   * a click can ignore the promise. The function is stable.
   */
  readonly call: (...args: CallArguments<P, Name>) => Promise<CommandReply<P, Name>>;
  /** Cancels the calls that have no reply yet, also on the server. */
  readonly cancel: () => void;
}

/**
 * Returns a function that calls a command, and what has become of its last call. Several calls may be under way, in order; the state
 * is that of the last one. Calls without a reply are canceled when the component is unmounted: `client.call` is for one that must
 * survive it.
 */
export function useCall<P extends Protocol, Name extends CommandName<P>>(
  client: Client<P>,
  name: Name,
): CallHandle<P, Name> {
  const calls = useMemo(() => new CommandCalls(client, name), [client, name]);
  useEffect(() => calls.cancel, [calls]);
  const state = useSyncExternalStore(calls.state.subscribe, calls.state.get, calls.state.get);
  return useMemo(() => ({ ...state, call: calls.call, cancel: calls.cancel }), [state, calls]);
}
