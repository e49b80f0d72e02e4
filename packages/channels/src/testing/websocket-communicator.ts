import type { Resolution, WebSocketApplication } from "../consumer/application.ts";
import { parseCookies } from "../consumer/cookies.ts";
import type { ErrorHandler } from "../consumer/failure.ts";
import type { SharedFrame } from "../consumer/frame.ts";
import { type Logger, silentLogger } from "../consumer/logger.ts";
import { type ConnectionCounters, createConnectionCounters } from "../consumer/runner/connection-counters.ts";
import type { ConnectionState } from "../consumer/runner/connection-state.ts";
import type { Refusal, Transport } from "../consumer/runner/transport.ts";
import { WebSocketRunner } from "../consumer/runner/websocket-runner.ts";
import type { WebSocketScope } from "../consumer/scope.ts";
import { type Clock, systemClock } from "../layer/clock.ts";
import { getLayerRegistry, type LayerRegistry } from "../layer/layer-registry.ts";
import { checkOptions, type OptionNames } from "../options.ts";
import type { Application } from "../routing/protocol-type-router.ts";
import { defaultTimeoutMs } from "./default-timeout.ts";
import { TestClient } from "./test-client.ts";

/** The options of a WebSocket communicator. */
export interface CommunicatorOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly subprotocols?: readonly string[];
  /** @default "127.0.0.1" */
  readonly address?: string;
  /** The user of the scope, as if middleware had added it. */
  readonly user?: unknown;
  /** The state of the scope, as if middleware had added it. */
  readonly state?: unknown;
  /** @default the process's registry */
  readonly layers?: LayerRegistry;
  /** @default silent; errors of handlers are in `errors` */
  readonly logger?: Logger;
  /** The server's `onError`. */
  readonly onError?: ErrorHandler;
  /** @default systemClock */
  readonly clock?: Clock;
  /** @default 64 */
  readonly maxQueuedFrames?: number;
  /** @default 1_000 */
  readonly maxQueuedEvents?: number;
  /** @default 30_000 */
  readonly handlerGraceMs?: number;
  /**
   * How long `connect` and `receive` wait, in milliseconds.
   * @default 2_000
   */
  readonly timeoutMs?: number;
}

const OPTION_NAMES: OptionNames<CommunicatorOptions> = {
  headers: true,
  subprotocols: true,
  address: true,
  user: true,
  state: true,
  layers: true,
  logger: true,
  onError: true,
  clock: true,
  maxQueuedFrames: true,
  maxQueuedEvents: true,
  handlerGraceMs: true,
  timeoutMs: true,
};

/** What follows the path: the user and the state that the application's consumers require, as if middleware had added them. */
export type CommunicatorArguments<User, State> = [unknown, unknown] extends [User, State]
  ? [options?: CommunicatorOptions]
  : [
      options: Omit<CommunicatorOptions, "user" | "state"> &
        (unknown extends User ? Pick<CommunicatorOptions, "user"> : { readonly user: User }) &
        (unknown extends State ? Pick<CommunicatorOptions, "state"> : { readonly state: State }),
    ];

/** The result of a handshake. */
export type Handshake =
  | { readonly accepted: true; readonly subprotocol: string | undefined }
  | ({ readonly accepted: false } & Refusal);

/** Runs a WebSocket application without a socket, for tests. */
export class WebsocketCommunicator<User = unknown, State = unknown> extends TestClient {
  readonly counters: ConnectionCounters = createConnectionCounters();
  /** The errors that handlers of this connection threw. */
  readonly errors: unknown[] = [];
  readonly scope: WebSocketScope;
  readonly #application: WebSocketApplication;
  readonly #options: CommunicatorOptions;
  readonly #timeoutMs: number;
  readonly #abort = new AbortController();
  readonly #consumerEnded = Promise.withResolvers<void>();
  #runner: WebSocketRunner | undefined;
  #paused = false;

