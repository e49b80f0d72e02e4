import type {
  CommandArguments,
  CommandName,
  CommandReply,
  EventContent,
  EventName,
  PositionFrame,
  Protocol,
  ProtocolErrorCode,
} from "@multichat/channels/protocol";
import { type CallOptions, Calls } from "./calls/calls.ts";
import { CommandError } from "./calls/errors.ts";
import { Connection } from "./connection/connection.ts";
import type { ConnectionState } from "./connection/connection-state.ts";
import type { Readable } from "./core/store.ts";
import { type EventIteratorOptions, EventListeners } from "./events/event-listeners.ts";
import { type ClientOptions, type ResolvedOptions, resolveOptions } from "./options.ts";
import { type SubscribeOptions, type Subscription, Subscriptions } from "./subscriptions/subscriptions.ts";

/** What follows the name of a command in a call. A command without parameters can be called without an input. */
export type CallArguments<P extends Protocol, Name extends CommandName<P>> =
  Record<never, never> extends CommandArguments<P, Name>
    ? [input?: CommandArguments<P, Name>, options?: CallOptions]
    : [input: CommandArguments<P, Name>, options?: CallOptions];

/** Listeners of the protocol's events, by name. */
export type SubscriptionListeners<P extends Protocol> = {
  readonly [Name in EventName<P>]?: (payload: EventContent<P, Name>) => void;
};

/** The connection to a server that speaks the protocol `P`, over which commands go out and events come in. */
export interface Client<P extends Protocol> {
  /** Whether it is connected, and what it waits for. */
  readonly connection: Readable<ConnectionState>;

  /**
   * Sends a command and resolves with its reply. Commands are sent in the order of their calls. Rejects with CommandError when
   * the server refuses it, with ClientError when there is no reply, and with the reason of an aborted signal.
   */
  call<Name extends CommandName<P>>(name: Name, ...args: CallArguments<P, Name>): Promise<CommandReply<P, Name>>;

  /**
   * Calls the listener with each event, in the order in which the server sent them. What a listener throws is reported as an
   * uncaught error. Returns a function that unsubscribes. Events that were sent while there was no connection are lost.
   */
  on<Name extends EventName<P>>(event: Name, listener: (payload: EventContent<P, Name>) => void): () => void;

  /** Returns the events from now on, until the iterator is left, the signal fires, or `close()` is called. */
  events<Name extends EventName<P>>(
    event: Name,
    options?: EventIteratorOptions,
  ): AsyncIterableIterator<EventContent<P, Name>>;

  /**
   * Runs a command that holds for a connection, such as the one that joins a room: now, and again on each new connection, before
   * any call that waits. An input that depends on what has been received, such as the position to resume from, is a function.
   * A refusal that is about the moment (UNAVAILABLE, INTERNAL, COMMAND_TIMEOUT, no reply in time) is followed by another try;
   * any other ends the subscription. If the command subscribes to groups with a history, the listeners in `on` get what was
   * missed between two connections, or `recovered` is false.
   */
  subscribe<Name extends CommandName<P>>(
    name: Name,
    input: CommandArguments<P, Name> | (() => CommandArguments<P, Name>),
    options?: SubscribeOptions<CommandReply<P, Name>, SubscriptionListeners<P>>,
  ): Subscription<CommandReply<P, Name>>;

  /** Whether the error is the server's refusal of a command, with this code where one is given. */
  isCommandError<Code extends ProtocolErrorCode<P>>(error: unknown, code?: Code): error is CommandError<Code>;

  /**
   * Connects now: at first, after the end of the client, or instead of waiting. Checks a connection that is there.
   * @throws TypeError for a relative address outside a page, and where there is no WebSocket.
   */
  connect(): void;

  /** Disconnects. Rejects the calls without a reply with CLIENT_CLOSED, ends the subscriptions and the iterators. Listeners stay. */
  close(): void;
}

/** What the server announces before it closes the connections for a restart. */
const DRAINING = "server.draining";
/** What the server announces when events may be missing on this connection. */
const GAP = "server.gap";

