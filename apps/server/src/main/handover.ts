import type { Socket } from "node:net";
import { z } from "zod";
import type { Config } from "../config/config.ts";
import type { HandoverBus, HandoverPeer } from "../fan-out/handover-bus.ts";
import type { Logger } from "../observability/logging.ts";
import type { CleanupStack } from "../process/cleanup-stack.ts";
import {
  connectToPredecessor,
  type HandoverListener,
  handoverSocketPath,
  listenForSuccessor,
} from "../process/handover/handover-socket.ts";
import { MessageLink } from "../process/handover/message-link.ts";
import { StartError } from "../process/start-error.ts";
import { version } from "../process/version.ts";
import { type DatabaseSharing, describeDatabase } from "./databases.ts";
import type { HandoverPace, SuccessorLoad } from "./handover-pace.ts";

// A new server process, the successor, takes over the port and the connections of a running one, the predecessor. The successor
// asks at a Unix socket in DATA_DIR. The predecessor shares its database, then the successor starts and listens at the same
// port, then the predecessor stops to listen and drains. Until the successor serves, its end in any way changes nothing.

/** Changes with the messages below, and with those of the bus. */
const PROTOCOL = 1;
/** How long the predecessor has to share its database: it waits for the transactions under way. */
const ANSWER_TIMEOUT_MS = 30_000;

/** Between two reports of a successor. */
const REPORT_INTERVAL_MS = 20;

/** The successor's request. Both have to be the same chat, connected in the same way. */
const REQUEST = z.object({
  type: z.literal("replace"),
  protocol: z.number(),
  version: z.string(),
  database: z.string(),
  carrier: z.string(),
});
const SERVING = z.object({ type: z.literal("serving") });
const BUS = z.object({ type: z.literal("bus"), message: z.unknown() });
/** The predecessor's answers: to the request, and to `serving`. */
const ACCEPTED = z.object({ type: z.literal("accepted"), pid: z.number(), version: z.string() });
const REFUSED = z.object({ type: z.literal("refused"), reason: z.string() });
/** The successor's, while the predecessor drains. */
const LOAD = z.object({ type: z.literal("load"), connections: z.number(), delayMs: z.number() });
const DRAINING = z.object({ type: z.literal("draining") });

type HandoverConfig = Pick<Config, "dataDir" | "port" | "databaseFile" | "postgresUrl" | "redisUrl">;

function describeSelf(config: HandoverConfig): Pick<z.infer<typeof REQUEST>, "database" | "carrier"> {
  const { redisUrl, postgresUrl } = config;
  const carrier = redisUrl === null ? (postgresUrl === null ? "none" : "PostgreSQL") : "Redis";
  return { database: describeDatabase(config), carrier };
}

export interface LoadSource {
  /** Measures what this server has to do. */
  readonly measure: () => Promise<SuccessorLoad>;
  /** Called with the first failure of several in a row; there is no report of those. */
  readonly onError: (error: unknown) => void;
}

/** The successor's end of a hand-over. */
export interface Predecessor {
  readonly pid: number;
  readonly version: string;
  /** Connects the bus with the predecessor, once what receives from it is open. */
  connect(bus: HandoverBus): void;
  /** Asks the predecessor to stop listening and to drain its connections. Resolves when this server can be replaced itself. */
  announceServing(): Promise<void>;
  /** Says how much this server has to do, from time to time until the predecessor has ended. Never rejects. */
  reportLoad(source: LoadSource): Promise<void>;
  /** Resolves when it has ended. */
  readonly ended: Promise<void>;
  close(): void;
}

/**
 * Asks the running server to hand over.
 *
 * @returns undefined where none is running.
 * @throws StartError where it refuses.
 */
