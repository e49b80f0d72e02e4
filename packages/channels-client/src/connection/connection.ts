import { fullJitter } from "../core/backoff.ts";
import { callSafely } from "../core/call-safely.ts";
import { type EnvironmentChange, isOnline, watchEnvironment } from "../core/environment.ts";
import { type Readable, Store } from "../core/store.ts";
import type { ResolvedOptions } from "../options.ts";
import { getReconnectPolicy, type ReconnectPolicy } from "./close-policy.ts";
import type { CloseReason, ConnectionState, WaitReason } from "./connection-state.ts";
import { type Socket, type SocketClass, socketClass, socketUrl, withToken } from "./socket.ts";

/** How long a probe waits after the page was hidden or the network away, when the connection is likely dead. */
const PROBE_TIMEOUT_MS = 4_000;
/** The network or the page coming back ends the wait for the next attempt, at most this often. */
const MIN_WAKE_INTERVAL_MS = 1_000;
/** The longest time that a draining server can ask the client to stay away. */
const MAX_DRAIN_MS = 300_000;
/** The close code of RFC 6455 for a frame that is too large. */
const MESSAGE_TOO_BIG = 1009;

/** The parts that are built on the connection. */
export interface ConnectionListener {
  onOpen(): void;
  onFrame(text: string): void;
  /** The open connection has ended. After `isTooBig`, what was sent must not be sent again. */
  onLost(loss: { readonly isTooBig: boolean }): void;
  /** The client does not connect by itself any more. */
  onEnd(): void;
  /** Sends a command whose reply is a sign of life. */
  sendPing(): void;
  /** Whether commands have been sent and wait for their replies. */
  isBusy(): boolean;
  /** Whether one that was sent before the latest ping does. */
  isPongDelayed(): boolean;
}

interface SocketTarget {
  readonly url: URL;
  readonly WebSocket: SocketClass;
}

/** The one WebSocket to the server: opens it, watches it, and opens it again. Does not interpret its frames. */
export class Connection {
  readonly #options: ResolvedOptions;
  readonly #listener: ConnectionListener;
  readonly #store = new Store<ConnectionState>({ phase: "closed", reason: { kind: "client" } });
  /** Since the first `connect()`: before it, the client may be where it cannot connect. */
  #target: SocketTarget | undefined;
  #isUnused = true;
  #socket: Socket | undefined;
  /** Failures in a row, including the present attempt. */
  #attempt = 0;
  /** By the monotonic clock, as all times but those in the state: the system clock can be set back by any amount. */
  #openedAt = 0;
  #lastFrameAt = 0;
  #attemptStartedAt = Number.NEGATIVE_INFINITY;
  /** Increases with every attempt and every end, so that answers to an earlier one are ignored. */
  #generation = 0;
  #isProbing = false;
  /** When a draining server has asked the client to come back. */
  #reconnectAt: number | undefined;
  /** The time has come, and the client leaves as soon as its commands have their replies. */
  #isLeaving = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #drainTimer: ReturnType<typeof setTimeout> | undefined;
  #unwatch: (() => void) | undefined;

  constructor(options: ResolvedOptions, listener: ConnectionListener) {
    this.#options = options;
    this.#listener = listener;
  }

  get readable(): Readable<ConnectionState> {
    return this.#store;
  }

  get state(): ConnectionState {
    return this.#store.get();
  }

  /** Whether neither `connect()` nor `close()` has been called. */
  get isUnused(): boolean {
    return this.#isUnused;
  }

  /** Whether commands can be sent now. */
  get canSend(): boolean {
    return this.state.phase === "open" && !this.#isLeaving;
  }

  /** @throws TypeError for an address or a WebSocket that cannot be used */
  connect(): void {
    this.#target ??= { url: socketUrl(this.#options.url), WebSocket: socketClass(this.#options.WebSocket) };
    this.#unwatch ??= watchEnvironment((change) => this.#environmentChanged(change));
    this.#isUnused = false;
    const { phase } = this.state;
    if (phase === "open") this.#ping(PROBE_TIMEOUT_MS);
    if (phase === "open" || phase === "connecting") return;
    this.#attempt = 0;
    this.#open();
  }

  close(): void {
    this.#isUnused = false;
    this.#drop();
    this.#end({ kind: "client" });
  }

  send(text: string): void {
    this.#socket?.send(text);
  }

