import type { AddressInfo } from "node:net";
import type { ChannelServer } from "@multichat/channels";
import type { Config } from "../config/config.ts";
import { applyForwardedHost, makeTrust } from "../config/trusted-proxies.ts";
import type { App } from "../http/app.ts";
import { buildHttp } from "../http/build-http.ts";
import type { ConnectionBudget } from "../http/connections/connection-budget.ts";
import { ConnectionLimiter } from "../http/connections/connection-limiter.ts";
import type { HttpDeps } from "../http/http-deps.ts";
import { isSignedIn } from "../http/security/identity.ts";
import { createMetrics, type Metrics } from "../observability/metrics.ts";
import { exposeSocketMetrics } from "../observability/socket-metrics.ts";
import type { CleanupStack } from "../process/cleanup-stack.ts";
import { listenError } from "../process/start-error.ts";
import { version } from "../process/version.ts";
import type { Setup } from "../setup/index.ts";
import type { Chat } from "./chat.ts";

/** How long requests in progress have to complete when the server stops. */
const CLOSE_GRACE_MS = 2_000;

/**
 * Connections that can wait to be accepted, up to the system's limit. Node's default of 511 is less than the clients that
 * reconnect at once after a restart; a rejected client retries after one second, then two, then four.
 */
const LISTEN_BACKLOG = 4_096;

export interface HttpServerOptions extends Pick<HttpDeps, "readiness"> {
  readonly sockets: ChannelServer;
  readonly budget: ConnectionBudget;
  readonly setup: Setup;
  readonly webDir: string | undefined;
  readonly cleanup: CleanupStack;
}

/**
 * Serves the HTTP API, the web client and the sockets. Returns the URL on this machine, without a trailing slash.
 *
 * @throws StartError if it cannot listen on the configured address.
 */
export async function serveHttp(chat: Chat, options: HttpServerOptions): Promise<string> {
  const { config, context, logger, securityLog } = chat;
  const { sockets, budget, setup, readiness, webDir, cleanup } = options;
  const metrics = createChatMetrics(chat, sockets);
  cleanup.defer(async () => metrics.close());
  const isTrustedProxy = makeTrust(config.trustProxy);
  const limiter = new ConnectionLimiter({
    budget,
    isTrustedProxy,
    isSignedIn: (request) => isSignedIn(request, context.accounts),
    logger,
    metrics,
  });
  const http = await buildHttp({
    config,
    context,
    setup,
    logger,
    securityLog,
    sharedLimits: chat.sharedLimits,
    metrics,
    version,
    onSignedIn: (socket) => limiter.markSignedIn(socket),
    readiness,
    ...(webDir === undefined ? {} : { webDir }),
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
  return await listen(http, config);
}

function createChatMetrics({ layer, rejected }: Chat, sockets: ChannelServer): Metrics {
  const metrics = createMetrics();
  exposeSocketMetrics(metrics, sockets.metrics, layer);
  metrics.total(
    "layer_messages_rejected",
    "Messages from Redis that no server of this chat can have sent.",
    () => rejected.count,
  );
  return metrics;
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
