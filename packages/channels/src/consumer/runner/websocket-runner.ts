import { ChannelsError } from "../../errors.ts";
import type { ChannelLayer, Delivery, LayerGap, MemberControl, Receiver } from "../../layer/channel-layer.ts";
import type { ClockTimer } from "../../layer/clock.ts";
import type { MatchedConsumer } from "../application.ts";
import { findAsyncHook } from "../async-hook.ts";
import type { MaybePromise } from "../consumer.ts";
import type { WebSocketConsumerClass } from "../consumer-class.ts";
import { type FailedPart, type FailureOutcome, isLayerOutage } from "../failure.ts";
import type { SharedFrame } from "../frame.ts";
import { getHandlerTable, type HandlerTable } from "../handler-table.ts";
import type { Logger } from "../logger.ts";
import { describeScope, type WebSocketScope } from "../scope.ts";
import type { WebSocketContext } from "../websocket-consumer.ts";
import {
  checkAccepted,
  checkCloseCode,
  checkConnecting,
  checkDecided,
  checkRefusalStatus,
  checkSubprotocol,
} from "./call-checks.ts";
import { callEventMethod } from "./call-event-method.ts";
import { CONNECTING, type ConnectionState, openState, type QueuedFramesPolicy } from "./connection-state.ts";
import { ConsumerChannel } from "./consumer-channel.ts";
import { EventQueue } from "./event-queue.ts";
import { FrameQueue } from "./frame-queue.ts";
import { memberControl } from "./member-control.ts";
import { type AnyWebSocketConsumer, QueuedCall } from "./queued-call.ts";
import type { RunnerOptions } from "./runner-options.ts";
import type { Transport } from "./transport.ts";
import { unfinishedHandler } from "./unfinished-handler.ts";

const INTERNAL_ERROR = { status: 500, reason: "internal error" };
const UNAVAILABLE = { status: 503, reason: "temporarily unavailable", headers: { "retry-after": "5" } };

/**
 * Runs one consumer from handshake to end, by the rules of docs/reference/consumer-rules.md. Frames from the socket and
 * events from the layer wait in two queues. Each turn takes at most one frame and one event, of those queued when it
 * begins, and handles the frame first; turns never overlap (C1, C2). An event with an encoder is sent when it arrives,
 * unless an earlier event waits (C3). No frame is taken while the connection or its events are behind (C5).
 */
export class WebSocketRunner implements Receiver, WebSocketContext {
  readonly scope: WebSocketScope;
  readonly #class: WebSocketConsumerClass;
  readonly #handlers: HandlerTable;
  readonly #channel: ConsumerChannel;
  readonly #transport: Transport;
  readonly #abort: AbortController;
  readonly #options: RunnerOptions;
  readonly #frames: FrameQueue;
  readonly #events: EventQueue;
  #state: ConnectionState = CONNECTING;
  /** A handler is running or a turn is scheduled, so that new frames have to queue. */
  #isBusy = true;
  /** `connect` has finished, so that events can be sent. */
  #isConnected = false;
  #isFinishing = false;
  /** The call of `onEventsDropped` waits. */
  #isDropQueued = false;
  #consumer: AnyWebSocketConsumer | undefined;
  #graceTimer: ClockTimer | undefined;

  /**
   * `abort` is the controller of `scope.signal`.
   * @throws InvalidConsumer when an event has an encoder and a method.
   */
  constructor(
    { consumer, scope, guards }: Pick<MatchedConsumer, "consumer" | "scope" | "guards">,
    transport: Transport,
    abort: AbortController,
    options: RunnerOptions,
  ) {
    this.#class = consumer;
    this.#handlers = getHandlerTable(consumer);
    this.#channel = new ConsumerChannel(consumer, options.layers);
    this.scope = scope;
    this.#transport = transport;
    this.#abort = abort;
    this.#options = options;
    this.#frames = new FrameQueue(transport, { options, guards, maxContinued: this.#handlers.maxConcurrentFrames });
    this.#events = new EventQueue(options.maxQueuedEvents, options.counters);
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
      const created = new this.#class(this);
      this.#handlers.checkConsumer(created);
      this.#consumer = created;
      if (this.#state.phase === "connecting") {
        const connected = this.#consumer.connect();
        if (connected !== undefined) await connected;
        checkDecided(this.#state);
      }
    } catch (error) {
      this.#fail(error, "connect");
    }
    this.#isConnected = true;
    await this.#runTurns();
  }