  /** `path` can contain a query. */
  constructor(
    application: WebSocketApplication<User, State> | Application,
    path: string,
    ...[given]: CommunicatorArguments<User, State>
  ) {
    // The type of the arguments depends on the application's, and is assignable for each.
    const options: CommunicatorOptions = given ?? {};
    checkOptions<CommunicatorOptions>(options, OPTION_NAMES);
    const timeoutMs = options.timeoutMs ?? defaultTimeoutMs(2_000);
    super(timeoutMs);
    this.#timeoutMs = timeoutMs;
    // It gets the user and the state of the options.
    this.#application = (
      typeof application === "function" ? application : application.websocket
    ) as WebSocketApplication;
    this.#options = options;
    const headers = lowerCaseNames(options.headers ?? {});
    const queryStart = path.indexOf("?");
    this.scope = {
      type: "websocket",
      path: queryStart === -1 ? path : path.slice(0, queryStart),
      params: {},
      query: new URLSearchParams(queryStart === -1 ? "" : path.slice(queryStart + 1)),
      headers,
      cookies: parseCookies(headers.cookie),
      subprotocols: options.subprotocols ?? [],
      client: { address: options.address ?? "127.0.0.1" },
      user: options.user,
      state: options.state ?? {},
      signal: this.#abort.signal,
    };
  }

  /** The state of the connection. */
  get state(): ConnectionState {
    return this.#runner?.state ?? { phase: "connecting" };
  }

  /** Whether the consumer's frame queue is full, so that reading from a socket would pause. */
  get paused(): boolean {
    return this.#paused;
  }

  /** Starts the handshake; resolves when it is accepted or refused. Rejects after the timeout. */
  async connect(): Promise<Handshake> {
    const { promise, reject } = Promise.withResolvers<never>();
    const expected = `Expected the handshake to be accepted or refused within ${this.#timeoutMs} ms; got nothing.`;
    const timer = setTimeout(() => reject(new Error(expected)), this.#timeoutMs);
    try {
      return await Promise.race([this.#shakeHands(), promise]);
    } finally {
      clearTimeout(timer);
    }
  }

  async #shakeHands(): Promise<Handshake> {
    const resolution = await this.#application(this.scope);
    return resolution.kind === "refused" ? { accepted: false, ...resolution } : this.#startRunner(resolution);
  }

  override send(content: string | Uint8Array): void {
    const bytes = typeof content === "string" ? Buffer.byteLength(content) : content.byteLength;
    this.#requireRunner("send").onFrame(content, bytes);
  }

  /**
   * Ends the connection as a client does, or with 1006 as a broken socket does. Resolves when the consumer has ended.
   */
  async disconnect(code = 1000): Promise<void> {
    const runner = this.#requireRunner("disconnect");
    runner.onEnd(code, "handle");
    this.notifyClosed({ code, reason: "" });
    await this.done();
  }

  /** Announces a drain, as a server does before a restart. */
  drain(reconnectAfterMs: number): void {
    this.#requireRunner("drain").notifyDrain(reconnectAfterMs);
  }

  /** Resolves when the consumer has ended and released everything. */
  async done(): Promise<void> {
    if (this.#runner !== undefined) await this.#consumerEnded.promise;
  }

  #startRunner(matched: Resolution & { readonly kind: "matched" }): Promise<Handshake> {
    const { promise, resolve } = Promise.withResolvers<Handshake>();
    const options = this.#options;
    const runner = new WebSocketRunner(matched, this.#createTransport(resolve), this.#abort, {
      layers: options.layers ?? getLayerRegistry(),
      logger: this.#recordErrors(options.logger ?? silentLogger),
      counters: this.counters,
      clock: options.clock ?? systemClock,
      maxQueuedFrames: options.maxQueuedFrames ?? 64,
      maxQueuedEvents: options.maxQueuedEvents ?? 1_000,
      onError: options.onError,
      handlerGraceMs: options.handlerGraceMs ?? 30_000,
    });
    this.#runner = runner;
    void runner.start();
    return promise;
  }

  #createTransport(resolveHandshake: (handshake: Handshake) => void): Transport {
    return {
      accept: (subprotocol) => resolveHandshake({ accepted: true, subprotocol }),
      refuse: (refusal) => {
        resolveHandshake({ accepted: false, ...refusal });
        this.notifyClosed({ code: 1006, reason: refusal.reason });
      },
      send: (frame: SharedFrame) => {
        for (const part of frame.parts ?? [frame]) this.frames.push(part.binary ? part.payload : part.text);
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
      isCongested: false,
      onConsumerEnded: () => this.#consumerEnded.resolve(),
    };
  }

  /** Wraps a logger so that logged errors are recorded in `errors`. */
  #recordErrors(logger: Logger): Logger {
    return {
      debug: (details, message) => logger.debug(details, message),
      info: (details, message) => logger.info(details, message),
      warn: (details, message) => logger.warn(details, message),
      error: (details, message) => {
        if ("err" in details) this.errors.push(details.err);
        logger.error(details, message);
      },
    };
  }

  #requireRunner(operation: string): WebSocketRunner {
    if (this.#runner === undefined) throw new Error(`${operation}() was called before connect() was accepted.`);
    return this.#runner;
  }
}

function lowerCaseNames(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
