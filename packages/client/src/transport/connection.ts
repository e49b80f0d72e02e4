import { BEARER_PREFIX, CLOSE_CODES, getReconnectPolicy, SUBPROTOCOL } from "@multichat/protocol";
import { fullJitter, LONGEST_DELAY } from "../core/backoff.ts";
import type { Clock } from "../core/clock.ts";
import { ComputedStore, type NotificationBatch } from "../core/computed-store.ts";
import type { Environment, EnvironmentChange } from "../core/environment.ts";
import type { Readable } from "../core/readable.ts";
import type { ConnectionState, RefusalCode, WaitReason } from "./connection-state.ts";
import type { Socket, SocketFactory } from "./socket.ts";

/** Milliseconds that a handshake may take. */
const HANDSHAKE = 15_000;
/** Milliseconds of silence after which the server is asked whether it is there. Proxies cut what is silent for a minute. */
const SILENCE = 25_000;
/** Milliseconds in which it has to say so. */
const PING_ANSWER = 10_000;
/** The same when the device has just come back: a socket that slept is most likely dead, and a person is waiting. */
const PROBE_ANSWER = 4_000;
/** Milliseconds that a connection has to hold, and to have caught up in, before the next failure counts as a first one. */
const STABLE = 5_000;
/** A wake-up ends the waiting, but not more often than this (milliseconds). */
const WAKE_AT_MOST_EVERY = 1_000;

export interface ConnectionHooks {
  opened(): void;
  frame(data: string): void;
  /** The connection that had been open is not any more. `code`: the close code, undefined where this side gave it up. */
  closed(code: number | undefined): void;
  /** Sends a ping whose answer will arrive as a frame. */
  ping(timeoutMs: number): void;
}

export interface ConnectionOptions {
  readonly url: string;
  readonly token: string | undefined;
  readonly openSocket: SocketFactory;
  /** Whether the server still knows this person; undefined when it cannot be asked. */
  readonly signedIn: () => Promise<boolean | undefined>;
  readonly clock: Clock;
  readonly random: () => number;
  readonly environment: Environment;
  readonly turn: NotificationBatch;
  readonly hooks: ConnectionHooks;
}

