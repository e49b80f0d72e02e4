import type { GroupFrame, PositionFrame } from "@multichat/channels/protocol";
import type { Calls } from "../calls/calls.ts";
import { ClientError, CommandError } from "../calls/errors.ts";
import type { Connection } from "../connection/connection.ts";
import { fullJitter } from "../core/backoff.ts";
import { callSafely } from "../core/call-safely.ts";
import { checkOptions } from "../core/check-options.ts";
import { checkRange } from "../core/check-range.ts";
import { type Readable, Store } from "../core/store.ts";
import type { ResolvedOptions } from "../options.ts";
import { type Leave, SharedLeave } from "./shared-leave.ts";

export interface SubscribeOptions<Reply, Listeners = Readonly<Record<string, (payload: never) => void>>> {
  /**
   * Listeners of events, for as long as the subscription lasts. What arrives while the command is under way is delivered after
   * its reply: a server that has joined a group sends its events at once, before the reply that says from where they continue.
   * Looked up with each event, so that a listener can be added or replaced.
   */
  readonly on?: Listeners;
  /** Events that may wait for a reply; with one more the command is run again. @default 1_000 */
  readonly maxBuffered?: number;
  /**
   * Called with the reply of each run of the command: at first, and after each new connection. The events that were missed
   * between two connections follow, if they are `recovered`.
   */
  readonly onReply?: (reply: Reply, resumption: Resumption) => void;
  /** Called once, when the server has refused the command and the subscription has ended with that. */
  readonly onError?: (error: unknown) => void;
  /**
   * Leaves, as `() => client.call("room.leave", { room })`. Called when the subscription is ended while there is a connection,
   * on which the command was sent.
   */
  readonly leave?: () => Promise<unknown>;
  /**
   * What is joined, such as the name of a room. Of the subscriptions with the same command and key only the last one to end
   * leaves; pass the same `leave` to each. Everything else they do for themselves: each runs its command, and gets its reply.
   * @default shared with no other subscription
   */
  readonly key?: string;
  /** How long each run of the command takes at most, in milliseconds. @default the client's `timeoutMs` */
  readonly timeoutMs?: number;
}

/** Whether a subscription continues where it was. */
export interface Resumption {
  /**
   * Undefined after the first run. Then true if all events since the last one are there or follow, and false if some may be
   * missing: the reply is the state to start from again.
   */
  readonly recovered: boolean | undefined;
}

export type SubscriptionState<Reply> =
  /** The command waits for a connection, for its turn, for its reply, or for the next try. `reply`: the last one, if there was one. */
  | {
      readonly phase: "pending";
      readonly reply: Reply | undefined;
      readonly recovered?: undefined;
      readonly error?: undefined;
    }
  /** The command has had its reply on the present connection. */
  | {
      readonly phase: "active";
      readonly reply: Reply;
      /** As in `Resumption`. */
      readonly recovered: boolean | undefined;
      readonly error?: undefined;
    }
  /** `error`: the server's refusal, or CLIENT_CLOSED after `end()` and `close()`. */
  | {
      readonly phase: "ended";
      readonly reply: Reply | undefined;
      readonly recovered?: undefined;
      readonly error: unknown;
    };

/** A command that holds for a connection, and is run again on each new one. */
export interface Subscription<Reply> {
  /** What has become of it so far. */
  readonly state: Readable<SubscriptionState<Reply>>;
  /**
   * Resolves with the first reply. Rejects if the subscription ends before there is one; and with NOT_CONNECTED if the server
   * refuses the client for good: then `connect()` runs the command again, and `state` and `onReply` have its reply.
   */
  readonly ready: Promise<Reply>;
  /** Whether the command has had its reply on the present connection. */
  readonly isActive: boolean;
  /** Ends it. Idempotent. */
  end(): void;
}

const DEFAULT_MAX_BUFFERED = 1_000;
/** The positions that a server takes with one command. */
const MAX_POSITIONS = 100;

/** Refusals that are about the moment and not about the command. */
const TEMPORARY_ERRORS: ReadonlySet<string> = new Set([
  "UNAVAILABLE",
  "INTERNAL",
  "COMMAND_TIMEOUT",
  "TIMEOUT",
  "TOO_MANY_CALLS",
  "TOO_MANY_EVENTS",
]);
/** The next connection runs the command again in any case. */
const CONNECTION_ERRORS: ReadonlySet<string> = new Set(["CONNECTION_LOST", "NOT_CONNECTED", "CLIENT_CLOSED"]);

