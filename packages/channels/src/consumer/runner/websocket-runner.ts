import { ChannelsError } from "../../errors.ts";
import type { ChannelLayer, Delivery, LayerGap, Receiver } from "../../layer/channel-layer.ts";
import type { ClockTimer } from "../../layer/clock.ts";
import type { MaybePromise } from "../consumer.ts";
import type { WebSocketConsumerClass } from "../consumer-class.ts";
import type { SharedFrame } from "../frame.ts";
import { getHandlerTable, type HandlerTable } from "../handler-table.ts";
import type { Logger } from "../logger.ts";
import { describeScope, type WebSocketScope } from "../scope.ts";
import type { WebSocketContext } from "../websocket-consumer.ts";
import { BoundedQueue } from "./bounded-queue.ts";
import { CONNECTING, type ConnectionState, isCloseCode, type QueuedFramesPolicy } from "./connection-state.ts";
import { ConsumerChannel } from "./consumer-channel.ts";
import { type AnyWebSocketConsumer, QueuedCall } from "./queued-call.ts";
import type { RunnerOptions } from "./runner-options.ts";
import type { Transport } from "./transport.ts";

/**
 * Runs one consumer from handshake to end. Frames from the socket and events from the layer wait in two queues. Each
 * turn takes at most one frame and one event, of those queued when it begins, and handles the frame first; turns never
 * overlap. So neither source starves the other, and the reply to a frame precedes the events that it caused.
 */
export class WebSocketRunner implements Receiver, WebSocketContext {
  readonly scope: WebSocketScope;
  /** Resolves when `disconnect` has finished and everything has been released. Never rejects. */
  readonly done: Promise<void>;
  readonly #class: WebSocketConsumerClass;
  readonly #handlers: HandlerTable;
  readonly #channel: ConsumerChannel;
  readonly #transport: Transport;
  readonly #abort: AbortController;
  readonly #options: RunnerOptions;
  readonly #frames: BoundedQueue<string | Uint8Array>;
  readonly #events: BoundedQueue<Delivery | QueuedCall>;
  readonly #scheduledTurns = (): void => void this.#runTurns();
  readonly #resolveDone: () => void;
  #state: ConnectionState = CONNECTING;
  /** A handler is running or a turn is scheduled, so that new frames and events have to queue. */
  #isBusy = true;
  #isPaused = false;
  #isFinishing = false;
  #consumer: AnyWebSocketConsumer | undefined;
  #graceTimer: ClockTimer | undefined;