export async function askToHandOver(config: HandoverConfig): Promise<Predecessor | undefined> {
  requireFixedPort(config);
  const socket = await connectToPredecessor(handoverSocketPath(config.dataDir, config.port));
  if (socket === undefined) return undefined;
  const answered = Promise.withResolvers<z.infer<typeof ACCEPTED>>();
  const draining = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<void>();
  let bus: HandoverBus | undefined;
  // Those that arrive before the bus is there say nothing that the predecessor will not repeat.
  const link = new MessageLink(socket, {
    onMessage: (message) => {
      const received = BUS.safeParse(message).data;
      if (received !== undefined) bus?.receive(received.message);
      const accepted = ACCEPTED.safeParse(message).data;
      if (accepted !== undefined) answered.resolve(accepted);
      if (DRAINING.safeParse(message).success) draining.resolve();
      const refused = REFUSED.safeParse(message).data;
      if (refused !== undefined) answered.reject(new StartError(`--replace: ${refused.reason}`));
    },
    onClosed: () => {
      answered.reject(
        new StartError("--replace: expected the running server to answer, but it has ended. Start again."),
      );
      bus?.disconnect();
      draining.resolve();
      ended.resolve();
    },
  });
  const timer = setTimeout(() => {
    const seconds = ANSWER_TIMEOUT_MS / 1_000;
    answered.reject(new StartError(`--replace: expected the running server to answer within ${seconds} seconds`));
  }, ANSWER_TIMEOUT_MS);
  try {
    link.send({ type: "replace", protocol: PROTOCOL, version, ...describeSelf(config) });
    const { pid, version: otherVersion } = await answered.promise;
    return {
      pid,
      version: otherVersion,
      connect: (opened) => {
        bus = opened;
        if (link.isOpen) bus.connect(toPeer(link));
      },
      announceServing: async () => {
        if (link.isOpen) link.send({ type: "serving" });
        await draining.promise;
      },
      reportLoad: async ({ measure, onError }) => {
        let hasFailed = false;
        while (link.isOpen) {
          try {
            const load = await measure();
            if (link.isOpen) link.send({ type: "load", ...load });
            hasFailed = false;
          } catch (error) {
            if (!hasFailed) onError(error);
            hasFailed = true;
          }
          await new Promise((resolve) => setTimeout(resolve, REPORT_INTERVAL_MS).unref());
        }
      },
      ended: ended.promise,
      close: () => link.destroy(),
    };
  } catch (error) {
    link.destroy();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

export interface HandoverOptions {
  readonly config: HandoverConfig;
  readonly logger: Logger;
  readonly bus: HandoverBus | undefined;
  readonly sharing: DatabaseSharing | undefined;
  /** Called when the successor serves. */
  readonly onReplaced: () => void;
  /** Takes what the successor says about itself. */
  readonly pace: HandoverPace;
  /** Called when the successor has ended after that, so that nothing listens at the port. */
  readonly onSuccessorLost: () => void;
  /** Called when the database was lost to a third server. */
  readonly onLost: (error: unknown) => void;
  readonly cleanup: CleanupStack;
}

export interface WaitingPredecessor {
  /** Closes the connection with the successor. Call it when everything is published, also that the presences have ended. */
  disconnect(): void;
}

/** Waits for a successor while the server runs. */
export async function waitForSuccessor(options: HandoverOptions): Promise<WaitingPredecessor> {
  const handovers = new Handovers(options);
  options.cleanup.defer(() => handovers.stop());
  if (options.config.port !== 0) await handovers.listen();
  return handovers;
}

type Phase = "alone" | "starting" | "replaced" | "stopped";

/** The predecessor's end: one hand-over at a time. */
class Handovers {
  readonly #options: HandoverOptions;
  #listener: HandoverListener | undefined;
  #successor: MessageLink | undefined;
  #phase: Phase = "alone";
  /** Resolves when the successor was let in, or refused. */
  #admission: Promise<void> = Promise.resolve();

  constructor(options: HandoverOptions) {
    this.#options = options;
  }

  async listen(): Promise<void> {
    const { config, logger } = this.#options;
    const path = handoverSocketPath(config.dataDir, config.port);
    try {
      this.#listener = await listenForSuccessor(path, (socket) => this.#connected(socket));
      if (this.#listener === undefined)
        logger.info({ path }, "another server uses this path: this one cannot be replaced");
    } catch (err) {
      logger.warn(
        { err, path },
        "failed to listen for a successor: this server has to be stopped before another one starts",
      );
    }
  }

  async stop(): Promise<void> {
    this.#phase = "stopped";
    await this.#listener?.close();
  }

  disconnect(): void {
    this.#successor?.close();
  }

  #connected(socket: Socket): void {
    const link = new MessageLink(socket, {
      onMessage: (message) => this.#received(link, message),
      onClosed: () => {
        if (this.#successor === link) void this.#successorEnded();
      },
    });
  }

  #received(link: MessageLink, message: Readonly<Record<string, unknown>>): void {
    const { bus, pace, onReplaced } = this.#options;
    if (link !== this.#successor) {
      this.#answer(link, message);
      return;
    }
    const received = BUS.safeParse(message).data;
    if (received !== undefined) bus?.receive(received.message);
    const load = LOAD.safeParse(message).data;
    if (load !== undefined) pace.report(load);
    if (this.#phase === "starting" && SERVING.safeParse(message).success) {
      this.#phase = "replaced";
      void this.#listener?.close();
      onReplaced();
      if (link.isOpen) link.send({ type: "draining" });
    }
  }

  #answer(link: MessageLink, message: unknown): void {
    const { config, logger } = this.#options;
    const request = REQUEST.safeParse(message).data;
    if (request === undefined || request.protocol !== PROTOCOL) {
      const advice = "Stop it, then start the new one.";
      refuse(link, `expected a server of a version that this one (${version}) can hand over to. ${advice}`);
      return;
    }
    const self = describeSelf(config);
    if (request.database !== self.database || request.carrier !== self.carrier) {
      const describe = ({ database, carrier }: typeof self) => `${database} (connected by: ${carrier})`;
      const difference = `expected the database of the running server, ${describe(self)}, got ${describe(request)}`;
      refuse(link, `${difference}. Correct the configuration, or stop the running server first.`);
      return;
    }
    if (this.#phase !== "alone") {
      refuse(link, "expected no other server that replaces the running one, but one is starting. Wait for it.");
      return;
    }
    this.#phase = "starting";
    this.#successor = link;
    logger.info({ version: request.version }, "sharing the database with a server that replaces this one");
    this.#admission = this.#admit(link);
  }

  /** Never rejects. */
  async #admit(link: MessageLink): Promise<void> {
    const { bus, sharing, onLost } = this.#options;
    try {
      if ((await sharing?.start()) === false) {
        this.#phase = "alone";
        this.#successor = undefined;
        refuse(link, "expected a database that the running server can write to; see its log, and `multichat doctor`");
        return;
      }
    } catch (error) {
      onLost(error);
      return;
    }
    bus?.connect(toPeer(link));
    if (link.isOpen) link.send({ type: "accepted", pid: process.pid, version });
  }

  /** Goes on alone where it ended before it served. */
  async #successorEnded(): Promise<void> {
    const { logger, bus, sharing, onSuccessorLost, onLost } = this.#options;
    this.#successor = undefined;
    await this.#admission;
    bus?.disconnect();
    if (this.#phase === "replaced") onSuccessorLost();
    if (this.#phase !== "starting") return;
    logger.warn("the server that was to replace this one has ended before it served; this one goes on");
    try {
      await sharing?.end();
    } catch (error) {
      onLost(error);
      return;
    }
    if (this.#phase === "starting") this.#phase = "alone";
  }
}

function toPeer(link: MessageLink): HandoverPeer {
  return {
    get isOpen() {
      return link.isOpen;
    },
    send: (message) => link.send({ type: "bus", message }),
  };
}

function refuse(link: MessageLink, reason: string): void {
  if (link.isOpen) link.send({ type: "refused", reason });
  link.close();
}

function requireFixedPort({ port }: HandoverConfig): void {
  if (port === 0) throw new StartError("--replace: expected PORT to be the port of the running server, got 0");
}
