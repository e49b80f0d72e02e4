import type { ChannelServer } from "@multichat/channels";
import type { Config } from "./config/config.ts";
import { isPlainAndPublic } from "./config/plain-http.ts";
import { OpenConnections } from "./consumers/connection/open-connections.ts";
import { LayerProbe } from "./fan-out/layer-probe.ts";
import { planConnections } from "./http/connections/connection-budget.ts";
import { type Chat, openChat } from "./main/chat.ts";
import { openFiles } from "./main/files.ts";
import { joinProcessGroups } from "./main/group-memberships.ts";
import { askToHandOver, type Predecessor } from "./main/handover/ask-to-hand-over.ts";
import { HandoverPace } from "./main/handover/handover-pace.ts";
import { type ReplacedServer, type WaitingPredecessor, waitForSuccessor } from "./main/handover/wait-for-successor.ts";
import { serveHttp } from "./main/http-server.ts";
import { publishCommittedChanges } from "./main/processes.ts";
import { createSocketServer, drainConnections, drainToSuccessor } from "./main/sockets.ts";
import { createLogger, type Logger } from "./observability/logging.ts";
import { CleanupStack } from "./process/cleanup-stack.ts";
import { stopOnSignal } from "./process/stop-signals.ts";
import { whenIdle } from "./process/when-idle.ts";
import { ensureFirstAdministrator, Setup } from "./setup/index.ts";
import { compactHeap } from "./store/sqlite/threads/compact-heap.ts";

export interface ServeOptions {
  /** @default a logger to stdout, by the configuration */
  readonly logger?: Logger;
  /** The folder of the built web client. @default apps/web/dist beside this package */
  readonly webDir?: string;
  /** Whether to take over from the server that runs on the same port and database. Without one, the start is an ordinary one. */
  readonly replace?: boolean;
}

export interface RunningServer {
  /** The URL of the server on this machine, without a trailing slash. */
  readonly url: string;
  /** The one-time URL of the setup page; null if there is an account already. */
  readonly setupUrl: string | null;
  /**
   * Returns the memory that only the start needed to the system: a third of all. Blocks every thread for a moment, so call it
   * while there is little to do.
   */
  releaseMemory(): void;
  /** Reports not ready, sends every client a time to reconnect, and resolves when all connections are closed. */
  drain(): Promise<void>;
  /**
   * Resolves when another server serves the same port. From then on this one takes no connections; call `drainToSuccessor`, then
   * `close`.
   */
  readonly replaced: Promise<void>;
  /**
   * Asks every client to reconnect to the successor, each at its own time. Resolves when all connections are closed, or the
   * successor has ended.
   */
  drainToSuccessor(): Promise<void>;
  /** Stops everything after pending commits. Can be called more than once. */
  close(): Promise<void>;
}

/**
 * Starts the server. The one place that connects the parts; `main/` beside it chooses the database and the layer.
 *
 * @throws StartError, StoreError with what the operator has to fix.
 */
