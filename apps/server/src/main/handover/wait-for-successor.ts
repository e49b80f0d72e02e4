import type { Socket } from "node:net";
import type { z } from "zod";
import type { HandoverBus, HandoverPeer } from "../../fan-out/handover-bus.ts";
import type { Logger } from "../../observability/logging.ts";
import type { CleanupStack } from "../../process/cleanup-stack.ts";
import {
  type HandoverListener,
  handoverSocketPath,
  listenForSuccessor,
} from "../../process/handover/handover-socket.ts";
import { MessageLink } from "../../process/handover/message-link.ts";
import { PACKAGE_FOLDER } from "../../process/package-folder.ts";
import { version } from "../../process/version.ts";
import type { DatabaseSharing } from "../databases.ts";
import type { Predecessor, ServerEnd } from "./ask-to-hand-over.ts";
import {
  BUS,
  describeSelf,
  type HandoverConfig,
  LOAD,
  PROTOCOL,
  REQUEST,
  SERVING,
  toPeer,
} from "./handover-messages.ts";
import type { HandoverPace } from "./handover-pace.ts";

/** How long a server that was killed while it was replaced cannot replace its successor, after each time that it has tried. */
const RESTART_REFUSED_MS = 600_000;

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

function refuse(link: MessageLink, reason: string): void {
  if (link.isOpen) link.send({ type: "refused", reason });
  link.close();
}
