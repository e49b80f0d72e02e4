import type { CommandArguments, CommandName, CommandReply, Protocol } from "@multichat/channels/protocol";
import type { Client, SubscribeOptions, SubscriptionListeners, SubscriptionState } from "@multichat/channels-client";
import { useEffect, useInsertionEffect, useMemo, useSyncExternalStore } from "react";
import { type Latest, MountedSubscription, type SubscribingClient } from "./mounted-subscription.ts";

/** The options of `client.subscribe`. Those of the latest render apply: none of them has to be stable. */
export type UseSubscriptionOptions<P extends Protocol, Name extends CommandName<P>> = SubscribeOptions<
  CommandReply<P, Name>,
  SubscriptionListeners<P>
>;

/** The state of a subscription, and its first reply as a promise, for `useReady`. */
export type UsedSubscription<Reply> = SubscriptionState<Reply> & { readonly ready: Promise<Reply> };

/**
 * Subscribes while the component is mounted, and returns the state. Another client, command or key is another subscription. The key
 * is by default the input as JSON. Components with the same client, command and key do not leave for each other.
 */
export function useSubscription<P extends Protocol, Name extends CommandName<P>>(
  client: Client<P>,
  command: Name,
  input: CommandArguments<P, Name>,
  options?: UseSubscriptionOptions<P, Name>,
): UsedSubscription<CommandReply<P, Name>>;
/** With an input that depends on what has been received, such as the position to resume from, the key is needed. */
export function useSubscription<P extends Protocol, Name extends CommandName<P>>(
  client: Client<P>,
  command: Name,
  input: () => CommandArguments<P, Name>,
  options: UseSubscriptionOptions<P, Name> & { readonly key: string },
): UsedSubscription<CommandReply<P, Name>>;
export function useSubscription<Reply>(
  client: unknown,
  command: string,
  input: Latest<Reply>["input"],
  options: SubscribeOptions<Reply> = {},
): UsedSubscription<Reply> {
  const key = options.key ?? JSON.stringify(input);
  const latest = { input, options };
  // biome-ignore lint/correctness/useExhaustiveDependencies: the effect below renews what changes with each render.
  const subscription = useMemo(
    // The overloads say what the client is.
    () => new MountedSubscription({ client: client as SubscribingClient<Reply>, command, key }, latest),
    [client, command, key],
  );
  useInsertionEffect(() => subscription.update(latest));
  useEffect(() => subscription.mount(), [subscription]);
  return useSyncExternalStore(subscription.state.subscribe, subscription.state.get, subscription.state.get);
}