export async function serve(config: Config, options: ServeOptions = {}): Promise<RunningServer> {
  const logger = options.logger ?? createLogger(config);
  const cleanup = new CleanupStack();
  let waiting: WaitingPredecessor | undefined;
  cleanup.defer(async () => waiting?.disconnect());
  try {
    const onWaiting = (pid: number): void =>
      logger.info({ pid }, "waiting for the end of the server that the running one has replaced");
    const predecessor = options.replace === true ? await askToHandOver(config, onWaiting) : undefined;
    if (predecessor !== undefined) {
      cleanup.defer(async () => predecessor.close());
      logger.info({ pid: predecessor.pid, version: predecessor.version }, "replacing the running server");
    }
    const chat = await openChat(config, { logger, cleanup, isSuccessor: predecessor !== undefined });
    const { context, layer, feed } = chat;
    if (config.firstAdministrator !== null) await ensureFirstAdministrator(context, config.firstAdministrator);
    cleanup.defer(publishCommittedChanges(context, { logger, feed }));

    const connections = new OpenConnections();
    const probe = new LayerProbe(layer);
    await joinProcessGroups(chat, { probe, connections, cleanup });

    const budget = planConnections(config.connections);
    const sockets = createSocketServer(chat, { connections, budget });
    const setup = new Setup(context);
    const files = await openFiles(config, { context, logger, cleanup });
    let isDraining = false;
    if (chat.handoverBus !== undefined) predecessor?.connect(chat.handoverBus);
    const { url, stopListening } = await serveHttp(chat, {
      sockets,
      budget,
      setup,
      files,
      readiness: {
        database: () => context.store.check(),
        layer: () => probe.roundTrip(),
        serving: async () => {
          if (isDraining) throw new Error("the server is draining");
        },
      },
      webDir: options.webDir,
      isSuccessor: predecessor !== undefined,
      cleanup,
    });
    const onLost = (err: unknown): void => {
      // What this server acknowledged from now on could be unknown to the other one.
      logger.fatal({ err }, "lost the database to another server; this one ends");
      process.exit(1);
    };
    const replacedServer =
      predecessor === undefined ? undefined : await finishHandover(predecessor, chat, { sockets, onLost });
    const replaced = Promise.withResolvers<void>();
    const pace = new HandoverPace();
    const successorLost = Promise.withResolvers<void>();
    waiting = await waitForSuccessor({
      config,
      logger,
      bus: chat.handoverBus,
      sharing: chat.sharing,
      predecessor: replacedServer,
      pace,
      onReplaced: () => {
        stopListening();
        replaced.resolve();
      },
      onSuccessorLost: () => successorLost.resolve(),
      onLost,
      cleanup,
    });
    if (isPlainAndPublic(config)) {
      logger.warn(
        { host: config.host },
        "serving plain HTTP on a public address: put a proxy with TLS in front and set PUBLIC_URL, or set HOST to 127.0.0.1",
      );
    }
    return {
      url,
      // The token is in the fragment, which browsers never send: it reaches no access log and no Referer.
      setupUrl: (await setup.isNeeded()) ? `${config.publicUrl ?? url}/setup#token=${setup.token}` : null,
      releaseMemory: () => {
        compactHeap();
        context.store.releaseMemory();
      },
      drain: async () => {
        isDraining = true;
        await drainConnections(sockets);
      },
      replaced: replaced.promise,
      drainToSuccessor: () => Promise.race([drainToSuccessor(sockets, pace), successorLost.promise]),
      close: () => cleanup.close(),
    };
  } catch (error) {
    await cleanup.close();
    throw error;
  }
}

interface HandoverEnd {
  readonly sockets: ChannelServer;
  readonly onLost: (error: unknown) => void;
}

/** Lets the predecessor go. Takes the database for this server alone when it has ended. */
async function finishHandover(
  predecessor: Predecessor,
  { context, sharing, logger }: Chat,
  { sockets, onLost }: HandoverEnd,
): Promise<ReplacedServer> {
  await predecessor.announceServing();
  const measure = async () => {
    const startedAt = performance.now();
    // What every client that reconnects needs: the event loop, and the thread that reads.
    await context.store.eventLog.readSince({ room: "", since: 0, limit: 1 });
    return { connections: sockets.metrics.connections, delayMs: performance.now() - startedAt };
  };
  const onError = (err: unknown): void => logger.error({ err }, "failed to report the load");
  void predecessor.reportLoad({ measure, onError });
  const { pid, version, folder } = predecessor;
  const gone = predecessor.ended.then(async (end) => {
    await sharing?.end().catch(onLost);
    logger.info({ pid, ...end }, "replaced a server");
    return end;
  });
  return { pid, version, folder, gone };
}

/**
 * Serves until SIGTERM or SIGINT, or until another server has replaced this one. Prints the URL on stdout, and the setup URL when
 * there is no account yet.
 *
 * @throws StartError, StoreError with what the operator has to fix.
 */
export async function serveUntilStopped(config: Config, options: Pick<ServeOptions, "replace"> = {}): Promise<void> {
  const running = await serve(config, options);
  // Handles signals before it prints: a supervisor may send one as soon as it reads the line.
  const stopped = stopOnSignal(running, (reason) => process.stdout.write(`${reason}: draining connections …\n`));
  process.stdout.write(`Multichat listens on ${config.publicUrl ?? running.url}\n`);
  if (running.setupUrl !== null) {
    process.stdout.write(`No accounts yet. Finish the setup at:\n\n  ${running.setupUrl}\n\n`);
  }
  whenIdle(() => running.releaseMemory());
  await stopped;
}
