import type { Delivery } from "../layer/channel-layer.ts";
import type { AnyEventOf, EventMap } from "../layer/events.ts";
import { Consumer, type ConsumerContext, type MaybePromise, type NoEvents } from "./consumer.ts";
import { binaryFrame, type FrameContent, type SharedFrame, textFrame, toFrame } from "./frame.ts";
import { registerFrameworkPrototype } from "./handler-table.ts";
import type { NoScopeTypes, ScopeTypes, WebSocketScope } from "./scope.ts";

/** Carries what a consumer relies on in its scope; nothing exists of it at run time. */
export declare const scopeTypesOf: unique symbol;

/** What a WebSocket consumer is given by its session. */
export interface WebSocketContext extends ConsumerContext {
  readonly scope: WebSocketScope;
  readonly bufferedBytes: number;
  accept(subprotocol: string | undefined): void;
  refuse(status: number, reason: string, headers?: Readonly<Record<string, string>>): void;
  send(frame: SharedFrame): boolean;
  close(code: number, reason: string): void;
}

/**
 * One WebSocket. `connect` ends by `accept()`, `close()` or `refuse()`; before it has ended no `receive` runs. Frames and
 * events are handled one after another; a handler that throws closes this connection with 1011 and hurts no other.
 */
export abstract class WebSocketConsumer<
  Events extends EventMap = NoEvents,
  Types extends ScopeTypes = NoScopeTypes,
> extends Consumer<Events> {
  declare readonly [scopeTypesOf]: Types;
  readonly #context: WebSocketContext;

  constructor(context: WebSocketContext) {
    super(context);
    this.#context = context;
  }

  get scope(): WebSocketScope<Types> {
    // The router and the middleware in front of it provide what `Types` says: that is what `route` and `stack` check.
    return this.#context.scope as WebSocketScope<Types>;
  }

  /** Bytes that wait to leave to this client. */
  get bufferedBytes(): number {
    return this.#context.bufferedBytes;
  }

  /** The handshake. Accepts unless overridden. */
  connect(): MaybePromise<void> {
    this.accept();
  }

  /** A text frame. Does nothing unless overridden. */
  receive(_text: string): MaybePromise<void> {}

  /** A binary frame. Closes with 1003 unless overridden. */
  receiveBytes(_bytes: Uint8Array): MaybePromise<void> {
    this.close(1003, "text frames only");
  }

  /**
   * The end, exactly once whatever happened before: 1006 for a connection that was lost or never opened, 1005 when the
   * client gave no code. It is still in its groups, and leaves them afterwards; frames can no longer be sent.
   */
  disconnect(_code: number): MaybePromise<void> {}

  /**
   * The server is about to close this connection for a restart, and asks the client to wait that long before it comes
   * back. Does nothing unless overridden.
   */
  onDrain(_reconnectAfterMs: number): MaybePromise<void> {}

  /**
   * Whether an encode-once event still leaves for this client. Asked of those alone that had to wait while a handler ran,
   * which may have left the group that they came by. Says yes unless overridden.
   */
  shouldSend(_event: AnyEventOf<Events>): boolean {
    return true;
  }

  /**
   * Completes the handshake; afterwards frames can be sent.
   * @throws InvalidSubprotocol when the client did not offer it; OutOfTurn when the handshake is over.
   */
  accept(subprotocol?: string): void {
    this.#context.accept(subprotocol);
  }

  /**
   * Refuses the handshake with an HTTP status.
   * @throws OutOfTurn when the handshake is over; InvalidOption for a status below 400 or above 599.
   */
  refuse(status: number, reason: string, headers?: Readonly<Record<string, string>>): void {
    this.#context.refuse(status, reason, headers);
  }

  /**
   * Ends the connection: what was sent before still leaves, what arrives later is not looked at. Before `accept` it refuses
   * the handshake with 403. Twice is once.
   * @throws InvalidCloseCode unless the code is 1000 to 1003, 1007 to 1014 or 3000 to 4999.
   */
  close(code = 1000, reason = ""): void {
    this.#context.close(code, reason);
  }

  /**
   * Sends text or bytes as a frame of their own, or a finished frame. False when the connection is over.
   * @throws OutOfTurn before `accept`.
   */
  send(content: string | Uint8Array | SharedFrame): boolean {
    if (typeof content === "string") return this.#context.send(textFrame(content));
    return this.#context.send(content instanceof Uint8Array ? binaryFrame(content) : content);
  }

  /**
   * Sends this delivery's frame, made by the first consumer that asks and shared by the others: the encode-once way for
   * handlers that decide for each connection whether it gets the frame. `make` must be pure and one and the same function
   * for every call (a module's, a static), since its identity is the key.
   */
  sendShared<Event extends AnyEventOf<Events>>(delivery: Delivery, make: (event: Event) => FrameContent): boolean {
    // A handler is only called with events of its type, and passes on its own delivery.
    return this.#context.send(delivery.shared(make, (message) => toFrame(make(message as unknown as Event))));
  }
}

registerFrameworkPrototype(WebSocketConsumer.prototype);
