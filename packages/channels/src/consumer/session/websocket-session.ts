import { ChannelsError } from "../../errors.ts";
import type { ChannelLayer, Delivery, LayerGap, Receiver, Subscription } from "../../layer/channel-layer.ts";
import type { ClockTimer } from "../../layer/clock.ts";
import type { EventMap } from "../../layer/events.ts";
import type { MaybePromise } from "../consumer.ts";
import type { WebSocketConsumerClass } from "../consumer-class.ts";
import type { SharedFrame } from "../frame.ts";
import { getHandlerTable, type HandlerTable } from "../handler-table.ts";
import type { Logger } from "../logger.ts";
import { describeScope, type ScopeTypes, type WebSocketScope } from "../scope.ts";
import type { WebSocketConsumer, WebSocketContext } from "../websocket-consumer.ts";
import { BoundedQueue } from "./bounded-queue.ts";
import type { SessionOptions } from "./session-options.ts";
import type { Transport } from "./transport.ts";

/** The life of a connection. */
export type ConnectionState =
  | { readonly phase: "connecting" }
  | { readonly phase: "open"; readonly subprotocol: string | undefined }
  | { readonly phase: "closing"; readonly code: number }
  | { readonly phase: "closed"; readonly code: number };

/** Whether frames that arrived before the end are still handled (the client sent them) or not (the server gave up). */
export type QueuedFramesPolicy = "handle" | "discard";

type AnyConsumer = WebSocketConsumer<EventMap, ScopeTypes>;

/** Something for the consumer that is no event of the layer, in line with the events. */
class QueuedCall {
  readonly run: (consumer: AnyConsumer) => MaybePromise<void>;
  constructor(tell: (consumer: AnyConsumer) => MaybePromise<void>) {
    this.run = tell;
  }
}

const CONNECTING: ConnectionState = Object.freeze({ phase: "connecting" });

/**
 * One consumer from handshake to end: what arrives from the socket and what arrives from the layer are two queues. A
 * turn looks at what both hold when it begins and handles at most one frame and then at most one event of that; turns
 * follow each other, never overlap. So neither source starves the other, and a reply to a frame comes before the events
 * that it caused.
 */
export class WebSocketSession implements Receiver, WebSocketContext {
  readonly scope: WebSocketScope;
  readonly groups = new Set<string>();
  /** Resolves when `disconnect` is over and nothing of the session is left. Never rejects. */
  readonly done: Promise<void>;
  readonly #class: WebSocketConsumerClass;
  readonly #handlers: HandlerTable;
  readonly #transport: Transport;
  readonly #abort: AbortController;
  readonly #options: SessionOptions;
  readonly #frames: BoundedQueue<string | Uint8Array>;
  readonly #events: BoundedQueue<Delivery | QueuedCall>;
  readonly #scheduledTurns = (): void => void this.#runTurns();
  readonly #resolveDone: () => void;
  #state: ConnectionState = CONNECTING;
  /** A handler runs or a turn is due: whatever comes now has to queue. */
  #isBusy = true;
  #isPaused = false;
  #isFinishing = false;
  #consumer: AnyConsumer | undefined;
  #layer: ChannelLayer | undefined;
  #channelName = "";
  #subscription: Subscription | undefined;
  #graceTimer: ClockTimer | undefined;

  /**
   * `abort` is the controller of `scope.signal`.
   * @throws InvalidConsumer when the class's events cannot be told apart.
   */
  constructor(
    consumerClass: WebSocketConsumerClass,
    scope: WebSocketScope,
    transport: Transport,
    abort: AbortController,
    options: SessionOptions,
  ) {
    this.#class = consumerClass;
    this.#handlers = getHandlerTable(consumerClass);
    this.scope = scope;
    this.#transport = transport;
    this.#abort = abort;
    this.#options = options;
    this.#frames = new BoundedQueue(options.maxQueuedFrames);
    this.#events = new BoundedQueue(options.maxQueuedEvents);
    const { promise, resolve } = Promise.withResolvers<void>();
    this.done = promise;
    this.#resolveDone = resolve;
  }

