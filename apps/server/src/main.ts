import { randomUUID } from "node:crypto";
import type { AddressInfo } from "node:net";
import { type ChannelLayer, type ChannelServer, createServer, LayerRegistry } from "@multichat/channels";
import { makeSchemas, type Schemas } from "@multichat/protocol/schemas";
import { AccountDirectory } from "./accounts/account-directory.ts";
import { openAccounts } from "./accounts/open-accounts.ts";
import { SecurityLog } from "./audit/index.ts";
import { publishAccountChange } from "./change-feed/publish-account-change.ts";
import { publishChange } from "./change-feed/publish-change.ts";
import { isOriginAllowed } from "./config/allowed-origins.ts";
import { basePathOf } from "./config/base-path.ts";
import type { Config } from "./config/config.ts";
import { isPlainAndPublic } from "./config/plain-http.ts";
import { applyForwardedHost, clientAddress, makeTrust } from "./config/trusted-proxies.ts";
import { chatApplication } from "./consumers/chat-application.ts";
import { AccountBudgets } from "./consumers/connection/command-rate.ts";
import { OpenConnections } from "./consumers/connection/open-connections.ts";
import { RefusalRecorder } from "./consumers/connection/refusal-recorder.ts";
import type { Context } from "./context.ts";
import { PROCESSES, roomGroup } from "./fan-out/chat-groups.ts";
import { GroupListener } from "./fan-out/group-listener.ts";
import { HintGate } from "./fan-out/hint-gate.ts";
import { HintPublisher } from "./fan-out/hint-publisher.ts";
import { HintReceiver, type OccupancyListener } from "./fan-out/hint-receiver.ts";
import { type BroadcastLayer, LayerBroadcasts, sendLocally } from "./fan-out/layer-broadcasts.ts";
import { LayerProbe } from "./fan-out/layer-probe.ts";
import { LogDelivery } from "./fan-out/log-delivery.ts";
import { RejectedMessages } from "./fan-out/rejected-messages.ts";
import type { App } from "./http/app.ts";
import { buildHttp } from "./http/build-http.ts";
import { type ConnectionBudget, planConnections } from "./http/connections/connection-budget.ts";
import { ConnectionLimiter } from "./http/connections/connection-limiter.ts";
import { toHandshakeResponse } from "./http/responses/client-errors.ts";
import { isSignedIn } from "./http/security/identity.ts";
import { openChatLayer, openPresence } from "./main-layers.ts";
import { defaultPageSize, ReactionPacer } from "./messages/index.ts";
import { createLogger, type Logger } from "./observability/logging.ts";
import { createMetrics } from "./observability/metrics.ts";
import { exposeSocketMetrics } from "./observability/socket-metrics.ts";
import { NoticeLimiter, type PresenceContext, PresenceService, RoomOccupancy } from "./presence/index.ts";
import { CleanupStack } from "./process/cleanup-stack.ts";
import { listenError } from "./process/start-error.ts";
import { stopOnSignal } from "./process/stop-signals.ts";
import { version } from "./process/version.ts";
import { LatestPages } from "./rooms/index.ts";
import { ensureFirstAdministrator, Setup } from "./setup/index.ts";
import { closePermissions } from "./store/sqlite/database-files.ts";
import { lockForServer } from "./store/sqlite/server-lock.ts";
import { openSqliteStore } from "./store/sqlite/sqlite-store.ts";

export interface ServeOptions {
  /** @default a logger to stdout, by the configuration */
  readonly logger?: Logger;
  /** The folder of the built web client. @default apps/web/dist beside this package */
  readonly webDir?: string;
}

export interface RunningServer {
  /** The URL of the server on this machine, without a trailing slash. */
  readonly url: string;
  /** The one-time URL of the setup page; null if there is an account already. */
  readonly setupUrl: string | null;
  /** Reports not ready, sends every client a time to reconnect, and resolves when all connections are closed. */
  drain(): Promise<void>;
  /** Stops everything after pending commits. Can be called more than once. */
  close(): Promise<void>;
}

