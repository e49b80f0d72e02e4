import { BEARER_PREFIX, CLOSE_CODES, getReconnectPolicy, SUBPROTOCOL } from "@multichat/protocol";
import { fullJitter, MAX_DELAY_MS } from "../core/backoff.ts";
import type { Clock } from "../core/clock.ts";
import { ComputedStore } from "../core/computed-store.ts";
import type { Environment, EnvironmentChange } from "../core/environment.ts";
import type { NotificationBatch } from "../core/notification-batch.ts";
import type { Readable } from "../core/readable.ts";
import { Signal } from "../core/signal.ts";
import type { ConnectionState, RefusalCode, WaitReason } from "./connection-state.ts";
import type { Socket, SocketFactory } from "./socket.ts";

const HANDSHAKE_TIMEOUT_MS = 15_000;
/** Silence after which a ping is sent. Proxies close connections that are silent for a minute. */
const SILENCE_MS = 25_000;
const PING_TIMEOUT_MS = 10_000;
/** The same where the connection is likely dead (the device woke up) and the user is waiting. */
const PROBE_TIMEOUT_MS = 4_000;
/** How long a connection must hold, after it has caught up, before the next failure counts as the first one. */
const STABLE_AFTER_MS = 5_000;
/** The network or the page becoming available ends the wait for the next attempt, at most this often. */
const MIN_WAKE_INTERVAL_MS = 1_000;
/** The `readyState` of a socket that can send. */
const SOCKET_OPEN = 1;
/** The close code of RFC 6455 for a frame that is too large. */
const MESSAGE_TOO_BIG = 1009;
/** The longest time that a draining server can ask the client to stay away. */
const MAX_DRAIN_MS = 10 * MAX_DELAY_MS;

export interface ConnectionOptions {
  readonly url: string;
  readonly token: string | undefined;
  readonly openSocket: SocketFactory;
  /** Resolves whether the server accepts the session; undefined when the server cannot be asked. */
  readonly isSignedIn: () => Promise<boolean | undefined>;
  readonly clock: Clock;
  readonly random: () => number;
  readonly environment: Environment;
  readonly batch: NotificationBatch;
}