  // Called by the socket.

  /** Queues a frame of the client. */
  onFrame(content: string | Uint8Array, bytes: number): void {
    if (this.#state.phase !== "open") return;
    const verdict = this.#frames.push(content, bytes);
    if (verdict === "pass") this.#wake();
    else if (verdict !== "drop") this.close(verdict.close, verdict.reason);
  }

  /** Ends the consumer when the client or the server ends the connection. */
  onEnd(code: number, queuedFrames: QueuedFramesPolicy): void {
    this.#end(code, queuedFrames);
  }

  /** Takes frames again that had to wait because the client read too slowly. */
  onDrained(): void {
    if (this.#frames.size > 0) this.#wake();
  }

  /** Announces that the server is about to close the connection, and when the client should reconnect. */
  notifyDrain(reconnectAfterMs: number): void {
    this.#queueCall((consumer) => consumer.onDrain(reconnectAfterMs));
  }

  // Called by the layer.

  deliver(delivery: Delivery): boolean {
    if (this.#hasEnded()) return true;
    const frame = this.#handlers.encodeFrame(delivery, this.#options.logger);
    // One that sends nothing takes no turn: otherwise it would move those behind it to a later one (C2).
    if (frame === null || (frame !== undefined && this.#canSendAtOnce())) {
      this.#sendEncoded(frame, delivery);
      return true;
    }
    if (this.#events.isFull) {
      this.#options.counters.eventsDropped += 1;
      this.#notifyDropped();
      return false;
    }
    this.#queueEvent(delivery);
    return true;
  }

  layerGap(gap: LayerGap): void {
    this.#options.counters.layerGaps += 1;
    this.#queueCall((consumer) => consumer.layerGap(gap));
  }

  get control(): MemberControl {
    const onError = (error: unknown) => this.#report(error, "failed to find the user of a connection");
    return memberControl(this, () => this.#consumer?.memberUser(), onError);
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
    checkConnecting(this.#state, "accept()");
    checkSubprotocol(subprotocol, this.scope.subprotocols);
    this.#state = openState(subprotocol);
    this.#transport.accept(subprotocol);
  }

  refuse(status: number, reason: string, headers?: Readonly<Record<string, string>>): void {
    if (this.#hasEnded()) return;
    checkConnecting(this.#state, "refuse()");
    checkRefusalStatus(status);
    this.#transport.refuse(headers === undefined ? { status, reason } : { status, reason, headers });
    this.#end(1006, "discard");
  }

  send(frame: SharedFrame): boolean {
    if (this.#state.phase === "open") return this.#transport.send(frame);
    checkAccepted(this.#state, "send()");
    return false;
  }

  continueFrame(work: Promise<void>): void {
    this.#frames.continued += 1;
    void this.#awaitContinued(work);
  }

  close(code: number, reason: string): void {
    checkCloseCode(code);
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

  /** Queues one call for all events that are dropped before its turn has come. */
  #notifyDropped(): void {
    if (this.#isDropQueued) return;
    this.#isDropQueued = true;
    this.#queueCall((consumer) => {
      this.#isDropQueued = false;
      return consumer.onEventsDropped();
    });
  }

  #queueCall(run: (consumer: AnyWebSocketConsumer) => MaybePromise<void>): void {
    // Ignores the queue's limit: gaps, drains and drops are rare or counted as one, and their calls must not be lost.
    if (!this.#hasEnded()) this.#queueEvent(new QueuedCall(run));
  }

  #queueEvent(item: Delivery | QueuedCall): void {
    this.#events.push(item);
    this.#wake();
  }

  // Runs turns in a microtask, so that all frames of one read of the socket are queued before the first turn begins,
  // and no handler runs inside another consumer's `groupSend`.
  #wake(): void {
    if (this.#isBusy) return;
    this.#isBusy = true;
    queueMicrotask(() => void this.#runTurns());
  }

  async #runTurns(): Promise<void> {
    const consumer = this.#consumer;
    while (consumer !== undefined && !this.#isFinishing) {
      const frame = this.#takeFrame();
      const event = this.#events.take();
      if (frame === undefined && event === undefined) break;
      if (frame !== undefined) {
        try {
          const handled = typeof frame === "string" ? consumer.receive(frame) : consumer.receiveBytes(frame);
          if (handled !== undefined) await handled;
        } catch (error) {
          this.#fail(error, "frame");
        }
      }
      if (event !== undefined) {
        // The frame's handler may have ended the connection.
        if (this.#hasEnded()) continue;
        try {
          const handled = this.#handleEvent(consumer, event);
          if (handled !== undefined) await handled;
        } catch (error) {
          this.#fail(error, "event");
        }
        this.#events.release();
        if (!this.#handlers.eventsInTurn) this.#sendWaitingEncoded();
      }
    }
    if (this.#hasEnded() && this.#frames.continued === 0) await this.#finish();
    else this.#isBusy = false;
  }

  /** Returns the next frame; undefined when there is none, or when it has to wait (C4, C5). */
  #takeFrame(): string | Uint8Array | undefined {
    const isBehind = this.#transport.isCongested || this.#events.isBehind;
    return isBehind && !this.#hasEnded() ? undefined : this.#frames.take();
  }

  /** Whether an event with an encoder can be sent now: no earlier event waits or is being handled. */
  #canSendAtOnce(): boolean {
    if (this.#state.phase !== "open" || !this.#isConnected || !this.#events.isIdle) return false;
    return !(this.#isBusy && this.#handlers.eventsInTurn);
  }

  /** Sends the events with encoders that waited for an event with a method and are next. */
  #sendWaitingEncoded(): void {
    for (let event = this.#events.peek(); event !== undefined; event = this.#events.peek()) {
      if (event instanceof QueuedCall || this.#state.phase !== "open") return;
      const frame = this.#handlers.encodeFrame(event, this.#options.logger);
      if (frame === undefined) return;
      this.#events.take();
      this.#sendEncoded(frame, event);
      this.#events.release();
    }
  }

  async #awaitContinued(work: Promise<void>): Promise<void> {
    try {
      await work;
    } catch (error) {
      this.#fail(error, "frame");
    }
    this.#frames.continued -= 1;
    if (this.#frames.size > 0 || this.#hasEnded()) this.#wake();
  }

  #handleEvent(consumer: AnyWebSocketConsumer, event: Delivery | QueuedCall): MaybePromise<void> {
    if (event instanceof QueuedCall) return event.run(consumer);
    const frame = this.#handlers.encodeFrame(event, this.#options.logger);
    if (frame === undefined) return callEventMethod(consumer, event, this.#handlers, this.#options);
    this.#sendEncoded(frame, event);
    return undefined;
  }

  #sendEncoded(frame: SharedFrame | null, delivery: Delivery): void {
    this.#options.counters.eventsEncoded += frame?.count ?? 1;
    if (frame !== null && this.#shouldSend(delivery)) this.#transport.send(frame);
  }

  #shouldSend({ message }: Delivery): boolean {
    if (!this.#handlers.hasShouldSend) return true;
    try {
      // Sending is checked against the consumer's event map, so the message is one of its events.
      return this.#requireAtOnce("shouldSend", this.#consumer?.shouldSend(message as never)) === true;
    } catch (error) {
      this.#fail(error, "event");
      return false;
    }
  }

  #fail(error: unknown, during: FailedPart): void {
    if (this.#hasEnded()) {
      // A handler that awaited something with the connection's signal rejects with its reason, which is no failure.
      if (error === this.signal.reason) return;
      this.#report(error, "caught an error of a handler whose connection had ended");
      this.#decideOutcome(error, during);
      return;
    }
    const isConnecting = this.#state.phase === "connecting";
    const outcome = this.#decideOutcome(error, during);
    if (outcome === "keep" && !isConnecting) {
      this.#report(error, "kept a connection whose handler threw");
      return;
    }
    this.#report(error, "closed a connection whose handler threw");
    // `onError` may have ended the connection in its own way.
    if (this.#hasEnded()) return;
    if (isConnecting) this.#transport.refuse(isLayerOutage(error) ? UNAVAILABLE : INTERNAL_ERROR);
    else this.#transport.close(1011, INTERNAL_ERROR.reason);
    this.#end(1011, "discard");
  }

  /**
   * Asks the consumer, then the application. Without an answer, only an outage of the layer keeps the connection, and not where it
   * kept the rest of `connect` from running (C8).
   */
  #decideOutcome(error: unknown, during: FailedPart): FailureOutcome {
    const failure = { consumer: this.#class.name, during, scope: this.scope };
    try {
      const outcome =
        this.#requireAtOnce("onError", this.#consumer?.onError(error, failure)) ??
        this.#requireAtOnce("onError", this.#options.onError?.(error, failure));
      return outcome ?? (isLayerOutage(error) && during !== "connect" ? "keep" : "close");
    } catch (thrown) {
      this.#report(thrown, "an onError handler threw");
      return "close";
    }
  }

  /** Returns what a hook returned; undefined, and a line of the log, for a promise, for which the connection cannot wait. */
  #requireAtOnce<T>(hook: string, returned: T): T | undefined {
    const problem = findAsyncHook(hook, returned, (rejected) => this.#report(rejected, "an async hook rejected"));
    if (problem === undefined) return returned;
    this.#report(problem, "left out what an async hook returned");
    return undefined;
  }

  #report(error: unknown, message: string): void {
    this.#options.counters.handlerErrors += 1;
    this.#options.logger.error({ err: error, consumer: this.#class.name, scope: describeScope(this.scope) }, message);
  }

  #end(code: number, queuedFrames: QueuedFramesPolicy): void {
    if (this.#hasEnded()) return;
    this.#state = { phase: "closing", code };
    this.#events.clear();
    if (queuedFrames === "discard") this.#frames.clear();
    this.#abort.abort(new ChannelsError("ConnectionEnded", { operation: "The pending operation" }));
    if (this.#isBusy || this.#frames.continued > 0 || this.#frames.size > 0) {
      const { clock, handlerGraceMs } = this.#options;
      this.#graceTimer = clock.setTimeout(() => {
        this.#report(
          unfinishedHandler("a handler", handlerGraceMs),
          "ended a connection without waiting for its handler",
        );
        void this.#finish();
      }, handlerGraceMs);
    }
    this.#wake();
  }

  /** Waits no longer than for a handler: what never settles would keep the connection, and `close` of its server, for ever. */
  async #waitFor(work: MaybePromise<void>, name: string): Promise<void> {
    if (work === undefined) return;
    const { clock, handlerGraceMs } = this.#options;
    const { promise: expired, reject } = Promise.withResolvers<never>();
    const timer = clock.setTimeout(() => reject(unfinishedHandler(name, handlerGraceMs)), handlerGraceMs);
    try {
      await Promise.race([work, expired]);
    } finally {
      clock.clearTimeout(timer);
    }
  }

  async #finish(): Promise<void> {
    if (this.#isFinishing) return;
    this.#isFinishing = true;
    if (this.#graceTimer !== undefined) this.#options.clock.clearTimeout(this.#graceTimer);
    const code = this.#state.phase === "closing" ? this.#state.code : 1006;
    try {
      await this.#waitFor(this.#consumer?.disconnect(code), "`disconnect`");
    } catch (error) {
      this.#report(error, "failed to run disconnect()");
      this.#decideOutcome(error, "disconnect");
    }
    try {
      await this.#waitFor(this.#channel.unsubscribe(), "the layer's `unsubscribe`");
    } catch (error) {
      this.#report(error, "failed to unsubscribe from a channel");
    }
    this.#events.clear();
    this.#frames.clear();
    this.#channel.clear();
    this.#state = { phase: "closed", code };
    this.#transport.onConsumerEnded();
  }
}