/** A quarter of the time after which a layer expires a membership that is not renewed. */
const GROUP_RENEWAL_INTERVAL_MS = 6 * 3_600_000;

/** Of one user in one room: two starts and stops at once, then one a second. */
const TYPING_RATE = { burst: 4, perSecond: 2 } as const;

const LOSS_LOG_INTERVAL_MS = 1_000;

/**
 * Events that can wait for one connection. They wait only for a single command of it or for a change of access, but a busy
 * room publishes thousands a second, and a connection that misses one is closed. Connections share their memory.
 */
const MAX_QUEUED_EVENTS = 10_000;

/** How long requests in progress have to complete when the server stops. */
const CLOSE_GRACE_MS = 2_000;

/**
 * Connections that can wait to be accepted, up to the system's limit. Node's default of 511 is less than the clients that
 * reconnect at once after a restart; a rejected client retries after one second, then two, then four.
 */
const LISTEN_BACKLOG = 4_096;

/**
 * Starts the server. The one place that chooses the database and the layer and connects the parts.
 *
 * @throws StartError, StoreError with what the operator has to fix.
 */
export async function serve(config: Config, options: ServeOptions = {}): Promise<RunningServer> {
  const logger = options.logger ?? createLogger(config);
  const cleanup = new CleanupStack();
  try {
    const schemas = makeSchemas(config.limits);
    const rejected = new RejectedMessages(logger);
    const gate = new HintGate(rejected);
    const layer = await openChatLayer(config, {
      logger,
      rejected,
      accept: (message, target) => gate.accept(message, target),
    });
    cleanup.defer(() => layer.close());
    const probe = new LayerProbe(layer);
    const feed: ChangeProgress = { applied: Promise.resolve() };
    const { context, logs, occupancy, securityLog } = await openContext({
      config,
      logger,
      layer,
      gate,
      rejected,
      schemas,
      feed,
      cleanup,
    });
    if (config.firstAdministrator !== null) await ensureFirstAdministrator(context, config.firstAdministrator);
    cleanup.defer(publishCommittedChanges(context, { logger, feed }));

    const connections = new OpenConnections();
    const processes = await GroupListener.open(layer, {
      name: "processes",
      groups: [PROCESSES],
      // The gate has read it already.
      onMessage: () => {},
    });
    const listeners = [await probe.listen(), processes];
    cleanup.defer(async () => {
      for (const listener of listeners) await listener.close();
    });
    cleanup.defer(renewGroupMemberships(connections, listeners, logger));

    const budget = planConnections(config.connections);
    const sockets = createSocketServer({
      config,
      context,
      schemas,
      connections,
      logs,
      occupancy,
      layer,
      logger,
      budget,
      securityLog,
    });
    const metrics = createMetrics();
    cleanup.defer(async () => metrics.close());
    const isTrustedProxy = makeTrust(config.trustProxy);
    const limiter = new ConnectionLimiter({
      budget,
      isTrustedProxy,
      isSignedIn: (request) => isSignedIn(request, context.accounts),
      logger,
      metrics,
    });
    exposeSocketMetrics(metrics, sockets.metrics, layer);
    metrics.total(
      "layer_messages_rejected",
      "Messages from Redis that no server of this chat can have sent.",
      () => rejected.count,
    );
    const setup = new Setup(context);
    let isDraining = false;
    const http = await buildHttp({
      config,
      context,
      setup,
      logger,
      securityLog,
      metrics,
      version,
      onSignedIn: (socket) => limiter.markSignedIn(socket),
      readiness: {
        database: () => context.store.check(),
        layer: () => probe.roundTrip(),
        serving: async () => {
          if (isDraining) throw new Error("the server is draining");
        },
      },
      ...(options.webDir === undefined ? {} : { webDir: options.webDir }),
    });
    limiter.attach(http.server);
    http.server.on("upgrade", (request) => applyForwardedHost(request, isTrustedProxy));
    sockets.attach(http.server);
    cleanup.defer(() => closeHttp(http));
    cleanup.defer(() => {
      // Closing detaches the sockets. An upgrade that arrives after that has no handler, only the observers above, and would stay
      // open: no server could end as long as its client does not close it.
      http.server.on("upgrade", (_request, socket) => socket.destroy());
      return sockets.close();
    });
    const url = await listen(http, config);
    if (isPlainAndPublic(config)) {
      logger.warn(
        { host: config.host },
        "serve plain HTTP on a public address: put a proxy with TLS in front and set PUBLIC_URL, or set HOST to 127.0.0.1",
      );
    }
    return {
      url,
      // The token is in the fragment, which browsers never send: it reaches no access log and no Referer.
      setupUrl: (await setup.isNeeded()) ? `${config.publicUrl ?? url}/setup#token=${setup.token}` : null,
      drain: async () => {
        isDraining = true;
        await drainConnections(sockets);
      },
      close: () => cleanup.close(),
    };
  } catch (error) {
    await cleanup.close();
    throw error;
  }
}

