import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import type { ChannelServer } from "@multichat/channels";
import type { Config } from "../config/config.ts";
import { applyForwardedHost, makeTrust } from "../config/trusted-proxies.ts";
import type { Files } from "../files/index.ts";
import type { App } from "../http/app.ts";
import { buildHttp } from "../http/build-http.ts";
import type { ConnectionBudget } from "../http/connections/connection-budget.ts";
import { ConnectionLimiter } from "../http/connections/connection-limiter.ts";
import type { HttpDeps } from "../http/http-deps.ts";
import { applyTargetHost } from "../http/requests/absolute-target.ts";
import { isSignedIn } from "../http/security/identity.ts";
import { createMetrics, type Metrics } from "../observability/metrics.ts";
import { exposeSocketMetrics } from "../observability/socket-metrics.ts";
import { assertTcpSocket, takeActivatedSocket } from "../process/activated-socket.ts";
import type { CleanupStack } from "../process/cleanup-stack.ts";
import { listenError, StartError } from "../process/start-error.ts";
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
  readonly files: Files;
  readonly webDir: string | undefined;
  /** Whether another server, which this one replaces, still listens at the port. */
  readonly isSuccessor: boolean;
  readonly cleanup: CleanupStack;
}

export interface ListeningServer {
  /** On this machine, without a trailing slash. */
  readonly url: string;
  /** Takes no new connections from now on; those that are open stay so. */
  stopListening(): void;
}

/**
 * Serves the HTTP API, the web client and the sockets.
 *
 * @throws StartError if it cannot listen on the configured address, or on the socket of the service manager.
 */
export async function serveHttp(chat: Chat, options: HttpServerOptions): Promise<ListeningServer> {
  const { config, context, logger, securityLog } = chat;
  const { sockets, budget, setup, files, readiness, webDir, isSuccessor, cleanup } = options;
  const metrics = createChatMetrics(chat, { sockets, files });
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
    files,
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
  http.server.on("upgrade", (request) => {
    request.url = applyTargetHost(request, "upgrade");
    applyForwardedHost(request, isTrustedProxy);
  });
  sockets.attach(http.server);
  cleanup.defer(() => closeHttp(http));
  cleanup.defer(() => {
    // Closing detaches the sockets. An upgrade that arrives after that has no handler, only the observers above, and would stay
    // open: no server could end as long as its client does not close it.
    http.server.on("upgrade", (_request, socket) => socket.destroy());
    return sockets.close();
  });
  return {
    url: await listen(http, config, { isSuccessor }),
    stopListening: () => {
      http.server.close();
      // On `localhost` there is a second server for its other address, which listens until the last connection is closed, or
      // this event.
      http.server.emit("unref");
    },
  };
}

function createChatMetrics(
  { layer, rejected }: Chat,
  { sockets, files }: Pick<HttpServerOptions, "sockets" | "files">,
): Metrics {
  const metrics = createMetrics();
  metrics.gauge("file_uploads_active", "Uploads of files that are under way.", () => files.uploadCount);
  metrics.total("file_uploads", "Files that were uploaded.", () => files.totals.uploads);
  metrics.total("file_upload_bytes", "Bytes of the files that were uploaded.", () => files.totals.uploadedBytes);
  metrics.total("files_removed", "Contents of files that were removed.", () => files.totals.removed);
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

/** Where several processes can listen at one port, of which each takes a share of the new connections. */
const CAN_SHARE_PORT = ["linux", "freebsd"].includes(process.platform);

async function listen(
  http: App,
  { host, port }: Config,
  { isSuccessor }: Pick<HttpServerOptions, "isSuccessor">,
): Promise<string> {
  const fd = takeActivatedSocket();
  if (fd !== undefined) return listenOnActivated(http, fd);
  try {
    if (isSuccessor && !CAN_SHARE_PORT) {
      throw new StartError(
        "--replace: expected Linux or FreeBSD, where two servers can listen at one port for a moment",
      );
    }
    // A port can be shared by all that the account runs. Only a successor means to do so.
    if (CAN_SHARE_PORT && !isSuccessor && port !== 0) await assertFree(host, port);
    await http.listen({ host, port, backlog: LISTEN_BACKLOG, ...(CAN_SHARE_PORT ? { reusePort: true } : {}) });
  } catch (error) {
    throw listenError(error, host, port);
  }
  // It listens on TCP, so its address has a port.
  return urlOf(host, (http.server.address() as AddressInfo).port);
}

/** Listens on the socket that the service manager has bound: HOST and PORT do not count. */
async function listenOnActivated(http: App, fd: number): Promise<string> {
  assertTcpSocket(fd);
  // Fastify would listen at a second address for its default host.
  await http.listen({ host: "0.0.0.0", backlog: LISTEN_BACKLOG, ...{ fd } });
  const { address, port } = http.server.address() as AddressInfo;
  return urlOf(address, port);
}

function urlOf(host: string, port: number): string {
  const hostname = host === "0.0.0.0" || host === "::" ? "localhost" : host.includes(":") ? `[${host}]` : host;
  return `http://${hostname}:${port}`;
}

/** Listens for a moment without sharing, which fails where anything else listens. */
async function assertFree(host: string, port: number): Promise<void> {
  const probe = createServer();
  probe.listen({ host, port });
  await once(probe, "listening");
  probe.close();
  await once(probe, "close");
}
