import { CommandArguments, CommandName, CommandReply, EventContent, EventName, Protocol } from "@multichat/channels/protocol";
import { CallArguments, Client, ConnectionState, SubscribeOptions, SubscriptionListeners, SubscriptionState } from "@multichat/channels-client";
interface CallState<Reply> {
  readonly isPending: boolean;
  readonly data: Reply | undefined;
  readonly error: unknown;
}
interface CallHandle<P extends Protocol, Name extends CommandName<P>> extends CallState<CommandReply<P, Name>> {
  readonly call: (...args: CallArguments<P, Name>) => Promise<CommandReply<P, Name>>;
  readonly cancel: () => void;
}
declare function useCall<P extends Protocol, Name extends CommandName<P>>(client: Client<P>, name: Name): CallHandle<P, Name>;
interface ReadySource<Reply> {
  readonly ready: Promise<Reply>;
  readonly phase?: string;
  readonly reply?: Reply | undefined;
  readonly error?: unknown;
  readonly state?: {
    get(): {
      readonly phase: string;
      readonly reply?: Reply | undefined;
      readonly error?: unknown;
    };
    subscribe(listener: () => void): () => void;
  };
}
declare function useReady<Reply>(source: ReadySource<Reply>): Reply;
type UseSubscriptionOptions<P extends Protocol, Name extends CommandName<P>> = SubscribeOptions<CommandReply<P, Name>, SubscriptionListeners<P>>;
type UsedSubscription<Reply> = SubscriptionState<Reply> & {
  readonly ready: Promise<Reply>;
};
declare function useSubscription<P extends Protocol, Name extends CommandName<P>>(client: Client<P>, command: Name, input: CommandArguments<P, Name>, options?: UseSubscriptionOptions<P, Name>): UsedSubscription<CommandReply<P, Name>>;
declare function useSubscription<P extends Protocol, Name extends CommandName<P>>(client: Client<P>, command: Name, input: () => CommandArguments<P, Name>, options: UseSubscriptionOptions<P, Name> & {
  readonly key: string;
}): UsedSubscription<CommandReply<P, Name>>;
declare function useConnection<P extends Protocol>({
  connection
}: Client<P>): ConnectionState;
declare function useEvent<P extends Protocol, Name extends EventName<P>>(client: Client<P>, name: Name, listener: (payload: EventContent<P, Name>) => void): void;
export { type CallHandle, type CallState, type ReadySource, type UseSubscriptionOptions, type UsedSubscription, useCall, useConnection, useEvent, useReady, useSubscription };