/** The one WebSocket to the server: opens it, watches it, and opens it again. Does not interpret its frames. */
export class Connection {
  readonly opened = new Signal<void>();
  readonly frameReceived = new Signal<string>();
  /** The open connection has closed. */
  readonly closed = new Signal<void>();
  /** The server has closed the connection because of a frame that was too large for it. */
  readonly frameRefused = new Signal<void>();
  /** A ping must be sent now, whose reply arrives as a frame within so many milliseconds. */
  readonly pingDue = new Signal<number>();
  readonly #options: ConnectionOptions;
  readonly #store: ComputedStore<ConnectionState>;
  #state: ConnectionState = { phase: "idle" };
  #socket: Socket | undefined;
  /** Failures in a row, including the present attempt. */
  #attempt = 0;
  #openedAt = 0;
  #isCaughtUp = false;
  #lastFrameAt = 0;
  #attemptStartedAt = Number.NEGATIVE_INFINITY;
  #generation = 0;
  #isProbing = false;
  #reconnectAt: number | undefined;
  #stopTimer: () => void = () => {};
  #stopDrainTimer: () => void = () => {};
  #unsubscribe: (() => void) | undefined;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#store = new ComputedStore<ConnectionState>(options.batch, () => this.#state);
  }

  get readable(): Readable<ConnectionState> {
    return this.#store;
  }

  get state(): ConnectionState {
    return this.#state;
  }

  get isOpen(): boolean {
    return this.#state.phase === "open";
  }

  /** Increases with every attempt. */
  get generation(): number {
    return this.#generation;
  }

  connect(): void {
    this.#unsubscribe ??= this.#options.environment.subscribe((change) => this.#environmentChanged(change));
    switch (this.#state.phase) {
      case "open":
        this.probe();
        break;
      case "connecting":
        break;
      case "idle":
      case "refused":
      case "waiting":
      case "offline":
        this.#attempt = 0;
        this.#open();
    }
  }

  disconnect(): void {
    this.#unsubscribe?.();
    this.#unsubscribe = undefined;
    this.#dropSocket({ isClosed: false });
    this.#enter({ phase: "idle" });
  }

  /** Returns false when there is no open connection. */
  send(frame: string): boolean {
    // While the socket closes, its close event is still to come, and browsers log an error for what is sent.
    if (!this.isOpen || this.#socket?.readyState !== SOCKET_OPEN) return false;
    this.#socket.send(frame);
    return true;
  }

  /** The missed events have arrived. Until then every failure counts: reconnecting clients may have overloaded the server. */
  markCaughtUp(): void {
    this.#isCaughtUp = true;
  }

  /** Checks with a ping whether the server still answers. Without an answer the connection is given up. */
  probe(): void {
    if (this.isOpen) this.#ping(PROBE_TIMEOUT_MS);
  }

  /** The server is about to close, and asks this client to reconnect after so many milliseconds. */
  drain(reconnectAfterMs: number): void {
    const { clock } = this.#options;
    const delayMs = Math.max(0, Math.min(reconnectAfterMs, MAX_DRAIN_MS));
    this.#reconnectAt = clock.now() + delayMs;
    this.#stopDrainTimer();
    // A server that announced it and does not close: another one may already serve the same address.
    this.#stopDrainTimer = clock.after(delayMs, () => {
      if (!this.isOpen) return;
      this.#dropSocket({ isClosed: false });
      this.#open();
    });
  }

  #open(): void {
    const { clock, url, token, openSocket } = this.#options;
    this.#stopTimer();
    this.#attempt += 1;
    this.#generation += 1;
    this.#attemptStartedAt = clock.now();
    this.#reconnectAt = undefined;
    this.#enter({ phase: "connecting", attempt: this.#attempt });
    let socket: Socket;
    try {
      socket = openSocket(url, token === undefined ? [SUBPROTOCOL] : [SUBPROTOCOL, `${BEARER_PREFIX}${token}`]);
    } catch {
      // Browsers throw where a policy of the page forbids the connection. That can change, and waiting costs little.
      this.#wait("unreachable");
      return;
    }
    this.#socket = socket;
    this.#stopTimer = clock.after(HANDSHAKE_TIMEOUT_MS, () => {
      this.#dropSocket({ isClosed: false });
      this.#wait("unreachable");
    });
    socket.onopen = () => this.#socketOpened();
    socket.onmessage = ({ data }: { readonly data: unknown }) => {
      this.#lastFrameAt = clock.now();
      this.#isProbing = false;
      if (typeof data === "string") this.frameReceived.emit(data);
    };
    socket.onclose = ({ code }: { readonly code: number }) => this.#socketClosed(code);
    // Browsers do not say what went wrong; the close event that follows decides.
    socket.onerror = () => {};
  }

  #socketOpened(): void {
    this.#openedAt = this.#options.clock.now();
    this.#isCaughtUp = false;
    this.#lastFrameAt = this.#openedAt;
    this.#isProbing = false;
    this.#stopTimer();
    this.#watchSilence();
    this.#enter({ phase: "open" });
    this.opened.emit();
  }

  #socketClosed(code: number): void {
    const wasOpen = this.isOpen;
    const reconnectAt = this.#reconnectAt;
    if (wasOpen && code === MESSAGE_TOO_BIG) this.frameRefused.emit();
    this.#dropSocket({ isClosed: true });
    if (!wasOpen) {
      void this.#handshakeFailed();
      return;
    }
    const wasStable = this.#isStable;
    if (wasStable) this.#attempt = 0;
    const policy = getReconnectPolicy(code);
    if (policy === "never") this.#refuse(refusalCodeOf(code));
    else if (reconnectAt !== undefined) this.#wait("draining", reconnectAt - this.#options.clock.now());
    else if (policy === "immediate" && wasStable) this.#open();
    else this.#wait(waitReasonOf(code));
  }

  /** A browser cannot tell a handshake refused with 401 from a server that is down, so HTTP has to. */
  async #handshakeFailed(): Promise<void> {
    const generation = this.#generation;
    const isSignedIn = await this.#options.isSignedIn();
    if (this.#generation !== generation || this.#state.phase !== "connecting") return;
    if (isSignedIn === false) this.#refuse("signed-out");
    else this.#wait("unreachable");
  }

  #refuse(code: RefusalCode): void {
    this.#attempt = 0;
    this.#enter({ phase: "refused", code });
  }

  #wait(reason: WaitReason, fixedDelayMs?: number): void {
    const { clock, random, environment } = this.#options;
    const attempt = Math.max(1, this.#attempt);
    if (!environment.online() && fixedDelayMs === undefined) {
      this.#enter({ phase: "offline" });
      // Some devices claim to be offline and are not (a server on the same machine, a VPN).
      this.#stopTimer = clock.after(MAX_DELAY_MS, () => this.#open());
      return;
    }
    const delayMs = fixedDelayMs === undefined ? fullJitter(attempt, random) : Math.max(0, fixedDelayMs);
    this.#enter({ phase: "waiting", until: clock.now() + delayMs, attempt, reason });
    this.#stopTimer = clock.after(delayMs, () => this.#open());
  }

  /** Drops the socket without waiting for the closing handshake, which takes minutes over a dead network. */
  #dropSocket({ isClosed }: { readonly isClosed: boolean }): void {
    const socket = this.#socket;
    const wasOpen = this.isOpen;
    this.#stopTimer();
    this.#stopDrainTimer();
    this.#reconnectAt = undefined;
    this.#socket = undefined;
    if (socket !== undefined) {
      socket.onopen = null;
      socket.onmessage = null;
      socket.onclose = null;
      // `ws` throws an error event without a listener, and closing before the handshake causes one.
      socket.onerror = () => {};
      if (!isClosed) socket.close(1000);
    }
    if (wasOpen) {
      // The listeners of `closed` must find that nothing can be sent.
      this.#state = { phase: "connecting", attempt: Math.max(1, this.#attempt) };
      this.closed.emit();
    }
  }

  #watchSilence(): void {
    const { clock } = this.#options;
    const remainingMs = this.#lastFrameAt + SILENCE_MS - clock.now();
    this.#stopTimer = clock.after(Math.max(0, remainingMs), () => {
      if (clock.now() - this.#lastFrameAt >= SILENCE_MS) this.#ping(PING_TIMEOUT_MS);
      else this.#watchSilence();
    });
  }

  /** Sends a ping. Any frame counts as its answer. */
  #ping(timeoutMs: number): void {
    if (this.#isProbing) return;
    this.#isProbing = true;
    this.#stopTimer();
    this.#stopTimer = this.#options.clock.after(timeoutMs, () => {
      if (!this.#isProbing) {
        this.#watchSilence();
        return;
      }
      this.#dropSocket({ isClosed: false });
      if (this.#isStable) this.#attempt = 0;
      this.#wait("heartbeat");
    });
    this.pingDue.emit(timeoutMs);
  }

  #environmentChanged(change: EnvironmentChange): void {
    if (change === "hidden") return;
    const state = this.#state;
    const isWaiting = state.phase === "waiting" && state.reason !== "draining";
    if (state.phase === "open") {
      this.probe();
    } else if (change === "offline") {
      if (!isWaiting) return;
      this.#stopTimer();
      this.#wait(state.reason);
    } else if (state.phase === "offline" || isWaiting) {
      if (this.#options.clock.now() - this.#attemptStartedAt < MIN_WAKE_INTERVAL_MS) return;
      this.#attempt = 0;
      this.#open();
    }
  }

  get #isStable(): boolean {
    return this.#isCaughtUp && this.#options.clock.now() - this.#openedAt >= STABLE_AFTER_MS;
  }

  #enter(state: ConnectionState): void {
    this.#state = state;
    this.#store.invalidate();
  }
}

function refusalCodeOf(closeCode: number): RefusalCode {
  if (closeCode === CLOSE_CODES.SIGNED_OUT) return "signed-out";
  if (closeCode === CLOSE_CODES.BANNED) return "banned";
  return "protocol";
}

function waitReasonOf(closeCode: number): WaitReason {
  if (closeCode === CLOSE_CODES.DRAINING) return "draining";
  if (closeCode === CLOSE_CODES.TOO_SLOW) return "too-slow";
  if (closeCode === CLOSE_CODES.HEARTBEAT_LOST) return "heartbeat";
  return "lost";
}