/**
 * Serves until SIGTERM or SIGINT. Prints the URL on stdout, and the setup URL when there is no account yet.
 *
 * @throws StartError, StoreError with what the operator has to fix.
 */
export async function serveUntilStopped(config: Config): Promise<void> {
  const running = await serve(config);
  // Handles signals before it prints: a supervisor may send one as soon as it reads the line.
  const stopped = stopOnSignal(running, (signal) => process.stdout.write(`${signal}: draining connections …\n`));
  process.stdout.write(`Multichat listens on ${config.publicUrl ?? running.url}\n`);
  if (running.setupUrl !== null) {
    process.stdout.write(`No accounts yet. Finish the setup at:\n\n  ${running.setupUrl}\n\n`);
  }
  await stopped;
}

interface ContextParts {
  readonly config: Config;
  readonly logger: Logger;
  readonly layer: ChannelLayer & BroadcastLayer;
  readonly gate: HintGate;
  readonly rejected: RejectedMessages;
  readonly schemas: Schemas;
  readonly feed: ChangeProgress;
  readonly cleanup: CleanupStack;
}

interface OpenedContext {
  readonly context: PresenceContext;
  readonly securityLog: SecurityLog;
  readonly logs: LogDelivery;
  readonly occupancy: RoomOccupancy;
}

/** How far the changes of other processes have reached the connections of this one. */
interface ChangeProgress {
  /** Resolves when all that have been read are applied. */
  applied: Promise<void>;
}

/** Opens the database, the accounts and presence, and what publishes their changes. */
async function openContext(parts: ContextParts): Promise<OpenedContext> {
  const { config, logger, layer, rejected, feed, cleanup } = parts;
  const lock = await lockForServer(config.databaseFile, { shared: config.redisUrl !== null });
  cleanup.defer(() => lock.release());
  for (const closed of await closePermissions(config.databaseFile)) {
    logger.warn(closed, "closed the permissions of a database file that other accounts could open");
  }
  const store = await openSqliteStore({ file: config.databaseFile, isShared: config.redisUrl !== null }, lock);
  cleanup.defer(() => store.close());
  const securityLog = new SecurityLog({ store, logger });
  cleanup.defer(() => securityLog.close());
  await securityLog.logOperatorEntries();
  const accounts = await openAccounts({ store: store.people, config, logger });
  cleanup.defer(() => accounts.close());
  const onLost = logLostEvents(logger);
  const logs = new LogDelivery({
    send: (room, event) => {
      const sending = sendLocally(layer, roomGroup(room.id), { type: "log.event", event, number: room.number });
      return sending.catch((error: unknown) => onLost(error, "log.event"));
    },
    headOf: async (room) => (await store.rooms.find(room))?.lastSeq ?? 0,
    readSince: (room, since, limit) => store.eventLog.readSince({ room, since, limit }),
    accessApplied: () => feed.applied,
    onFalseHint: () => rejected.add("unfounded", "log.event"),
    onError: (err) => logger.error({ err }, "failed to read events of a room's log"),
  });
  const stopFollowing = store.changes.onLogGrown((room, seq) => logs.logCommitted(room, seq));
  cleanup.defer(async () => {
    stopFollowing();
    logs.close();
  });
  let occupancy: RoomOccupancy | undefined;
  const listener: OccupancyListener = {
    count: (room) => occupancy?.count(room) ?? null,
    noteDifference: (room, process, difference) => occupancy?.noteDifference(room, process, difference),
  };
  const isShared = config.redisUrl !== null;
  const processParts = { ...parts, store, accounts, logs, onLost, occupancy: listener };
  const hints = isShared ? connectProcesses(processParts) : undefined;
  const broadcasts = new LayerBroadcasts({
    layer,
    rooms: await store.rooms.list(),
    changes: store.changes,
    logs,
    hints,
    onLost,
  });
  const presence = new PresenceService({
    broadcasts,
    groups: openPresence(config, logger),
    isText: (text) => parts.schemas.commands["presence.set"].shape.text.safeParse(text).success,
    onError: (err) => logger.error({ err }, "failed to publish presence"),
  });
  cleanup.defer(() => presence.close());
  const { limits, notifyOnEnterOrLeave, largeRoomUsers } = config;
  occupancy = new RoomOccupancy({ broadcasts, isPublished: notifyOnEnterOrLeave, largeRoomUsers, isShared });
  const opened = occupancy;
  cleanup.defer(async () => opened.close());
  return { context: { store, accounts, broadcasts, presence, limits }, logs, occupancy, securityLog };
}

