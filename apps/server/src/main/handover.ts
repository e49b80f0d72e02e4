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
import { PACKAGE_FOLDER } from "../process/package-folder.ts";
import { StartError } from "../process/start-error.ts";
import { version } from "../process/version.ts";
import { type DatabaseSharing, describeDatabase } from "./databases.ts";
import type { HandoverPace, SuccessorLoad } from "./handover-pace.ts";

// A new server process, the successor, takes over the port and the connections of a running one, the predecessor. The successor
// asks at a Unix socket in DATA_DIR. The predecessor shares its database, then the successor starts and listens at the same
// port, then the predecessor stops to listen and drains. Until the successor serves, its end in any way changes nothing. A third
// server waits until the predecessor has ended, so that there are never more than two.

/** Changes with the messages below, and with those of the bus. */
const PROTOCOL = 1;
/** How long the predecessor has to share its database: it waits for the transactions under way. */
const ANSWER_TIMEOUT_MS = 30_000;
/** How long a server that was killed while it was replaced cannot replace its successor, after each time that it has tried. */
const RESTART_REFUSED_MS = 600_000;
/** How long it may wait for the end of the server that it has replaced itself: that drains for a minute, and closes. */
const WAIT_TIMEOUT_MS = 120_000;

/** Between two reports of a successor. */
const REPORT_INTERVAL_MS = 20;

/** The successor's request. Both have to be the same chat, connected in the same way. */
const REQUEST = z.object({
  type: z.literal("replace"),
  protocol: z.number(),
  version: z.string(),
  /** Of the code. */
  folder: z.string().optional(),
  database: z.string(),
  carrier: z.string(),
});
const SERVING = z.object({ type: z.literal("serving") });
const BUS = z.object({ type: z.literal("bus"), message: z.unknown() });
/** The predecessor's answers: to the request, and to `serving`. */
const ACCEPTED = z.object({
  type: z.literal("accepted"),
  pid: z.number(),
  version: z.string(),
  folder: z.string().optional(),
});
const REFUSED = z.object({ type: z.literal("refused"), reason: z.string() });
/** Precedes the answer to the request where the predecessor has a predecessor itself, with its process id. */
const WAITING = z.object({ type: z.literal("waiting"), pid: z.number() });
/** The successor's, while the predecessor drains. */
const LOAD = z.object({ type: z.literal("load"), connections: z.number(), delayMs: z.number() });
const DRAINING = z.object({ type: z.literal("draining") });
/** The predecessor's last one, unless it is killed. */
const ENDED = z.object({ type: z.literal("ended") });

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

/** How a server has ended. */
export interface ServerEnd {
  /** Whether it could not say that it ends, so that a supervisor may start it again. */
  readonly wasKilled: boolean;
}

/** The successor's end of a hand-over. */
export interface Predecessor {
  readonly pid: number;
  readonly version: string;
  /** The folder of its code. */
  readonly folder: string | undefined;
  /** Connects the bus with the predecessor, once what receives from it is open. */
  connect(bus: HandoverBus): void;
  /** Asks the predecessor to stop listening and to drain its connections. Resolves when this server can be replaced itself. */
  announceServing(): Promise<void>;
  /** Says how much this server has to do, from time to time until the predecessor has ended. Never rejects. */
  reportLoad(source: LoadSource): Promise<void>;
  /** Resolves when it has ended. */
  readonly ended: Promise<ServerEnd>;
  close(): void;
}

/**
 * Asks the running server to hand over.
 *
 * @param onWaiting called where that waits for the end of another server, with its process id.
 * @returns undefined where none is running.
 * @throws StartError where it refuses.
 */
