import { readFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { type ChannelLayer, type ChannelServer, createServer, LayerRegistry } from "@multichat/channels";
import { makeSchemas } from "@multichat/protocol/schemas";
import { openAccounts } from "./accounts/open-accounts.ts";
import { MissedEventReplayer } from "./change-feed/missed-event-replayer.ts";
import { publishAccountChange } from "./change-feed/publish-account-change.ts";
import { publishChange } from "./change-feed/publish-change.ts";
import { syncRoomCache } from "./change-feed/sync-room-cache.ts";
import { isOriginAllowed } from "./config/allowed-origins.ts";
import type { Config } from "./config/config.ts";
import { clientAddress, makeTrust } from "./config/trusted-proxies.ts";
import { chatApplication } from "./consumers/chat-application.ts";
import { OpenConnections } from "./consumers/connection/open-connections.ts";
import type { Context } from "./context.ts";
import { LayerBroadcasts } from "./fan-out/layer-broadcasts.ts";
import { LayerProbe } from "./fan-out/layer-probe.ts";
import type { App } from "./http/app.ts";
import { buildHttp } from "./http/build-http.ts";
import { openChatLayer, openPresence } from "./main-layers.ts";
import { createLogger, type Logger } from "./observability/logging.ts";
import { createMetrics } from "./observability/metrics.ts";
import { exposeSocketMetrics } from "./observability/socket-metrics.ts";
import { type PresenceContext, PresenceService } from "./presence/index.ts";
import { listenError } from "./process/start-error.ts";
import { stopOnSignal } from "./process/stop-signals.ts";
import { ensureFirstAdministrator, Setup } from "./setup/index.ts";
import { openSqliteStore } from "./store/sqlite/sqlite-store.ts";

export interface ServeOptions {
  /** @default one by the configuration, to stdout */
  readonly logger?: Logger;
  /** The folder of the built web client. @default apps/web/dist beside this package */
  readonly webDir?: string;
}

/** A chat that serves. */
export interface RunningServer {
  /** Where it is reached from this machine, without a slash at the end. */
  readonly url: string;
  /** The one-time address of the first run; null when there is somebody in the database. */
  readonly setupUrl: string | null;
  /** Not ready any more; every client is told when to come back, and let go. Resolves when all are gone. */
  drain(): Promise<void>;
  /** Stops everything; what was begun is committed. Twice is once. */
  close(): Promise<void>;
}

/** A quarter of the time after which a layer forgets a membership that nobody renewed. */
const GROUP_RENEWAL_INTERVAL_MS = 6 * 3_600_000;

const LOSS_LOG_INTERVAL_MS = 1_000;

/** Milliseconds that requests have to be answered in when the server ends. */
const CLOSE_GRACE_MS = 2_000;

/**
 * Connections that may wait to be taken, as far as the system allows as many. Node's own 511 are fewer than come back at once after a
 * restart: whoever finds no room tries again after a second, then two, then four.
 */
const LISTEN_BACKLOG = 4_096;

/**
 * The whole server: the one place that picks the database and the layer and puts the parts together.
 *
 * @throws StartError, StoreError: what somebody has to put right first.
 */
export async function serve(config: Config, options: ServeOptions = {}): Promise<RunningServer> {
  const logger = options.logger ?? createLogger(config);
  const layer = await openChatLayer(config, logger);
  const undo: (() => Promise<unknown>)[] = [() => layer.close()];
  const close = once(async () => {
    for (const step of undo.reverse()) await step();
  });
  try {
    const store = await openSqliteStore({ file: config.databaseFile });
    undo.push(() => store.close());
    const accounts = await openAccounts({ store: store.people, config, logger });
    undo.push(() => accounts.close());
    const layerCheck = new LayerProbe(layer);
    const broadcasts = new LayerBroadcasts({
      layer,
      rooms: await store.rooms.list(),
      changes: store.changes,
      fence: config.redisUrl === null ? undefined : () => layerCheck.roundTrip(),
      onLost: logLosses(logger),
    });
    const { limits, notifyOnEnterOrLeave } = config;
    const presence = new PresenceService({
      broadcasts,
      groups: openPresence(config, logger),
      onError: (err) => logger.error({ err }, "who is there was not told"),
    });
    undo.push(() => presence.close());
    const context: PresenceContext = { store, accounts, broadcasts, presence, limits, notifyOnEnterOrLeave };
    if (config.firstAdministrator !== null) await ensureFirstAdministrator(context, config.firstAdministrator);
    undo.push(followChanges(context, logger));

    const connections = new OpenConnections();
    const logs = await MissedEventReplayer.open({
      layer,
      eventsSince: (room, since, limit) => store.eventLog.readSince({ room, since, limit }),
      onError: (err) => logger.error({ err }, "what another process said was not told from the log"),
    });
    const stopLogs = store.changes.onLogGrown((room, seq) => logs.logCommitted(room, seq));
    undo.push(async () => stopLogs());
    const listeners = [await syncRoomCache(layer, store.rooms), await layerCheck.listen(), logs];
    undo.push(async () => {
      for (const listener of listeners) await listener.close();
    });
    const renewal = setInterval(() => {
      void connections.renewGroups();
      for (const listener of listeners) {
        listener.renew().catch((err: unknown) => logger.error({ err }, "a membership of the server was not renewed"));
      }
    }, GROUP_RENEWAL_INTERVAL_MS);
    undo.push(async () => clearInterval(renewal));
    const sockets = serveSockets({ config, context, connections, logs, layer, logger });
    const metrics = createMetrics();
    exposeSocketMetrics(metrics, sockets.metrics, layer);
    let draining = false;
    const setup = new Setup(context);
    const http = await buildHttp({
      config,
      context,
      setup,
      logger,
      metrics,
      version: await readVersion(),
      readiness: {
        database: () => store.check(),
        layer: () => layerCheck.roundTrip(),
        serving: async () => {
          if (draining) throw new Error("the server is draining");
        },
      },
      ...(options.webDir === undefined ? {} : { webDir: options.webDir }),
    });
    sockets.attach(http.server);
    undo.push(() => closeHttp(http));
    undo.push(() => sockets.close());
    const url = await listen(http, config);
    return {
      url,
      setupUrl: (await setup.isNeeded()) ? `${config.publicUrl ?? url}/setup?token=${setup.token}` : null,
      drain: async () => {
        draining = true;
        // A few are let go within a second; a crowd is given time, so that it does not come back as one.
        const { connections: open } = sockets.metrics;
        const withinMs = Math.min(10_000, 1_000 + 2 * open);
        await sockets.drain({ withinMs, reconnectSpreadMs: Math.min(10_000, 1_000 + 4 * open) });
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/**
 * Serves until SIGTERM or SIGINT: tells where on stdout, and the address of the first run where nobody is in the database.
 *
 * @throws StartError, StoreError: what somebody has to put right first.
 */
export async function serveUntilStopped(config: Config): Promise<void> {
  const running = await serve(config);
  // Before anybody can read that it listens, and end it.
  const stopped = stopOnSignal(running, (signal) => process.stdout.write(`${signal}: letting everybody go …\n`));
  process.stdout.write(`Multichat listens on ${config.publicUrl ?? running.url}\n`);
  if (running.setupUrl !== null) {
    process.stdout.write(`Nobody is here yet. Set the chat up once, at:\n\n  ${running.setupUrl}\n\n`);
  }
  await stopped;
}

/** While the layer's server is away every event is a loss: one line a second says how many. */
function logLosses(logger: Logger): (error: unknown, type: string) => void {
  let lastAt = 0;
  let untold = 0;
  return (err, event) => {
    untold += 1;
    if (Date.now() - lastAt < LOSS_LOG_INTERVAL_MS) return;
    logger.error({ err, event, events: untold }, "events did not reach the other processes; they stand in the log");
    lastAt = Date.now();
    untold = 0;
  };
}

interface SocketParts {
  readonly config: Config;
  readonly context: PresenceContext;
  readonly connections: OpenConnections;
  readonly logs: MissedEventReplayer;
  readonly layer: ChannelLayer;
  readonly logger: Logger;
}

function serveSockets({ config, context, connections, logs, layer, logger }: SocketParts): ChannelServer {
  const layers = new LayerRegistry();
  layers.register("chat", layer);
  layer.onDrop(({ channel }) => connections.onDrop(channel));
  const application = chatApplication({
    context,
    connections,
    logs,
    schemas: makeSchemas(config.limits),
    isOriginAllowed: (origin, host) => isOriginAllowed(config, origin, host),
  });
  const trust = makeTrust(config.trustProxy);
  return createServer(application, {
    layers,
    clientAddress: (request) => clientAddress(request, trust),
    logger,
    maxFrameBytes: config.limits.frameBytes,
    maxConnectionsPerUser: config.limits.connectionsPerUser,
  });
}

/** What accounts and other processes change reaches the open sockets. Returns the way to stop. */
function followChanges(context: Context, logger: Logger): () => Promise<void> {
  const stopAccounts = context.accounts.onChange((change) => {
    void publishAccountChange(context, change);
  });
  // One after another: a room that is made staff-only and opened again must end up open.
  let told = Promise.resolve();
  const stopFeed = context.store.changes.onChange((change) => {
    told = told
      .then(() => publishChange(context, change))
      .catch((err: unknown) => logger.error({ err, change }, "a change of another process was not told"));
  });
  return async () => {
    stopAccounts();
    stopFeed();
    await told;
  };
}

/** Lets answers that are under way be given. A connection on which nobody has asked anything would be waited for without end. */
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
  // Listening on TCP, so it has an address with a port.
  const { port: bound } = http.server.address() as AddressInfo;
  const name = host === "0.0.0.0" || host === "::" ? "localhost" : host.includes(":") ? `[${host}]` : host;
  return `http://${name}:${bound}`;
}

async function readVersion(): Promise<string> {
  // Beside src and beside dist alike.
  const text = await readFile(new URL("../package.json", import.meta.url), "utf8");
  const { version } = JSON.parse(text) as { version: string };
  return version;
}

function once(close: () => Promise<void>): () => Promise<void> {
  let closing: Promise<void> | undefined;
  return () => {
    closing ??= close();
    return closing;
  };
}