interface ProcessParts extends ContextParts, Pick<Context, "store" | "accounts"> {
  readonly logs: LogDelivery;
  readonly occupancy: OccupancyListener;
  readonly onLost: (error: unknown, type: string) => void;
}

/** Receives the hints of other processes from now on. Returns the publisher of this process's hints. */
function connectProcesses(parts: ProcessParts): HintPublisher {
  const { logger, layer, gate, rejected, schemas, store, accounts, logs, occupancy, onLost, cleanup } = parts;
  const origin = randomUUID();
  const directory = new AccountDirectory((id) => accounts.find(id));
  const stops = [
    accounts.onChange((change) => directory.forget(change.kind === "account" ? change.account.id : change.user)),
    store.changes.onChange((change) => {
      if (change.kind === "user") directory.forget(change.user);
    }),
  ];
  cleanup.defer(async () => {
    for (const stop of stops) stop();
  });
  gate.open(
    new HintReceiver({
      origin,
      schemas,
      rooms: store.rooms,
      markers: store.markers,
      accounts: directory,
      logs,
      occupancy,
      pollChanges: () => store.changes.poll(),
      sendLocally: (group, event) => sendLocally(layer, group, event),
      onRejected: (reason, type) => rejected.add(reason, type),
      onError: (err) => logger.error({ err }, "failed to handle a hint of another process"),
    }),
  );
  return new HintPublisher({ layer, origin, onLost });
}

interface SocketParts {
  readonly config: Config;
  readonly context: PresenceContext;
  readonly connections: OpenConnections;
  readonly schemas: Schemas;
  readonly logs: LogDelivery;
  readonly occupancy: RoomOccupancy;
  readonly layer: ChannelLayer;
  readonly logger: Logger;
  readonly budget: ConnectionBudget;
  readonly securityLog: SecurityLog;
}

