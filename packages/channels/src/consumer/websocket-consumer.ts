import type { Delivery } from "../layer/channel-layer.ts";
import type { AnyEventOf, EventMap } from "../layer/events.ts";
import { Consumer, type ConsumerContext, type MaybePromise, type NoEvents } from "./consumer.ts";
import type { Failure, FailureOutcome } from "./failure.ts";
import { binaryFrame, type FrameContent, type SharedFrame, textFrame, toFrame } from "./frame.ts";
import { registerFrameworkPrototype } from "./handler-table.ts";
import type { NoScopeTypes, ScopeTypes, WebSocketScope } from "./scope.ts";

/** The key under which a consumer's type carries its scope types. It does not exist at run time. */
export declare const scopeTypesOf: unique symbol;

/** What a WebSocket consumer gets from its runner. */
export interface WebSocketContext extends ConsumerContext {
  readonly scope: WebSocketScope;
  readonly bufferedBytes: number;
  continueFrame(work: Promise<void>): void;
  accept(subprotocol: string | undefined): void;
  refuse(status: number, reason: string, headers?: Readonly<Record<string, string>>): void;
  send(frame: SharedFrame): boolean;
  close(code: number, reason: string): void;
}

/**
 * Handles one WebSocket. `connect` has to call `accept()`, `close()` or `refuse()`; `receive` runs only after it has
 * finished. Frames and events with methods are handled one after another; events with encoders do not wait for a frame's
 * handler. A handler that throws closes this connection with 1011, unless `onError` keeps it, and affects no other. The rules C1 to C9 are in
 * docs/reference/consumer-rules.md.
 */
export abstract class WebSocketConsumer<
  Events extends EventMap = NoEvents,
  Types extends ScopeTypes = NoScopeTypes,
> extends Consumer<Events> {
  /**
   * Number of frames whose handling may continue beside the next ones, see `continueFrame`. At the limit, the next frame
   * waits and reading pauses; events do not wait.
   */
  static maxConcurrentFrames = 64;
  /**
   * Whether events with encoders take turns with frames, like events with methods, instead of being sent when they
   * arrive. For a protocol whose replies have a fixed place among the events.
   */
  static eventsInTurn = false;

  declare readonly [scopeTypesOf]: Types;
  readonly #context: WebSocketContext;

  constructor(context: WebSocketContext) {
    super(context);
    this.#context = context;
  }

  get scope(): WebSocketScope<Types> {
    // `route` and `stack` check at compile time that the router and the middleware provide `Types`.
    return this.#context.scope as WebSocketScope<Types>;
  }

  /** Number of bytes that wait to be sent to this client. */
  get bufferedBytes(): number {
    return this.#context.bufferedBytes;
  }

  /** Handles the handshake. Accepts it by default. */
  connect(): MaybePromise<void> {
    this.accept();
  }

  /** Handles a text frame. Does nothing by default. */
  receive(_text: string): MaybePromise<void> {}

  /** Handles a binary frame. Closes with 1003 by default. */
  receiveBytes(_bytes: Uint8Array): MaybePromise<void> {
    this.close(1003, "text frames only");
  }

  /**
   * Handles the end of the connection. Always runs exactly once; the code is 1006 for a connection that was lost or
   * never opened, and 1005 when the client sent no code. The consumer is still in its groups and leaves them
   * afterwards; frames can no longer be sent.
   */
  disconnect(_code: number): MaybePromise<void> {}

  /**
   * Called with every error of this consumer. Returns whether to close the connection with 1011 or to keep it, and may tell
   * the client before; undefined leaves it to the server's `onError`, and then to the default, which keeps the connection
   * only if a layer could not take a message after `connect` (C8). It must not wait.
   */
  onError(_error: unknown, _failure: Failure): FailureOutcome | undefined {
    return undefined;
  }

  /**
   * Called when the server is about to close this connection for a restart; the client should wait that long before it
   * reconnects. Does nothing by default.
   */
  onDrain(_reconnectAfterMs: number): MaybePromise<void> {}

  /**
   * Returns whose connection it is, for `GroupControl`, which lists and disconnects by user (L20, L21): a text of 1 to 200
   * characters, such as the id in `scope.user`. It must not wait. Returns undefined by default.
   */
  memberUser(): string | undefined {
    return undefined;
  }

  /**
   * Called when events were dropped because `maxQueuedEvents` waited for this connection: once for those between two events that it
   * gets, in their place. A client that must miss nothing has to load what it missed. Does nothing by default.
   */
  onEventsDropped(): MaybePromise<void> {}

  /**
   * Returns whether an encode-once event is sent to this client. Called at each delivery, also while a handler is under
   * way, so that a right that the handler has just taken away counts. It must not wait. Returns true by default.
   */
  shouldSend(_event: AnyEventOf<Events>): boolean {
    return true;
  }

  /**
   * Lets `work` continue after the handler of its frame has returned: meanwhile the next frames, as many as
   * `static maxConcurrentFrames` allows, and events are handled. For work whose order does not matter, or has been
   * settled. If it rejects, `onError` is called, as for a handler that throws; `disconnect` waits for it.
   */
  continueFrame(work: Promise<void>): void {
    this.#context.continueFrame(work);
  }

  /**
   * Completes the handshake, so that frames can be sent.
   * @throws InvalidSubprotocol when the client did not offer it; OutOfTurn after the handshake.
   */
  accept(subprotocol?: string): void {
    this.#context.accept(subprotocol);
  }

  /**
   * Refuses the handshake with an HTTP status.
   * @throws OutOfTurn after the handshake; InvalidOption for a status below 400 or above 599.
   */
  refuse(status: number, reason: string, headers?: Readonly<Record<string, string>>): void {
    this.#context.refuse(status, reason, headers);
  }

  /**
   * Ends the connection: queued frames are still sent, later frames of the client are ignored. Before `accept` it
   * refuses the handshake with 403. Idempotent.
   * @throws InvalidCloseCode unless the code is 1000 to 1003, 1007 to 1014 or 3000 to 4999.
   */
  close(code = 1000, reason = ""): void {
    this.#context.close(code, reason);
  }

  /**
   * Sends text, bytes or a complete frame. Returns false when the connection has ended.
   * @throws OutOfTurn before `accept`.
   */
  send(content: string | Uint8Array | SharedFrame): boolean {
    if (typeof content === "string") return this.#context.send(textFrame(content));
    return this.#context.send(content instanceof Uint8Array ? binaryFrame(content) : content);
  }

  /**
   * Sends a frame that all consumers of this delivery share: encode-once for handlers that decide for each connection
   * whether it gets the frame. `make` must be pure, and the same function in every call (such as a function of the
   * module), because the frame is cached under its identity.
   */
  sendShared<Event extends AnyEventOf<Events>>(delivery: Delivery, make: (event: Event) => FrameContent): boolean {
    // A handler passes on its own delivery, whose event has the handler's type.
    return this.#context.send(delivery.shared(make, (message) => toFrame(make(message as unknown as Event))));
  }
}

registerFrameworkPrototype(WebSocketConsumer.prototype);