/** What the subscriptions of a client share. */
interface Context {
  readonly options: ResolvedOptions;
  readonly connection: Pick<Connection, "canSend" | "state">;
  readonly calls: Calls;
}

export class Subscriptions {
  readonly #context: Context;
  /** In the order in which they were made, and are made again. */
  readonly #active = new Set<CommandSubscription>();
  /** By command and key, while there is a subscription with them. */
  readonly #shared = new Map<string, SharedLeave>();
  /** Until the commands are run again after a gap. */
  #gapTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(context: Context) {
    this.#context = context;
  }

  add(name: string, makeInput: () => object, options: SubscribeOptions<unknown>): Subscription<unknown> {
    checkOptions<SubscribeOptions<unknown>>(options, {
      on: 1,
      maxBuffered: 1,
      onReply: 1,
      onError: 1,
      leave: 1,
      key: 1,
      timeoutMs: 1,
    });
    checkRange("maxBuffered", options.maxBuffered ?? DEFAULT_MAX_BUFFERED);
    const id = options.key === undefined ? undefined : JSON.stringify([name, options.key]);
    const shared = (id !== undefined && this.#shared.get(id)) || new SharedLeave();
    if (id !== undefined) this.#shared.set(id, shared);
    shared.add();
    const onEnd = () => {
      this.#active.delete(subscription);
      if (id !== undefined && shared.isEmpty) this.#shared.delete(id);
    };
    const subscription = new CommandSubscription(this.#context, { name, makeInput, options, shared, onEnd });
    this.#active.add(subscription);
    subscription.run();
    const { state } = this.#context.connection;
    if (state.phase === "closed" && state.reason.kind !== "client") subscription.onClientEnd();
    return subscription;
  }

  /** There is a connection. */
  onOpen(): void {
    for (const subscription of [...this.#active]) subscription.run({ isFirst: true });
  }

  onLost(): void {
    this.#stopGapTimer();
    for (const subscription of this.#active) subscription.onLost();
  }

  /**
   * Events may be missing on the present connection. Every client of the server learns of it at the same moment, so each waits
   * for a random time before it runs its commands again. What arrives meanwhile and is in a history that they return is not
   * delivered; everything else is.
   */
  onGap(): void {
    for (const subscription of [...this.#active]) subscription.pause();
    this.#gapTimer ??= setTimeout(() => this.#runAll(), fullJitter(1, this.#context.options.backoff));
  }

  /** An event has arrived. */
  onEvent(event: string, payload: unknown, position?: PositionFrame): void {
    for (const subscription of [...this.#active]) subscription.onEvent(event, payload, position);
    // Also where there is no listener, so that a listener which is added later does not get what is past.
    if (position !== undefined) for (const subscription of this.#active) subscription.onPosition(position);
  }

  /** The server has refused the client for good. */
  onClientEnd(): void {
    for (const subscription of this.#active) subscription.onClientEnd();
  }

  /** The connection is about to be closed, so that nothing has to be left. */
  endAll(): void {
    this.#stopGapTimer();
    for (const subscription of [...this.#active]) subscription.end({ leaves: false });
  }

  #runAll(): void {
    this.#gapTimer = undefined;
    for (const subscription of [...this.#active]) subscription.run();
  }

  #stopGapTimer(): void {
    clearTimeout(this.#gapTimer);
    this.#gapTimer = undefined;
  }
}

interface HeldEvent {
  readonly deliver: () => void;
  readonly position: PositionFrame | undefined;
}

interface CommandSubscriptionOptions {
  readonly name: string;
  readonly makeInput: () => object;
  readonly options: SubscribeOptions<unknown>;
  readonly shared: SharedLeave;
  readonly onEnd: () => void;
}

class CommandSubscription implements Subscription<unknown> {
  readonly #context: Context;
  readonly #name: string;
  readonly #makeInput: () => object;
  readonly #options: SubscribeOptions<unknown>;
  readonly #shared: SharedLeave;
  readonly #onEnd: () => void;
  readonly #ready = Promise.withResolvers<unknown>();
  readonly #state = new Store<SubscriptionState<unknown>>({ phase: "pending", reply: undefined });
  /** On the present connection. */
  #phase: "idle" | "running" | "active" = "idle";
  /** On the present connection, so that there is something to leave. */
  #wasSent = false;
  #hasEnded = false;
  #failures = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Of the run that is under way. */
  #stop = new AbortController();
  /** What has arrived during it. */
  #held: HeldEvent[] = [];
  /** On the present connection, so that the server goes on sending events whatever becomes of the next run. */
  #hasJoined = false;
  /** The last event of each group that the command has subscribed to. */
  #positions = new Map<string, PositionFrame>();
  /** For each group, the numbering that had ended by the time of a reply, which has the state after it. */
  #endedEpochs: ReadonlyMap<string, string> = new Map();
  #hasReplied = false;

  constructor(context: Context, { name, makeInput, options, shared, onEnd }: CommandSubscriptionOptions) {
    this.#context = context;
    this.#name = name;
    this.#makeInput = makeInput;
    this.#options = options;
    this.#shared = shared;
    this.#onEnd = onEnd;
    // Not every caller waits for it.
    this.#ready.promise.catch(() => {});
  }

  get ready(): Promise<unknown> {
    return this.#ready.promise;
  }

  get state(): Readable<SubscriptionState<unknown>> {
    return this.#state;
  }

  get isActive(): boolean {
    return this.#phase === "active";
  }

  end({ leaves = true }: { readonly leaves?: boolean } = {}): void {
    if (this.#hasEnded) return;
    const reason = new ClientError("CLIENT_CLOSED", `The subscription with ${this.#name} was ended.`);
    const leave = this.#finish(reason, this.#wasSent ? this.#options.leave : undefined);
    this.#stop.abort(reason);
    if (leaves) this.#leave(leave);
  }

  onLost(): void {
    this.#hasJoined = false;
    this.#stopRun();
    this.#held = [];
    this.#wasSent = false;
    this.#shared.onLost();
  }

  /** Stops until the next `run` on the present connection, which continues from the last event so far. */
  pause(): void {
    this.#stop.abort(new ClientError("CONNECTION_LOST", `${this.#name} is run again.`));
    this.#stopRun();
    this.#releaseHeld();
  }

  /** Returns whether an event is none that the subscription has had. */
  onPosition(position: PositionFrame): boolean {
    const last = this.#positions.get(position.group);
    // Without a run nothing is expected, and so nothing is skipped.
    if (last === undefined || this.#phase !== "active") return true;
    if (this.#endedEpochs.get(position.group) === position.epoch) return false;
    if (last.epoch === position.epoch && last.offset >= position.offset) return false;
    this.#positions.set(position.group, position);
    return true;
  }

  /** It stays, for a `connect()` of the application; nobody knows when that will be. */
  onClientEnd(): void {
    this.#ready.reject(new ClientError("NOT_CONNECTED", `There is no connection for ${this.#name}; call connect().`));
  }

  /** Never throws. */
  run({ isFirst = false }: { readonly isFirst?: boolean } = {}): void {
    const { calls, connection } = this.#context;
    // The next connection runs it.
    if (this.#hasEnded || this.#phase !== "idle" || !connection.canSend) return;
    const { timeoutMs } = this.#options;
    clearTimeout(this.#timer);
    this.#phase = "running";
    this.#stop = new AbortController();
    const call = {
      signal: this.#stop.signal,
      // The next connection runs it again.
      isBound: true,
      isFirst,
      onSent: () => {
        this.#wasSent = true;
      },
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
    };
    try {
      // Not a promise: what follows the reply on the wire may be an event, or the end of the connection.
      const $since = [...this.#positions.values()].slice(0, MAX_POSITIONS);
      const input = $since.length > 0 ? { ...this.#makeInput(), $since } : this.#makeInput();
      calls.start(this.#name, input, call, {
        resolve: (reply, groups) => this.#onReply(reply, groups),
        reject: (error) => this.#onError(error),
      });
    } catch (error) {
      this.#fail(error);
    }
  }

  #stopRun(): void {
    const { phase, reply } = this.#state.get();
    if (phase === "active") this.#state.set({ phase: "pending", reply });
    this.#phase = "idle";
    clearTimeout(this.#timer);
  }

  /** Delivers what a run that has ended without a reply has held, but for what the next one gets from a history. */
  #releaseHeld(): void {
    const held = this.#held;
    this.#held = [];
    // One of them may end the subscription.
    for (const { deliver, position } of held) if (!this.#hasEnded && this.#isDelivered(position)) callSafely(deliver);
  }

  /** Whether an event is delivered while no run has its reply: nobody sends it again, and the server has not stopped to send. */
  #isDelivered(position: PositionFrame | undefined): boolean {
    return this.#hasJoined && (position === undefined || !this.#positions.has(position.group));
  }

  #onReply(reply: unknown, groups: readonly GroupFrame[] = []): void {
    if (this.#hasEnded) return;
    const recovered = this.#hasReplied ? groups.length > 0 && groups.every((group) => group.recovered) : undefined;
    this.#phase = "active";
    this.#hasReplied = true;
    this.#hasJoined = true;
    this.#failures = 0;
    // Before anything is called: it may end the connection, and the next run continues from here.
    this.#setPositions(groups);
    this.#ready.resolve(reply);
    this.#state.set({ phase: "active", reply, recovered });
    callSafely(() => this.#options.onReply?.(reply, { recovered }));
    // Of several groups all or none: the reply is the state of all.
    if (recovered) for (const { events = [] } of groups) for (const event of events) this.#recover(event);
    // One of them may end the subscription, and drop the others.
    for (let event = this.#held.shift(); event !== undefined; event = this.#held.shift()) callSafely(event.deliver);
  }

  #setPositions(groups: readonly GroupFrame[]): void {
    const positions = new Map<string, PositionFrame>();
    const endedEpochs = new Map<string, string>();
    for (const { group, epoch, offset } of groups) {
      if (epoch === undefined || offset === undefined) continue;
      positions.set(group, { group, epoch, offset });
      const last = this.#positions.get(group)?.epoch;
      const ended = last === undefined || last === epoch ? this.#endedEpochs.get(group) : last;
      if (ended !== undefined && ended !== epoch) endedEpochs.set(group, ended);
    }
    this.#positions = positions;
    this.#endedEpochs = endedEpochs;
  }

  #recover({ on, ...payload }: { readonly on: string }): void {
    if (!this.#hasEnded) callSafely(() => this.#listener(on)?.(payload));
  }

  /** Undefined also where the application leaves it undefined under a condition. The types of `subscribe` pair it with the event. */
  #listener(event: string): ((payload: unknown) => void) | undefined {
    const { on = {} } = this.#options;
    return Object.hasOwn(on, event) ? (on[event] as ((payload: unknown) => void) | undefined) : undefined;
  }

  /** Without a reply yet it waits, and without a run the next one continues from the last position, where there is a history. */
  onEvent(event: string, payload: unknown, position?: PositionFrame): void {
    if (this.#listener(event) === undefined) return;
    const { maxBuffered = DEFAULT_MAX_BUFFERED } = this.#options;
    const deliver = () => {
      if (position === undefined || this.onPosition(position)) this.#listener(event)?.(payload);
    };
    if (this.#phase === "running") {
      if (this.#held.length < maxBuffered) {
        this.#held.push({ deliver, position });
        return;
      }
      const message = `Expected a reply to ${this.#name} before ${maxBuffered} events; running it again.`;
      this.#stop.abort(new ClientError("TOO_MANY_EVENTS", message));
    }
    if (this.#phase === "active" || this.#isDelivered(position)) callSafely(deliver);
  }

  #onError(error: unknown): void {
    if (this.#hasEnded) return;
    const code = error instanceof CommandError || error instanceof ClientError ? error.code : "";
    if (CONNECTION_ERRORS.has(code)) return;
    if (!TEMPORARY_ERRORS.has(code)) {
      this.#fail(error);
      return;
    }
    this.#phase = "idle";
    this.#releaseHeld();
    // What it has delivered may have ended the subscription.
    if (this.#hasEnded) return;
    this.#failures += 1;
    this.#timer = setTimeout(() => this.run(), fullJitter(this.#failures, this.#context.options.backoff));
  }

  #fail(error: unknown): void {
    // Its input may have ended it.
    if (this.#hasEnded) return;
    // The server has refused it; another one with its key may have joined before, and ended.
    this.#leave(this.#finish(error));
    callSafely(() => this.#options.onError?.(error));
  }

  /** Returns how to leave, if there is something to leave. @param leave what this subscription has to do for itself */
  #finish(error: unknown, leave?: Leave): Leave | undefined {
    this.#hasEnded = true;
    this.#phase = "idle";
    this.#held = [];
    clearTimeout(this.#timer);
    this.#ready.reject(error);
    const due = this.#shared.remove(leave);
    this.#onEnd();
    this.#state.set({ phase: "ended", reply: this.#state.get().reply, error });
    return due;
  }

  #leave(leave: Leave | undefined): void {
    const { calls, connection } = this.#context;
    if (leave === undefined || !connection.canSend) return;
    callSafely(() =>
      // On the next connection it would undo what another subscription has done there.
      calls.bindToConnection(leave).catch((error: unknown) => {
        // Without a connection there is nothing to leave.
        if (!(error instanceof ClientError)) callSafely(() => this.#options.onError?.(error));
      }),
    );
  }
}