/** The one socket: opened, watched, and opened again. Knows nothing of what travels through it. */
export class Connection {
  readonly #options: ConnectionOptions;
  readonly #view: ComputedStore<ConnectionState>;
  #state: ConnectionState = { phase: "idle" };
  #socket: Socket | undefined;
  /** Failures in a row, the attempt under way included. */
  #attempt = 0;
  #openedAt = 0;
  /** What was missed has been caught up with over the present connection. */
  #isLevel = false;
  #heardAt = 0;
  #begunAt = Number.NEGATIVE_INFINITY;
  /** Counts attempts over the whole life: what an answer that comes late belongs to. */
  #serial = 0;
  #probing = false;
  #comeBackAt: number | undefined;
  #stopTimer: () => void = () => {};
  #stopDraining: () => void = () => {};
  #stopListening: (() => void) | undefined;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#view = new ComputedStore<ConnectionState>(options.turn, () => this.#state);
  }

  get readable(): Readable<ConnectionState> {
    return this.#view;
  }

  get state(): ConnectionState {
    return this.#state;
  }

  /** Which attempt, of the whole life, the present socket belongs to. */
  get serial(): number {
    return this.#serial;
  }

  connect(): void {
    this.#stopListening ??= this.#options.environment.subscribe((change) => this.#environmentChanged(change));
    switch (this.#state.phase) {
      case "open":
        this.#probe(PROBE_ANSWER);
        break;
      case "connecting":
        break;
      case "idle":
      case "refused":
      case "waiting":
      case "offline":
        this.#attempt = 0;
        this.#begin();
    }
  }

  disconnect(): void {
    this.#stopListening?.();
    this.#stopListening = undefined;
    this.#giveUp(undefined);
    this.#enter({ phase: "idle" });
  }

  /** @returns false when there is no open connection. */
  send(frame: string): boolean {
    if (this.#state.phase !== "open" || this.#socket === undefined) return false;
    this.#socket.send(frame);
    return true;
  }

  /** What was missed is here: until then a server may be overcome by all who come back, and each failure counts. */
  level(): void {
    this.#isLevel = true;
  }

  /** The other end does not answer what it should: as good as a lost connection. */
  distrust(): void {
    if (this.#state.phase === "open") this.#probe(PROBE_ANSWER);
  }

  /** The server is going and wants this client back after so many milliseconds. */
  draining(reconnectAfter: number): void {
    const { clock } = this.#options;
    const delay = Math.max(0, Math.min(reconnectAfter, 10 * LONGEST_DELAY));
    this.#comeBackAt = clock.now() + delay;
    this.#stopDraining();
    // A server that said so and then does not close: a different one may be waiting behind the same address.
    this.#stopDraining = clock.after(delay, () => {
      if (this.#state.phase !== "open") return;
      this.#giveUp(undefined);
      this.#begin();
    });
  }

  #begin(): void {
    const { clock, url, token, openSocket } = this.#options;
    this.#stopTimer();
    this.#attempt += 1;
    this.#serial += 1;
    this.#begunAt = clock.now();
    this.#comeBackAt = undefined;
    this.#enter({ phase: "connecting", attempt: this.#attempt });
    let socket: Socket;
    try {
      socket = openSocket(url, token === undefined ? [SUBPROTOCOL] : [SUBPROTOCOL, `${BEARER_PREFIX}${token}`]);
    } catch {
      // Browsers throw for what a policy of the page forbids; that may change, and waiting costs little.
      this.#wait("unreachable");
      return;
    }
    this.#socket = socket;
    this.#stopTimer = clock.after(HANDSHAKE, () => {
      this.#giveUp(undefined);
      this.#wait("unreachable");
    });
    socket.onopen = () => this.#opened();
    socket.onmessage = ({ data }: { readonly data: unknown }) => {
      this.#heardAt = clock.now();
      this.#probing = false;
      if (typeof data === "string") this.#options.hooks.frame(data);
    };
    socket.onclose = ({ code }: { readonly code: number }) => this.#ended(code);
    // What went wrong is not told to browsers; the close that follows is what counts.
    socket.onerror = () => {};
  }

  #opened(): void {
    this.#openedAt = this.#options.clock.now();
    this.#isLevel = false;
    this.#heardAt = this.#openedAt;
    this.#probing = false;
    this.#stopTimer();
    this.#watch();
    this.#enter({ phase: "open" });
    this.#options.hooks.opened();
  }

  #ended(code: number): void {
    const wasOpen = this.#state.phase === "open";
    const comeBackAt = this.#comeBackAt;
    this.#giveUp(code);
    if (!wasOpen) {
      void this.#failed();
      return;
    }
    const now = this.#options.clock.now();
    const held = this.#held;
    if (held) this.#attempt = 0;
    const advice = getReconnectPolicy(code);
    if (advice === "never") this.#refuse(refusalOf(code));
    else if (comeBackAt !== undefined) this.#wait("draining", comeBackAt - now);
    else if (advice === "immediate" && held) this.#begin();
    else this.#wait(reasonOf(code));
  }

  /** No handshake. A browser does not tell a 401 from a dead server: ask over HTTP. */
  async #failed(): Promise<void> {
    const serial = this.#serial;
    const signedIn = await this.#options.signedIn();
    if (this.#serial !== serial || this.#state.phase !== "connecting") return;
    if (signedIn === false) this.#refuse("signed-out");
    else this.#wait("unreachable");
  }

  #refuse(code: RefusalCode): void {
    this.#attempt = 0;
    this.#enter({ phase: "refused", code });
  }

  #wait(reason: WaitReason, delay?: number): void {
    const { clock, random, environment } = this.#options;
    const attempt = Math.max(1, this.#attempt);
    if (!environment.online() && delay === undefined) {
      this.#enter({ phase: "offline" });
      // Some devices claim to be offline and are not (a server on the same machine, a VPN).
      this.#stopTimer = clock.after(LONGEST_DELAY, () => this.#begin());
      return;
    }
    const pause = delay === undefined ? fullJitter(attempt, random) : Math.max(0, delay);
    this.#enter({ phase: "waiting", until: clock.now() + pause, attempt, reason });
    this.#stopTimer = clock.after(pause, () => this.#begin());
  }

  /** Lets go of the socket without waiting for its goodbye, which over a dead line takes minutes. */
  #giveUp(code: number | undefined): void {
    const socket = this.#socket;
    const wasOpen = this.#state.phase === "open";
    this.#stopTimer();
    this.#stopDraining();
    this.#comeBackAt = undefined;
    this.#socket = undefined;
    if (socket !== undefined) {
      socket.onopen = null;
      socket.onmessage = null;
      socket.onclose = null;
      // `ws` throws an error event that nobody listens to, and closing before the handshake causes one.
      socket.onerror = () => {};
      if (code === undefined) socket.close(1000);
    }
    if (wasOpen) {
      // Whoever is told now must find that nothing can be sent.
      this.#state = { phase: "connecting", attempt: Math.max(1, this.#attempt) };
      this.#options.hooks.closed(code);
    }
  }

  #watch(): void {
    const { clock } = this.#options;
    const rest = this.#heardAt + SILENCE - clock.now();
    this.#stopTimer = clock.after(Math.max(0, rest), () => {
      if (clock.now() - this.#heardAt >= SILENCE) this.#probe(PING_ANSWER);
      else this.#watch();
    });
  }

  /** Any frame is an answer. */
  #probe(patience: number): void {
    if (this.#probing) return;
    this.#probing = true;
    this.#stopTimer();
    this.#stopTimer = this.#options.clock.after(patience, () => {
      if (!this.#probing) {
        this.#watch();
        return;
      }
      this.#giveUp(undefined);
      if (this.#held) this.#attempt = 0;
      this.#wait("heartbeat");
    });
    this.#options.hooks.ping(patience);
  }

  #environmentChanged(change: EnvironmentChange): void {
    if (change === "hidden") return;
    const { phase } = this.#state;
    if (phase === "open") {
      this.#probe(PROBE_ANSWER);
    } else if (change === "offline") {
      if (this.#state.phase === "waiting" && this.#state.reason !== "draining") {
        this.#stopTimer();
        this.#wait(this.#state.reason);
      }
    } else if (phase === "offline" || (this.#state.phase === "waiting" && this.#state.reason !== "draining")) {
      if (this.#options.clock.now() - this.#begunAt < WAKE_AT_MOST_EVERY) return;
      this.#attempt = 0;
      this.#begin();
    }
  }

  get #held(): boolean {
    return this.#isLevel && this.#options.clock.now() - this.#openedAt >= STABLE;
  }

  #enter(state: ConnectionState): void {
    this.#state = state;
    this.#view.changed();
  }
}

function refusalOf(code: number): RefusalCode {
  if (code === CLOSE_CODES.SIGNED_OUT) return "signed-out";
  if (code === CLOSE_CODES.BANNED) return "banned";
  return "protocol";
}

function reasonOf(code: number): WaitReason {
  if (code === CLOSE_CODES.DRAINING) return "draining";
  if (code === CLOSE_CODES.TOO_SLOW) return "too-slow";
  if (code === CLOSE_CODES.HEARTBEAT_LOST) return "heartbeat";
  return "lost";
}