class ProtocolClient {
  readonly #connection: Connection;
  readonly #calls: Calls;
  readonly #subscriptions: Subscriptions;
  readonly #events = new EventListeners();

  constructor(options: ResolvedOptions) {
    this.#connection = new Connection(options, {
      onOpen: () => {
        this.#subscriptions.onOpen();
        this.#calls.onOpen();
      },
      onFrame: (text) => this.#receive(text),
      onLost: (loss) => {
        this.#subscriptions.onLost();
        this.#calls.onLost(loss);
      },
      onEnd: () => {
        this.#calls.rejectAll("NOT_CONNECTED");
        this.#subscriptions.onClientEnd();
      },
      sendPing: () => this.#calls.sendPing(),
      isBusy: () => this.#calls.isBusy,
      isPongDelayed: () => this.#calls.isPongDelayed,
    });
    this.#calls = new Calls(options, this.#connection);
    this.#subscriptions = new Subscriptions({
      options,
      connection: this.#connection,
      calls: this.#calls,
    });
  }

  get connection(): Readable<ConnectionState> {
    return this.#connection.readable;
  }

  // What arrives is not validated: the declaration is imported as a type alone, and the server has validated it.
  readonly call = (name: string, input: unknown = {}, options?: CallOptions): Promise<never> =>
    this.#calls.call(name, input as object, options) as Promise<never>;

  readonly on = (event: string, listener: (payload: never) => void): (() => void) =>
    this.#events.add(event, (payload) => listener(payload as never));

  readonly events = (event: string, options: EventIteratorOptions = {}): AsyncIterableIterator<never> =>
    this.#events.iterate(event, options) as AsyncIterableIterator<never>;

  readonly subscribe = (name: string, input: unknown, options: SubscribeOptions<never> = {}): Subscription<never> =>
    this.#subscriptions.add(
      name,
      typeof input === "function" ? (input as () => object) : () => input as object,
      options as SubscribeOptions<unknown>,
    ) as Subscription<never>;

  isCommandError<Code extends string>(error: unknown, code?: Code): error is CommandError<Code> {
    return error instanceof CommandError && (code === undefined || error.code === code);
  }

  readonly connect = (): void => this.#connection.connect();

  readonly close = (): void => {
    this.#subscriptions.endAll();
    this.#calls.rejectAll("CLIENT_CLOSED");
    this.#connection.close();
    this.#events.endIterators();
  };

  #receive(text: string): void {
    const frame = parseFrame(text);
    if (frame === undefined) return;
    const { on, $position, ...payload } = frame;
    // First, because an event may have members of any other name; a reply has none that the application names.
    if (typeof on === "string") {
      if (on === DRAINING && typeof payload.reconnectAfter === "number") this.#connection.drain(payload.reconnectAfter);
      if (on === GAP) this.#subscriptions.onGap();
      const position = $position as PositionFrame | undefined;
      const notify = this.#events.prepare(on, payload);
      this.#subscriptions.onEvent(on, payload, position);
      notify();
    } else if (frame.re !== undefined) {
      // Of the shape that the server's own tests check; see `call`.
      this.#calls.onReply(frame as unknown as Parameters<Calls["onReply"]>[0]);
    }
  }
}

/**
 * Creates a client of a protocol, which is imported as a type: `createClient<typeof chat>({ url })`. It connects at once, and
 * again whenever the connection is lost, until `close()` or until the server refuses it for good.
 * @throws TypeError for an address or a WebSocket that cannot be used; RangeError naming the option that is out of bounds.
 */
export function createClient<P extends Protocol>(options: ClientOptions<P>): Client<P> {
  const resolved = resolveOptions(options);
  const client = new ProtocolClient(resolved);
  if (resolved.autoConnect) client.connect();
  // The types of the protocol exist only for the compiler.
  return client as unknown as Client<P>;
}

/** Returns undefined for a frame that is not of the protocol. */
function parseFrame(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const frame: unknown = JSON.parse(text);
    return typeof frame === "object" && frame !== null ? (frame as Readonly<Record<string, unknown>>) : undefined;
  } catch {
    return undefined;
  }
}