  /**
   * `abort` is the controller of `scope.signal`.
   * @throws InvalidConsumer when an event has an encoder and a method.
   */
  constructor(
    consumerClass: WebSocketConsumerClass,
    scope: WebSocketScope,
    transport: Transport,
    abort: AbortController,
    options: RunnerOptions,
  ) {
    this.#class = consumerClass;
    this.#handlers = getHandlerTable(consumerClass);
    this.#channel = new ConsumerChannel(consumerClass, options.layers);
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

  get groups(): ReadonlySet<string> {
    return this.#channel.groups;
  }

  get bufferedBytes(): number {
    return this.#transport.bufferedBytes;
  }

  /** Runs `connect`, then handles what arrived in the meantime. Never rejects. */
  async start(): Promise<void> {
    try {
      await this.#channel.subscribe(this);
      this.#consumer = new this.#class(this);
      if (this.#state.phase === "connecting") {
        const connected = this.#consumer.connect();
        if (connected !== undefined) await connected;
        if (this.#state.phase === "connecting") {
          throw new ChannelsError("OutOfTurn", {
            operation: "Returning from connect()",
            phase: "connecting",
            expected: "accept(), close() or refuse() first",
          });
        }
      }
    } catch (error) {
      this.#fail(error);
    }
    await this.#runTurns();
  }

  // Called by the socket.

  /** Queues a frame of the client. */
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

  /** Ends the consumer when the client or the server ends the connection. */
  onEnd(code: number, queuedFrames: QueuedFramesPolicy): void {
    this.#end(code, queuedFrames);
  }

  /** Announces that the server is about to close the connection, and when the client should reconnect. */
  notifyDrain(reconnectAfterMs: number): void {
    this.#queueCall((consumer) => consumer.onDrain(reconnectAfterMs));
  }

  // Called by the layer.

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

  // Called by the consumer.

  layer(): ChannelLayer {
    return this.#channel.layer;
  }

  channelName(): string {
    // Throws when the consumer has no layer, and so no channel.
    this.layer();
    return this.#channel.name;
  }

  async groupAdd(group: string): Promise<void> {
    if (this.#hasEnded()) throw new ChannelsError("ConnectionEnded", { operation: `groupAdd("${group}")` });
    await this.#channel.groupAdd(group);
    // If the consumer ended in the meantime, the new membership has to be ended here.
    if (this.#state.phase === "closed") await this.#channel.groupDiscard(group);
  }

  groupDiscard(group: string): Promise<void> {
    return this.#channel.groupDiscard(group);
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
        expected: "accept() first",
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

  #hasEnded(): boolean {
    return this.#state.phase === "closing" || this.#state.phase === "closed";
  }

  #expectConnecting(operation: string): void {
    if (this.#state.phase === "connecting") return;
    throw new ChannelsError("OutOfTurn", {
      operation,
      phase: this.#state.phase,
      expected: "a single call, before the handshake has ended",
    });
  }

  #queueCall(run: (consumer: AnyWebSocketConsumer) => MaybePromise<void>): void {
    // Ignores the queue's limit: gaps and drains are rare, and their calls must not be lost.
    if (!this.#hasEnded()) this.#queueEvent(new QueuedCall(run));
  }

  #queueEvent(item: Delivery | QueuedCall): void {
    this.#events.push(item);
    this.#options.counters.queuedEvents += 1;
    this.#wake();
  }

  // Runs turns in a microtask, so that all frames of one read of the socket are queued before the first turn begins,
  // and no handler runs inside another consumer's `groupSend`.
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
        // The frame's handler may have ended the connection.
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

  #handleEvent(consumer: AnyWebSocketConsumer, event: Delivery | QueuedCall): MaybePromise<void> {
    const { counters, logger } = this.#options;
    if (event instanceof QueuedCall) return event.run(consumer);
    const frame = this.#handlers.encodeFrame(event, logger);
    if (frame !== undefined) {
      // Sending is checked against the consumer's event map, so the message is one of its events.
      if (frame !== null && consumer.shouldSend(event.message as never)) this.#transport.send(frame);
      counters.eventsEncoded += 1;
      return undefined;
    }
    const { type } = event.message;
    const handler = this.#handlers.findHandler(type);
    if (handler?.kind !== "method") {
      counters.eventsUnknown += 1;
      if (this.#handlers.shouldReportUnknown(type)) {
        logger.warn({ consumer: this.#class.name, event: type }, "ignored an event without a method or an encoder");
      }
      return undefined;
    }
    counters.eventsHandled += 1;
    // The handler table found a method with this name; `route` checks at compile time that it takes this event.
    const methods = consumer as unknown as Record<string, (message: unknown, delivery: Delivery) => MaybePromise<void>>;
    return methods[handler.name]?.(event.message, event);
  }

  #fail(error: unknown): void {
    if (this.#hasEnded()) {
      // A handler that awaited something with the connection's signal rejects with its reason, which is no failure.
      if (error !== this.signal.reason) this.#report(error, "caught an error of a handler whose connection had ended");
      return;
    }
    this.#report(error, "closed a connection whose handler threw");
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
    this.#abort.abort(new ChannelsError("ConnectionEnded", { operation: "The pending operation" }));
    if (!this.#isBusy) {
      this.#wake();
    } else {
      const { clock, handlerGraceMs } = this.#options;
      this.#graceTimer = clock.setTimeout(() => {
        this.#report(
          new Error(
            `a handler is still running ${handlerGraceMs} ms after its connection ended; ` +
              "pass `signal` to everything that it awaits",
          ),
          "ended a connection without waiting for its handler",
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
      this.#report(error, "failed to run disconnect()");
    }
    try {
      await this.#channel.unsubscribe();
    } catch (error) {
      this.#report(error, "failed to unsubscribe from a channel");
    }
    this.#clearEvents();
    this.#clearFrames();
    this.#channel.groups.clear();
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
