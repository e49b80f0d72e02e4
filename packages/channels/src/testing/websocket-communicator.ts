import type { Resolution, WebSocketApplication } from "../consumer/application.ts";
import { parseCookies } from "../consumer/cookies.ts";
import type { SharedFrame } from "../consumer/frame.ts";
import { type Logger, silentLogger } from "../consumer/logger.ts";
import type { WebSocketScope } from "../consumer/scope.ts";
import { createSessionCounters, type SessionCounters } from "../consumer/session/session-counters.ts";
import type { Refusal, Transport } from "../consumer/session/transport.ts";
import { type ConnectionState, WebSocketSession } from "../consumer/session/websocket-session.ts";
import { type Clock, systemClock } from "../layer/clock.ts";
import { getLayerRegistry, type LayerRegistry } from "../layer/layer-registry.ts";
import type { Application } from "../routing/protocol-type-router.ts";
import { defaultTimeoutMs } from "./default-timeout.ts";
import { TestClient } from "./test-client.ts";

/** What the request says beside its path. */
export interface CommunicatorOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly subprotocols?: readonly string[];
  /** @default "127.0.0.1" */
  readonly address?: string;
  /** As if middleware had put it there. */
  readonly user?: unknown;
  readonly state?: unknown;
  /** @default the process's registry */
  readonly layers?: LayerRegistry;
  /** @default silent: what handlers threw is in `errors` */
  readonly logger?: Logger;
  /** @default systemClock */
  readonly clock?: Clock;
  /** @default 64 */
  readonly maxQueuedFrames?: number;
  /** @default 1_000 */
  readonly maxQueuedEvents?: number;
  /** @default 30_000 */
  readonly handlerGraceMs?: number;
  /**
   * How long `receive` waits, in milliseconds.
   * @default 2_000
   */
  readonly timeoutMs?: number;
}

/** What came of a handshake. */
export type Handshake =
  | { readonly accepted: true; readonly subprotocol: string | undefined }
  | ({ readonly accepted: false } & Refusal);

/** A client of a WebSocket application without a socket: everything but the network. */
export class WebsocketCommunicator extends TestClient {
  readonly counters: SessionCounters = createSessionCounters();
  /** What handlers of this connection threw. */
  readonly errors: unknown[] = [];
  readonly scope: WebSocketScope;
  readonly #application: WebSocketApplication;
  readonly #options: CommunicatorOptions;
  readonly #abort = new AbortController();
  #session: WebSocketSession | undefined;
  #paused = false;

  /** `path` may have a query. */
  constructor(application: WebSocketApplication | Application, path: string, options: CommunicatorOptions = {}) {
    super(options.timeoutMs ?? defaultTimeoutMs(2_000));
    this.#application = typeof application === "function" ? application : application.websocket;
    this.#options = options;
    const headers = lowerCaseNames(options.headers ?? {});
    const mark = path.indexOf("?");
    this.scope = {
      type: "websocket",
      path: mark === -1 ? path : path.slice(0, mark),
      params: {},
      query: new URLSearchParams(mark === -1 ? "" : path.slice(mark + 1)),
      headers,
      cookies: parseCookies(headers.cookie),
      subprotocols: options.subprotocols ?? [],
      client: { address: options.address ?? "127.0.0.1" },
      user: options.user,
      state: options.state ?? {},
      signal: this.#abort.signal,
    };
  }

  /** Where the consumer's connection stands. */
  get state(): ConnectionState {
    return this.#session?.state ?? { phase: "connecting" };
  }

  /** Whether the consumer has enough frames for now: a socket would not be read. */
  get paused(): boolean {
    return this.#paused;
  }

  /** Asks for the connection; resolves when it is accepted or refused. */
  async connect(): Promise<Handshake> {
    const resolution = await this.#application(this.scope);
    return resolution.kind === "refused" ? { accepted: false, ...resolution } : this.#startSession(resolution);
  }

  override send(content: string | Uint8Array): void {
    const bytes = typeof content === "string" ? Buffer.byteLength(content) : content.byteLength;
    this.#requireSession("send").onFrame(content, bytes);
  }

  /** Goes away as a client does, 1006 for a connection that breaks; resolves when the consumer is done with it. */
  async disconnect(code = 1000): Promise<void> {
    const session = this.#requireSession("disconnect");
    session.onEnd(code, "handle");
    this.notifyClosed({ code, reason: "" });
    await session.done;
  }

  /** As a server does that is about to stop. */
  drain(reconnectAfterMs: number): void {
    this.#requireSession("drain").notifyDrain(reconnectAfterMs);
  }

  /** Resolves when the consumer has ended and nothing of it is left. */
  async done(): Promise<void> {
    await this.#session?.done;
  }

  #startSession(matched: Resolution & { readonly kind: "matched" }): Promise<Handshake> {
    const { promise, resolve } = Promise.withResolvers<Handshake>();
    const options = this.#options;
    const session = new WebSocketSession(matched.consumer, matched.scope, this.#createTransport(resolve), this.#abort, {
      layers: options.layers ?? getLayerRegistry(),
      logger: this.#recordErrors(options.logger ?? silentLogger),
      counters: this.counters,
      clock: options.clock ?? systemClock,
      guards: matched.guards,
      maxQueuedFrames: options.maxQueuedFrames ?? 64,
      maxQueuedEvents: options.maxQueuedEvents ?? 1_000,
      handlerGraceMs: options.handlerGraceMs ?? 30_000,
    });
    this.#session = session;
    void session.start();
    return promise;
  }

  #createTransport(answer: (handshake: Handshake) => void): Transport {
    return {
      accept: (subprotocol) => answer({ accepted: true, subprotocol }),
      refuse: (refused) => {
        answer({ accepted: false, ...refused });
        this.notifyClosed({ code: 1006, reason: refused.reason });
      },
      send: (frame: SharedFrame) => {
        this.frames.push(frame.binary ? frame.payload : frame.text);
        return true;
      },
      close: (code, reason) => this.notifyClosed({ code, reason }),
      pause: () => {
        this.#paused = true;
      },
      resume: () => {
        this.#paused = false;
      },
      bufferedBytes: 0,
    };
  }

  #recordErrors(below: Logger): Logger {
    return {
      debug: (details, message) => below.debug(details, message),
      info: (details, message) => below.info(details, message),
      warn: (details, message) => below.warn(details, message),
      error: (details, message) => {
        if ("err" in details) this.errors.push(details.err);
        below.error(details, message);
      },
    };
  }

  #requireSession(operation: string): WebSocketSession {
    if (this.#session === undefined) throw new Error(`${operation}() was called before connect() had been accepted.`);
    return this.#session;
  }
}

function lowerCaseNames(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
