import type { Resolution, WebSocketApplication } from "../consumer/application.ts";
import { parseCookies } from "../consumer/cookies.ts";
import type { SharedFrame } from "../consumer/frame.ts";
import { type Logger, silentLogger } from "../consumer/logger.ts";
import type { WebSocketScope } from "../consumer/scope.ts";
import { newSessionCounters, type SessionCounters } from "../consumer/session-counters.ts";
import type { Refused, Transport } from "../consumer/transport.ts";
import { type Life, WebSocketSession } from "../consumer/websocket-session.ts";
import { type Clock, systemClock } from "../layer/clock.ts";
import { type LayerRegistry, layerRegistry } from "../layer/layer-registry.ts";
import type { Application } from "../routing/protocol-type-router.ts";
import { defaultTimeoutMs } from "./default-timeout.ts";
import { Peer } from "./peer.ts";

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
  readonly frameQueue?: number;
  /** @default 1_000 */
  readonly eventQueue?: number;
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
  | ({ readonly accepted: false } & Refused);

/** A client of a WebSocket application without a socket: everything but the network. */
export class WebsocketCommunicator extends Peer {
  readonly counters: SessionCounters = newSessionCounters();
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
    const headers = lowerCased(options.headers ?? {});
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
  get life(): Life {
    return this.#session?.life ?? { phase: "connecting" };
  }

  /** Whether the consumer has enough frames for now: a socket would not be read. */
  get paused(): boolean {
    return this.#paused;
  }

  /** Asks for the connection; resolves when it is accepted or refused. */
  async connect(): Promise<Handshake> {
    const resolution = await this.#application(this.scope);
    return resolution.kind === "refused" ? { accepted: false, ...resolution } : this.#start(resolution);
  }

  override send(content: string | Uint8Array): void {
    const bytes = typeof content === "string" ? Buffer.byteLength(content) : content.byteLength;
    this.#connected("send").frameArrived(content, bytes);
  }

  /** Goes away as a client does, 1006 for a connection that breaks; resolves when the consumer is done with it. */
  async disconnect(code = 1000): Promise<void> {
    const session = this.#connected("disconnect");
    session.connectionEnded(code, "handle");
    this.ended({ code, reason: "" });
    await session.done;
  }

  /** As a server does that is about to stop. */
  drain(reconnectAfterMs: number): void {
    this.#connected("drain").draining(reconnectAfterMs);
  }

  /** Resolves when the consumer has ended and nothing of it is left. */
  async done(): Promise<void> {
    await this.#session?.done;
  }

  #start(matched: Resolution & { readonly kind: "matched" }): Promise<Handshake> {
    const { promise, resolve } = Promise.withResolvers<Handshake>();
    const options = this.#options;
    const session = new WebSocketSession(matched.consumer, matched.scope, this.#transport(resolve), this.#abort, {
      layers: options.layers ?? layerRegistry(),
      logger: this.#logger(options.logger ?? silentLogger),
      counters: this.counters,
      clock: options.clock ?? systemClock,
      guards: matched.guards,
      frameQueue: options.frameQueue ?? 64,
      eventQueue: options.eventQueue ?? 1_000,
      handlerGraceMs: options.handlerGraceMs ?? 30_000,
    });
    this.#session = session;
    void session.start();
    return promise;
  }

  #transport(answer: (handshake: Handshake) => void): Transport {
    return {
      accept: (subprotocol) => answer({ accepted: true, subprotocol }),
      refuse: (refused) => {
        answer({ accepted: false, ...refused });
        this.ended({ code: 1006, reason: refused.reason });
      },
      send: (frame: SharedFrame) => {
        this.arrivals.put(frame.binary ? frame.payload : frame.text);
        return true;
      },
      close: (code, reason) => this.ended({ code, reason }),
      pause: () => {
        this.#paused = true;
      },
      resume: () => {
        this.#paused = false;
      },
      bufferedBytes: 0,
    };
  }

  #logger(below: Logger): Logger {
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

  #connected(operation: string): WebSocketSession {
    if (this.#session === undefined) throw new Error(`${operation}() was called before connect() had been accepted.`);
    return this.#session;
  }
}

function lowerCased(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
