import { type ChannelServer, createServer, LayerRegistry } from "@multichat/channels";
import { isOriginAllowed } from "../config/allowed-origins.ts";
import { basePathOf } from "../config/base-path.ts";
import { clientAddress, makeTrust } from "../config/trusted-proxies.ts";
import { chatApplication } from "../consumers/chat-application.ts";
import { AccountBudgets } from "../consumers/connection/command-rate.ts";
import type { OpenConnections } from "../consumers/connection/open-connections.ts";
import { RefusalRecorder } from "../consumers/connection/refusal-recorder.ts";
import type { ConnectionBudget } from "../http/connections/connection-budget.ts";
import { toHandshakeResponse } from "../http/responses/client-errors.ts";
import { createRefusalPacer } from "../http/security/request-pace.ts";
import { defaultPageSize, ReactionPacer } from "../messages/index.ts";
import { NoticeLimiter } from "../presence/index.ts";
import { createMissedEvents, LatestPages, type MissedEvents } from "../rooms/index.ts";
import type { Chat } from "./chat.ts";
import type { HandoverPace } from "./handover/handover-pace.ts";

/** Of one user in one room: two starts and stops at once, then one a second. */
const TYPING_RATE = { burst: 4, perSecond: 2 } as const;

/**
 * Events that can wait for one connection. They wait only for a single command of it or for a change of access, but a busy
 * room publishes thousands a second, and a connection that misses one is closed. Connections share their memory.
 */
const MAX_QUEUED_EVENTS = 10_000;

export interface SocketOptions {
  /** Takes each connection while it is open. */
  readonly connections: OpenConnections;
  readonly budget: ConnectionBudget;
}

/** Creates the WebSocket server of both protocols, which still has to be attached to the HTTP server. */
export function createSocketServer(chat: Chat, { connections, budget }: SocketOptions): ChannelServer {
  const { config, context, schemas, logs, occupancy, layer, logger, securityLog } = chat;
  const layers = new LayerRegistry();
  layers.register("chat", layer);
  layer.onDrop(({ channel }) => connections.onDrop(channel));
  const application = chatApplication({
    context,
    connections,
    logs,
    budgets: new AccountBudgets(config.limits.commandsPerSecond, chat.sharedLimits),
    typingNotices: new NoticeLimiter(TYPING_RATE),
    reactions: new ReactionPacer(),
    occupancy,
    ...createSharedReads(chat),
    schemas,
    refusals: new RefusalRecorder(securityLog),
    handshakeRefusals: createRefusalPacer(config.requestsPerMinute),
    basePath: basePathOf(config.publicUrl),
    isOriginAllowed: (origin, host) => isOriginAllowed(config, origin, host),
  });
  const isTrustedProxy = makeTrust(config.trustProxy);
  return createServer(application, {
    layers,
    clientAddress: (request) => clientAddress(request, isTrustedProxy),
    refusalResponse: toHandshakeResponse,
    // Nothing else serves upgrades here: the connection limiter only watches them.
    unknownPaths: "refuse",
    logger,
    maxFrameBytes: config.limits.frameBytes,
    maxConnections: budget.webSockets,
    maxConnectionsPerUser: config.limits.connectionsPerUser,
    maxQueuedEvents: MAX_QUEUED_EVENTS,
  });
}

/** Creates what is read once for all viewers of a room. It contains usernames, so a changed account empties it. */
function createSharedReads({ context }: Chat): { readonly pages: LatestPages; readonly missed: MissedEvents } {
  const pages = new LatestPages(context.store, defaultPageSize(context.limits));
  const missed = createMissedEvents(context);
  const clear = () => {
    pages.clear();
    missed.clear();
  };
  context.accounts.onChange(({ kind }) => {
    if (kind === "account") clear();
  });
  context.store.changes.onChange(({ kind }) => {
    if (kind === "user") clear();
  });
  return { pages, missed };
}

/** Handshakes that this server has accepted before it stopped to listen still end here. */
const LATE_HANDSHAKES_MS = 250;
/** Between the clients of one batch. */
const BATCH_SPREAD_MS = 50;
/** After the last client was asked to reconnect, for those that do so late. */
const LATE_CLIENTS_MS = 1_000;

/**
 * Asks every client to reconnect to the server that listens in place of this one, as fast as that can take them. A client is offline
 * only while it reconnects, and served here until then. Connections of clients that do not leave are closed afterwards.
 */
export async function drainToSuccessor(sockets: ChannelServer, pace: HandoverPace): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, LATE_HANDSHAKES_MS));
  await sockets.drain({
    reconnectSpreadMs: BATCH_SPREAD_MS,
    nextBatch: (remaining) => pace.nextBatch(remaining),
    closeAfterMs: LATE_CLIENTS_MS,
    withinMs: LATE_CLIENTS_MS + Math.min(10_000, 1_000 + 2 * sockets.metrics.connections),
  });
}

/** Closes connections over a time that grows with their number, so that not all clients reconnect at once. */
export async function drainConnections(sockets: ChannelServer): Promise<void> {
  const { connections } = sockets.metrics;
  const withinMs = Math.min(10_000, 1_000 + 2 * connections);
  const reconnectSpreadMs = Math.min(10_000, 1_000 + 4 * connections);
  await sockets.drain({ withinMs, reconnectSpreadMs });
}