function createSocketServer({
  config,
  context,
  schemas,
  connections,
  logs,
  occupancy,
  layer,
  logger,
  budget,
  securityLog,
}: SocketParts): ChannelServer {
  const layers = new LayerRegistry();
  layers.register("chat", layer);
  layer.onDrop(({ channel }) => connections.onDrop(channel));
  const pages = new LatestPages(context.store, defaultPageSize(context.limits));
  context.accounts.onChange(({ kind }) => {
    if (kind === "account") pages.clear();
  });
  context.store.changes.onChange(({ kind }) => {
    if (kind === "user") pages.clear();
  });
  const application = chatApplication({
    context,
    connections,
    logs,
    budgets: new AccountBudgets(config.limits.commandsPerSecond),
    typingNotices: new NoticeLimiter(TYPING_RATE),
    reactions: new ReactionPacer(),
    occupancy,
    pages,
    schemas,
    refusals: new RefusalRecorder(securityLog),
    basePath: basePathOf(config.publicUrl),
    isOriginAllowed: (origin, host) => isOriginAllowed(config, origin, host),
  });
  const isTrustedProxy = makeTrust(config.trustProxy);
  return createServer(application, {
    layers,
    clientAddress: (request) => clientAddress(request, isTrustedProxy),
    refusalResponse: toHandshakeResponse,
    logger,
    maxFrameBytes: config.limits.frameBytes,
    maxConnections: budget.webSockets,
    maxConnectionsPerUser: config.limits.connectionsPerUser,
    maxQueuedEvents: MAX_QUEUED_EVENTS,
  });
}

/** Publishes committed changes of accounts, and changes of other processes, to the open sockets. Returns how to stop. */
function publishCommittedChanges(
  context: Context,
  { logger, feed }: { readonly logger: Logger; readonly feed: ChangeProgress },
): () => Promise<void> {
  const stopAccounts = context.accounts.onChange((change) => {
    void publishAccountChange(context, change);
  });
  // One after another: a room that is made staff-only and opened again must end up open.
  const stopFeed = context.store.changes.onChange((change) => {
    feed.applied = feed.applied
      .then(() => publishChange(context, change))
      .catch((err: unknown) => logger.error({ err, change }, "failed to publish a change of another process"));
  });
  return async () => {
    stopAccounts();
    stopFeed();
    await feed.applied;
  };
}

/** Renews the group memberships of the process and its connections before they expire. Returns how to stop. */
function renewGroupMemberships(
  connections: OpenConnections,
  listeners: readonly { renew(): Promise<void> }[],
  logger: Logger,
): () => Promise<void> {
  const timer = setInterval(() => {
    void connections.renewGroups();
    for (const listener of listeners) {
      listener.renew().catch((err: unknown) => logger.error({ err }, "failed to renew a group membership"));
    }
  }, GROUP_RENEWAL_INTERVAL_MS);
  return async () => clearInterval(timer);
}

/** Logs at most one line per second while the layer is unavailable and every event is lost. */
function logLostEvents(logger: Logger): (error: unknown, type: string) => void {
  let loggedAt = 0;
  let lost = 0;
  return (err, event) => {
    lost += 1;
    if (Date.now() - loggedAt < LOSS_LOG_INTERVAL_MS) return;
    logger.error(
      { err, event, events: lost },
      "failed to publish events to other processes; clients read them from the log",
    );
    loggedAt = Date.now();
    lost = 0;
  };
}

/** Closes connections over a time that grows with their number, so that not all clients reconnect at once. */
async function drainConnections(sockets: ChannelServer): Promise<void> {
  const { connections } = sockets.metrics;
  const withinMs = Math.min(10_000, 1_000 + 2 * connections);
  const reconnectSpreadMs = Math.min(10_000, 1_000 + 4 * connections);
  await sockets.drain({ withinMs, reconnectSpreadMs });
}

/** Lets requests in progress complete. An idle keep-alive connection would otherwise keep the server open forever. */
async function closeHttp(http: App): Promise<void> {
  const timer = setTimeout(() => http.server.closeAllConnections(), CLOSE_GRACE_MS);
  try {
    await http.close();
  } finally {
    clearTimeout(timer);
  }
}

async function listen(http: App, { host, port }: Config): Promise<string> {
  try {
    await http.listen({ host, port, backlog: LISTEN_BACKLOG });
  } catch (error) {
    throw listenError(error, host, port);
  }
  // It listens on TCP, so its address has a port.
  const { port: boundPort } = http.server.address() as AddressInfo;
  const hostname = host === "0.0.0.0" || host === "::" ? "localhost" : host.includes(":") ? `[${host}]` : host;
  return `http://${hostname}:${boundPort}`;
}