export async function askToHandOver(
  config: HandoverConfig,
  onWaiting: (pid: number) => void = () => {},
): Promise<Predecessor | undefined> {
  requireFixedPort(config);
  const socket = await connectToPredecessor(handoverSocketPath(config.dataDir, config.port));
  if (socket === undefined) return undefined;
  const answered = Promise.withResolvers<z.infer<typeof ACCEPTED>>();
  const draining = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<ServerEnd>();
  let wasKilled = true;
  let bus: HandoverBus | undefined;
  const expectAnswer = (timeoutMs: number, expected: string) =>
    setTimeout(() => {
      answered.reject(new StartError(`--replace: expected ${expected} within ${timeoutMs / 1_000} seconds`));
    }, timeoutMs);
  let timer = expectAnswer(ANSWER_TIMEOUT_MS, "the running server to answer");
  // Those that arrive before the bus is there say nothing that the predecessor will not repeat.
  const link = new MessageLink(socket, {
    onMessage: (message) => {
      const received = BUS.safeParse(message).data;
      if (received !== undefined) bus?.receive(received.message);
      const accepted = ACCEPTED.safeParse(message).data;
      if (accepted !== undefined) answered.resolve(accepted);
      const waiting = WAITING.safeParse(message).data;
      if (waiting !== undefined) {
        clearTimeout(timer);
        const expected = `the server that the running one has replaced (process ${waiting.pid}) to end`;
        timer = expectAnswer(WAIT_TIMEOUT_MS, expected);
        onWaiting(waiting.pid);
      }
      if (DRAINING.safeParse(message).success) draining.resolve();
      if (ENDED.safeParse(message).success) wasKilled = false;
      const refused = REFUSED.safeParse(message).data;
      if (refused !== undefined) answered.reject(new StartError(`--replace: ${refused.reason}`));
    },
    onClosed: () => {
      answered.reject(
        new StartError("--replace: expected the running server to answer, but it has ended. Start again."),
      );
      bus?.disconnect(peer);
      draining.resolve();
      ended.resolve({ wasKilled });
    },
  });
  const peer = toPeer(link);
  try {
    link.send({ type: "replace", protocol: PROTOCOL, version, folder: PACKAGE_FOLDER, ...describeSelf(config) });
    const { pid, version: otherVersion, folder } = await answered.promise;
    return {
      pid,
      version: otherVersion,
      folder,
      connect: (opened) => {
        bus = opened;
        if (link.isOpen) bus.connect(peer);
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

/** A server that the running one has replaced, and that may still drain. */
export interface ReplacedServer extends Pick<Predecessor, "pid" | "version" | "folder"> {
  /** Resolves when it has ended, and this server is alone on its database. */
  readonly gone: Promise<ServerEnd>;
}

export interface HandoverOptions {
  readonly config: HandoverConfig;
  readonly logger: Logger;
  readonly bus: HandoverBus | undefined;
  readonly sharing: DatabaseSharing | undefined;
  /** Called when the successor serves. */
  readonly onReplaced: () => void;
  /** The server that this one has replaced. */
  readonly predecessor: ReplacedServer | undefined;
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

interface Successor {
  readonly link: MessageLink;
  readonly peer: HandoverPeer;
  /** Resolves when the link is closed. */
  readonly closed: Promise<void>;
}

type Phase = "alone" | "starting" | "replaced" | "stopped";

/** The predecessor's end: one hand-over at a time. */
class Handovers {
  readonly #options: HandoverOptions;
  #listener: HandoverListener | undefined;
  #successor: Successor | undefined;
  #phase: Phase = "alone";
  /** Resolves when the successor was let in, or refused, with whether the database is shared. */
  #admission: Promise<boolean> = Promise.resolve(false);
  #isPredecessorGone: boolean;
  /** By the monotonic clock. */
  #restartRefusedUntilMs = 0;

  constructor(options: HandoverOptions) {
    this.#options = options;
    this.#isPredecessorGone = options.predecessor === undefined;
    void options.predecessor?.gone.then(({ wasKilled }) => {
      this.#isPredecessorGone = true;
      if (wasKilled) this.#restartRefusedUntilMs = performance.now() + RESTART_REFUSED_MS;
    });
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
    const link = this.#successor?.link;
    if (link?.isOpen === true) link.send({ type: "ended" });
    link?.close();
  }

  #connected(socket: Socket): void {
    const closed = Promise.withResolvers<void>();
    const link = new MessageLink(socket, {
      onMessage: (message) => {
        if (link === this.#successor?.link) this.#received(link, message);
        else this.#answer({ link, peer: toPeer(link), closed: closed.promise }, message);
      },
      onClosed: () => {
        closed.resolve();
        if (this.#successor?.link === link) void this.#successorEnded(this.#successor);
      },
    });
  }

  #received(link: MessageLink, message: Readonly<Record<string, unknown>>): void {
    const { bus, pace, onReplaced } = this.#options;
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

  #answer(successor: Successor, message: unknown): void {
    const { config } = this.#options;
    const { link } = successor;
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
    this.#successor = successor;
    this.#admission = this.#admit(successor, request);
  }

  /** Returns whether the database is shared. Never rejects. */
  async #admit(successor: Successor, request: z.infer<typeof REQUEST>): Promise<boolean> {
    const { bus, logger, sharing, onLost } = this.#options;
    const { link, peer } = successor;
    await this.#waitForPredecessor(successor);
    if (this.#successor !== successor || this.#phase !== "starting") return false;
    if (this.#isRestart(request)) {
      this.#phase = "alone";
      this.#successor = undefined;
      const restarted = `version ${request.version} in ${request.folder}, which was killed while this server replaced it`;
      const advice = "To go back to it, stop the running server first.";
      refuse(link, `expected another server than ${restarted}: a supervisor has started it again. ${advice}`);
      return false;
    }
    logger.info({ version: request.version }, "sharing the database with a server that replaces this one");
    try {
      if ((await sharing?.start()) === false) {
        this.#phase = "alone";
        this.#successor = undefined;
        refuse(link, "expected a database that the running server can write to; see its log, and `multichat doctor`");
        return false;
      }
    } catch (error) {
      onLost(error);
      return false;
    }
    bus?.connect(peer);
    if (link.isOpen) link.send({ type: "accepted", pid: process.pid, version, folder: PACKAGE_FOLDER });
    return true;
  }

  /** The end of the predecessor gives this server its database, which it could not share with a third one before. */
  async #waitForPredecessor({ link, closed }: Successor): Promise<void> {
    const { logger, predecessor } = this.#options;
    if (predecessor === undefined || this.#isPredecessorGone) return;
    const { pid, gone } = predecessor;
    logger.info({ pid }, "waiting for the end of the replaced server, before another one replaces this one");
    if (link.isOpen) link.send({ type: "waiting", pid });
    await Promise.race([gone, closed]);
  }

  /**
   * A supervisor starts a server again that was killed while it drained, and with `--replace` the old code would take its place
   * back. In the folder of this server, it would be the new code.
   */
  #isRestart({ version: requested, folder }: z.infer<typeof REQUEST>): boolean {
    const { predecessor } = this.#options;
    if (folder === undefined || folder === PACKAGE_FOLDER || predecessor?.folder !== folder) return false;
    if (predecessor.version !== requested || performance.now() >= this.#restartRefusedUntilMs) return false;
    this.#restartRefusedUntilMs = performance.now() + RESTART_REFUSED_MS;
    return true;
  }

  /** Goes on alone where it ended before it served. */
  async #successorEnded({ peer }: Successor): Promise<void> {
    const { logger, bus, sharing, onSuccessorLost, onLost } = this.#options;
    this.#successor = undefined;
    const isShared = await this.#admission;
    bus?.disconnect(peer);
    if (this.#phase === "replaced") onSuccessorLost();
    if (this.#phase !== "starting") return;
    logger.warn("the server that was to replace this one has ended before it served; this one goes on");
    try {
      if (isShared) await sharing?.end();
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