  get state(): ConnectionState {
    return this.#state;
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  get logger(): Logger {
    return this.#options.logger;
  }

  get bufferedBytes(): number {
    return this.#transport.bufferedBytes;
  }

  /** Runs `connect`, and what arrived meanwhile. Never rejects. */
  async start(): Promise<void> {
    try {
      await this.#listen();
      this.#consumer = new this.#class(this);
      if (this.#state.phase === "connecting") {
        const connected = this.#consumer.connect();
        if (connected !== undefined) await connected;
        if (this.#state.phase === "connecting") {
          throw new ChannelsError("OutOfTurn", {
            operation: "The end of connect()",
            phase: "connecting",
            expected: "accept(), close() or refuse() before it",
          });
        }
      }
    } catch (error) {
      this.#fail(error);
    }
    await this.#runTurns();
  }

  // What comes from the socket.

  /** A frame arrived. */
  onFrame(content: string | Uint8Array, bytes: number): void {
    if (this.#state.phase !== "open") return;
    const { counters, guards } = this.#options;
    counters.framesReceived += 1;
    counters.bytesReceived += bytes;
    for (const guard of guards) {
      const verdict = guard(bytes);
      if (verdict === "pass") continue;
      counters.framesDropped += 1;
      if (verdict !== "drop") this.close(verdict.close, verdict.reason);
      return;
    }
    this.#frames.push(content);
    counters.queuedFrames += 1;
    if (this.#frames.isFull && !this.#isPaused) {
      this.#isPaused = true;
      this.#transport.pause();
    }
    this.#wake();
  }

  /** The connection is over, or about to be, for a reason that is not the consumer's. */
  onEnd(code: number, queuedFrames: QueuedFramesPolicy): void {
    this.#end(code, queuedFrames);
  }

  /** The server is about to close the connection and asks the client to come back after that time. */
  notifyDrain(reconnectAfterMs: number): void {
    this.#queueCall((consumer) => consumer.onDrain(reconnectAfterMs));
  }

  // What comes from the layer.

  deliver(delivery: Delivery): boolean {
    const phase = this.#state.phase;
    if (phase === "open" && !this.#isBusy) {
      const frame = this.#handlers.encodeFrame(delivery, this.#options.logger);
      if (frame !== undefined) {
        if (frame !== null) this.#transport.send(frame);
        this.#options.counters.eventsEncoded += 1;
        return true;
      }
    } else if (phase === "closing" || phase === "closed") {
      return true;
    }
    if (this.#events.isFull) {
      this.#options.counters.eventsDropped += 1;
      return false;
    }
    this.#queueEvent(delivery);
    return true;
  }

  layerGap(gap: LayerGap): void {
    this.#options.counters.layerGaps += 1;
    this.#queueCall((consumer) => consumer.layerGap(gap));
  }

  // What comes from the consumer.

  layer(): ChannelLayer {
    if (this.#layer === undefined) {
      if (this.#class.layer === null) {
        throw new ChannelsError("InvalidConsumer", {
          consumer: this.#class.name,
          problem: "it asked for its layer, and its `static layer` is null. Name a layer's alias there",
        });
      }
      this.#layer = this.#options.layers.get(this.#class.layer);
    }
    return this.#layer;
  }

  channelName(): string {
    this.layer();
    return this.#channelName;
  }

  async groupAdd(group: string): Promise<void> {
    if (this.#hasEnded()) throw new ChannelsError("ConnectionEnded", { operation: `groupAdd("${group}")` });
    const layer = this.layer();
    await layer.groupAdd(group, this.#channelName);
    this.groups.add(group);
    // It may have ended for good while the layer was at work: then nobody else will take the membership back.
    if (this.#state.phase === "closed") await this.groupDiscard(group);
  }

  async groupDiscard(group: string): Promise<void> {
    await this.layer().groupDiscard(group, this.#channelName);
    this.groups.delete(group);
  }

  accept(subprotocol: string | undefined): void {
    if (this.#hasEnded()) return;
    this.#expectConnecting("accept()");
    if (subprotocol !== undefined && !this.scope.subprotocols.includes(subprotocol)) {
      throw new ChannelsError("InvalidSubprotocol", { got: subprotocol, offered: this.scope.subprotocols });
    }
    this.#state = { phase: "open", subprotocol };
    this.#transport.accept(subprotocol);
  }

  refuse(status: number, reason: string, headers?: Readonly<Record<string, string>>): void {
    if (this.#hasEnded()) return;
    this.#expectConnecting("refuse()");
    if (!(Number.isInteger(status) && status >= 400 && status <= 599)) {
      throw new ChannelsError("InvalidOption", {
        option: "status",
        expected: "an HTTP status from 400 to 599",
        got: status,
      });
    }
    this.#transport.refuse(headers === undefined ? { status, reason } : { status, reason, headers });
    this.#end(1006, "discard");
  }

  send(frame: SharedFrame): boolean {
    if (this.#state.phase === "open") return this.#transport.send(frame);
    if (this.#state.phase === "connecting") {
      throw new ChannelsError("OutOfTurn", {
        operation: "send()",
        phase: "connecting",
        expected: "accept() before it",
      });
    }
    return false;
  }

  close(code: number, reason: string): void {
    if (!isCloseCode(code)) throw new ChannelsError("InvalidCloseCode", { got: code });
    if (this.#hasEnded()) return;
    if (this.#state.phase === "connecting") {
      this.refuse(403, reason === "" ? "refused" : reason);
      return;
    }
    this.#transport.close(code, reason);
    this.#end(code, "discard");
  }

  async #listen(): Promise<void> {
    const alias = this.#class.layer;
    if (alias === null) return;
    const { layers } = this.#options;
    // A program without layers is no error: it becomes one when a consumer asks for its layer.
    if (alias === "default" && !layers.aliases().includes(alias)) return;
    this.#layer = layers.get(alias);
    this.#channelName = this.#layer.newChannel("specific");
    this.#subscription = await this.#layer.subscribe(this.#channelName, this);
    for (const group of this.#class.groups) {
      await this.#layer.groupAdd(group, this.#channelName);
      this.groups.add(group);
    }
  }

  #hasEnded(): boolean {
    return this.#state.phase === "closing" || this.#state.phase === "closed";
  }

  #expectConnecting(operation: string): void {
    if (this.#state.phase === "connecting") return;
    throw new ChannelsError("OutOfTurn", {
      operation,
      phase: this.#state.phase,
      expected: "it once, before the handshake is over",
    });
  }

  #queueCall(tell: (consumer: AnyConsumer) => MaybePromise<void>): void {
    // Not bounded by the queue's limit: there is one a gap or a drain, and it must not be lost.
    if (!this.#hasEnded()) this.#queueEvent(new QueuedCall(tell));
  }

  #queueEvent(item: Delivery | QueuedCall): void {
    this.#events.push(item);
    this.#options.counters.queuedEvents += 1;
    this.#wake();
  }

  // In a microtask: the frames of one read of the socket are then all queued when the first turn begins, and a handler
  // never runs inside somebody else's `groupSend`.
  #wake(): void {
    if (this.#isBusy) return;
    this.#isBusy = true;
    queueMicrotask(this.#scheduledTurns);
  }

  async #runTurns(): Promise<void> {
    const consumer = this.#consumer;
    const { counters } = this.#options;
    while (consumer !== undefined && !this.#isFinishing) {
      const frame = this.#frames.shift();
      const event = this.#events.shift();
      if (frame === undefined && event === undefined) break;
      if (frame !== undefined) {
        counters.queuedFrames -= 1;
        if (this.#isPaused && this.#frames.size <= this.#frames.limit / 2) {
          this.#isPaused = false;
          this.#transport.resume();
        }
        try {
          const handled = typeof frame === "string" ? consumer.receive(frame) : consumer.receiveBytes(frame);
          if (handled !== undefined) await handled;
        } catch (error) {
          this.#fail(error);
        }
      }
      if (event !== undefined) {
        counters.queuedEvents -= 1;
        // The frame before it may have ended the connection.
        if (this.#hasEnded()) continue;
        try {
          const handled = this.#handleEvent(consumer, event);
          if (handled !== undefined) await handled;
        } catch (error) {
          this.#fail(error);
        }
      }
    }
    if (this.#hasEnded()) await this.#finish();
    else this.#isBusy = false;
  }

  #handleEvent(consumer: AnyConsumer, event: Delivery | QueuedCall): MaybePromise<void> {
    const { counters, logger } = this.#options;
    if (event instanceof QueuedCall) return event.run(consumer);
    const frame = this.#handlers.encodeFrame(event, logger);
    if (frame !== undefined) {
      // The layer delivers what was sent, and sending is checked against the consumer's own event map.
      if (frame !== null && consumer.shouldSend(event.message as never)) this.#transport.send(frame);
      counters.eventsEncoded += 1;
      return undefined;
    }
    const { type } = event.message;
    const route = this.#handlers.findHandler(type);
    if (route?.kind !== "method") {
      counters.eventsUnknown += 1;
      if (this.#handlers.shouldReportUnknown(type)) {
        logger.warn(
          { consumer: this.#class.name, event: type },
          "an event has neither a method nor an encoder; ignored",
        );
      }
      return undefined;
    }
    counters.eventsHandled += 1;
    // The plan found a function under this name; `route` has checked at compile time that it takes this event.
    const handlers = consumer as unknown as Record<
      string,
      (message: unknown, delivery: Delivery) => MaybePromise<void>
    >;
    return handlers[route.name]?.(event.message, event);
  }

  #fail(error: unknown): void {
    if (this.#hasEnded()) {
      // Whatever waited for the connection was told that it is gone: that it says so is no news.
      if (error !== this.signal.reason) this.#report(error, "a handler threw after its connection had ended");
      return;
    }
    this.#report(error, "a handler threw; its connection was closed");
    if (this.#state.phase === "connecting") this.#transport.refuse({ status: 500, reason: "internal error" });
    else this.#transport.close(1011, "internal error");
    this.#end(1011, "discard");
  }

  #report(error: unknown, message: string): void {
    this.#options.counters.handlerErrors += 1;
    this.#options.logger.error({ err: error, consumer: this.#class.name, scope: describeScope(this.scope) }, message);
  }

  #end(code: number, queuedFrames: QueuedFramesPolicy): void {
    if (this.#hasEnded()) return;
    this.#state = { phase: "closing", code };
    this.#clearEvents();
    if (queuedFrames === "discard") this.#clearFrames();
    this.#abort.abort(new ChannelsError("ConnectionEnded", { operation: "Waiting" }));
    if (!this.#isBusy) {
      this.#wake();
    } else {
      const { clock, handlerGraceMs } = this.#options;
      this.#graceTimer = clock.setTimeout(() => {
        this.#report(
          new Error(
            `a handler still runs ${handlerGraceMs} ms after its connection ended; pass \`signal\` to what it waits for`,
          ),
          "the end of a connection was seen through without its handler",
        );
        void this.#finish();
      }, handlerGraceMs);
    }
  }

  async #finish(): Promise<void> {
    if (this.#isFinishing) return;
    this.#isFinishing = true;
    if (this.#graceTimer !== undefined) this.#options.clock.clearTimeout(this.#graceTimer);
    const code = this.#state.phase === "closing" ? this.#state.code : 1006;
    try {
      await this.#consumer?.disconnect(code);
    } catch (error) {
      this.#report(error, "disconnect() threw");
    }
    try {
      // Ends the memberships as well.
      await this.#subscription?.unsubscribe();
    } catch (error) {
      this.#report(error, "the layer did not let go of a channel");
    }
    this.#clearEvents();
    this.#clearFrames();
    this.groups.clear();
    this.#state = { phase: "closed", code };
    this.#resolveDone();
  }

  #clearEvents(): void {
    this.#options.counters.queuedEvents -= this.#events.size;
    this.#events.clear();
  }

  #clearFrames(): void {
    this.#options.counters.queuedFrames -= this.#frames.size;
    this.#frames.clear();
  }
}

function isCloseCode(code: number): boolean {
  if (!Number.isInteger(code)) return false;
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);
}