  /** The server is about to close, and asks this client to come back after so many milliseconds. */
  drain(reconnectAfterMs: number): void {
    const delayMs = Math.max(0, Math.min(reconnectAfterMs, MAX_DRAIN_MS));
    this.#reconnectAt = performance.now() + delayMs;
    clearTimeout(this.#drainTimer);
    // A server that announced it and does not close: another one may already serve the same address.
    this.#drainTimer = setTimeout(() => {
      this.#isLeaving = true;
      this.leaveIfIdle();
    }, delayMs);
  }

  /** Connects again if a draining server has asked for it, and no command waits for its reply. */
  leaveIfIdle(): void {
    if (!this.#isLeaving || this.#listener.isBusy()) return;
    if (this.#drop()) this.#open();
  }

  #open(): void {
    clearTimeout(this.#timer);
    this.#attempt += 1;
    this.#generation += 1;
    const generation = this.#generation;
    this.#attemptStartedAt = performance.now();
    this.#store.set({ phase: "connecting", attempt: this.#attempt });
    // A listener of the state may have closed the client.
    if (this.#generation !== generation) return;
    this.#timer = setTimeout(() => this.#fail("unreachable"), this.#options.connectTimeoutMs);
    void this.#openSocket(generation);
  }

  /** Never rejects. */
  async #openSocket(generation: number): Promise<void> {
    const { token, tokenPlace, subprotocols } = this.#options;
    let currentToken: string | null | undefined;
    try {
      currentToken = await token?.();
    } catch {
      if (this.#generation === generation) this.#fail("token");
      return;
    }
    if (this.#generation !== generation) return;
    if (currentToken === null) {
      this.#end({ kind: "signed-out" });
      return;
    }
    let socket: Socket;
    try {
      // `connect()` has set it.
      const { url, WebSocket } = this.#target as SocketTarget;
      socket = new WebSocket(...withToken(url, subprotocols, currentToken, tokenPlace));
    } catch {
      // Browsers throw where a policy of the page forbids the connection. That can change, and waiting costs little.
      this.#fail("unreachable");
      return;
    }
    this.#socket = socket;
    socket.onopen = () => this.#opened();
    socket.onmessage = ({ data }: { readonly data: unknown }) => {
      this.#lastFrameAt = performance.now();
      if (this.#isProbing) {
        this.#isProbing = false;
        this.#watchSilence();
      }
      if (typeof data === "string") this.#listener.onFrame(data);
    };
    socket.onclose = (event: { readonly code: number; readonly reason: string }) => this.#closed(event);
    // Browsers do not say what went wrong; the close event that follows decides.
    socket.onerror = () => {};
  }

  #opened(): void {
    this.#openedAt = performance.now();
    this.#lastFrameAt = this.#openedAt;
    this.#isProbing = false;
    clearTimeout(this.#timer);
    this.#watchSilence();
    // Subscriptions and waiting commands leave before those that a listener of the state makes.
    this.#store.replace({ phase: "open" });
    this.#listener.onOpen();
    this.#store.notify();
  }

  #closed({ code, reason: text }: { readonly code: number; readonly reason: string }): void {
    const wasOpen = this.state.phase === "open";
    if (!wasOpen) {
      this.#socket = undefined;
      void this.#handshakeFailed(this.#generation);
      return;
    }
    const generation = this.#generation;
    const policy = this.#reconnectPolicy(code);
    // The application may have closed the client.
    if (this.#generation !== generation) return;
    const reconnectAt = this.#reconnectAt;
    const wasStable = this.#isStable;
    if (!this.#drop(code)) return;
    if (policy === "never") this.#end({ kind: "server", code, text });
    else if (reconnectAt !== undefined) this.#wait("draining", code, reconnectAt - performance.now());
    else if (policy === "immediate" && wasStable) this.#open();
    else this.#wait("lost", code);
  }

  /** Never throws. */
  #reconnectPolicy(code: number): ReconnectPolicy {
    let policy: ReconnectPolicy | undefined;
    callSafely(() => {
      policy = this.#options.reconnectPolicy(code);
    });
    return policy ?? getReconnectPolicy(code);
  }

  /** A browser does not say why a handshake has failed, so the application is asked. Never rejects. */
  async #handshakeFailed(generation: number): Promise<void> {
    let shouldRetry = true;
    try {
      shouldRetry = await this.#options.shouldRetry({ attempt: this.#attempt });
    } catch (error) {
      callSafely(() => {
        throw error;
      });
    }
    if (this.#generation !== generation) return;
    if (shouldRetry) this.#wait("unreachable");
    else this.#end({ kind: "refused" });
  }

  /** Gives up the socket, open or not, and waits. */
  #fail(reason: WaitReason): void {
    if (this.#drop()) this.#wait(reason);
  }

  #wait(reason: WaitReason, code?: number, fixedDelayMs?: number): void {
    // What still runs for this attempt has failed with it.
    this.#generation += 1;
    clearTimeout(this.#timer);
    const isOffline = fixedDelayMs === undefined && !isOnline();
    const { backoff } = this.#options;
    const attempt = Math.max(1, this.#attempt);
    // Some devices claim to be offline and are not (a server on the same machine, a VPN).
    const delayMs = isOffline ? backoff.maxMs : Math.max(0, fixedDelayMs ?? fullJitter(attempt, backoff));
    this.#timer = setTimeout(() => this.#open(), delayMs);
    const until = Date.now() + delayMs;
    const state = { phase: "waiting", until, attempt, reason: isOffline ? "offline" : reason } as const;
    this.#store.set(code === undefined ? state : { ...state, code });
  }

  #end(reason: CloseReason): void {
    this.#generation += 1;
    this.#attempt = 0;
    clearTimeout(this.#timer);
    this.#unwatch?.();
    this.#unwatch = undefined;
    this.#store.replace({ phase: "closed", reason });
    this.#listener.onEnd();
    this.#store.notify();
  }

  /**
   * Gives up the socket without waiting for the closing handshake, which takes minutes over a dead network. Returns whether the
   * client goes on: a subscription that has ended or waits again with this may have closed it.
   */
  #drop(closeCode?: number): boolean {
    const generation = this.#generation;
    const socket = this.#socket;
    clearTimeout(this.#timer);
    clearTimeout(this.#drainTimer);
    this.#reconnectAt = undefined;
    this.#isLeaving = false;
    this.#socket = undefined;
    if (socket !== undefined) {
      socket.onopen = null;
      socket.onmessage = null;
      socket.onclose = null;
      // `ws` throws an error event without a listener, and closing before the handshake causes one.
      socket.onerror = () => {};
      if (closeCode === undefined) socket.close(1000);
    }
    if (this.state.phase !== "open") return true;
    if (this.#isStable) this.#attempt = 0;
    // Nothing can be sent from here on. The state that follows is the one to notify of.
    this.#store.replace({ phase: "connecting", attempt: this.#attempt + 1 });
    this.#listener.onLost({ isTooBig: closeCode === MESSAGE_TOO_BIG });
    return this.#generation === generation;
  }

  #watchSilence(): void {
    const { heartbeat } = this.#options;
    if (heartbeat === false) return;
    clearTimeout(this.#timer);
    const remainingMs = this.#lastFrameAt + heartbeat.intervalMs - performance.now();
    this.#timer = setTimeout(
      () => {
        if (performance.now() - this.#lastFrameAt >= heartbeat.intervalMs) this.#ping(heartbeat.timeoutMs);
        else this.#watchSilence();
      },
      Math.max(0, remainingMs),
    );
  }

  /** Sends a ping. Any frame counts as its answer. */
  #ping(timeoutMs: number): void {
    if (this.#isProbing || this.#options.heartbeat === false) return;
    this.#isProbing = true;
    this.#listener.sendPing();
    this.#awaitPong(Math.min(timeoutMs, this.#options.heartbeat.timeoutMs));
  }

  #awaitPong(timeoutMs: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      // The server may be busy with a command, and handles the ping after it. The command's own timeout bounds the wait, which
      // those that were sent after the ping must not prolong.
      if (this.#listener.isPongDelayed()) this.#awaitPong(timeoutMs);
      else this.#fail("silent");
    }, timeoutMs);
  }

  #environmentChanged(change: EnvironmentChange): void {
    const { state } = this;
    if (state.phase === "open") {
      this.#ping(PROBE_TIMEOUT_MS);
    } else if (state.phase === "waiting" && state.reason !== "draining") {
      if (change === "offline") this.#wait(state.reason);
      else {
        this.#attempt = 0;
        this.#wait(state.reason, state.code, this.#attemptStartedAt + MIN_WAKE_INTERVAL_MS - performance.now());
      }
    }
  }

  get #isStable(): boolean {
    return performance.now() - this.#openedAt >= this.#options.backoff.stableAfterMs;
  }
}
