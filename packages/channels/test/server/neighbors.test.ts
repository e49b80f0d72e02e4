import { createServer as createHttpServer, type Server as HttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import { serve } from "@hono/node-server";
import {
  attach,
  JsonWebSocketConsumer,
  originValidator,
  route,
  silentLogger,
  stack,
  urlRouter,
} from "@multichat/channels";
import { HandshakeRefused, LiveClient } from "@multichat/channels/testing";
import express from "express";
import { Hono } from "hono";
import { Server as SocketIoServer } from "socket.io";
import { io } from "socket.io-client";
import { createServer as createVite } from "vite";
import { afterEach, describe, expect, test } from "vitest";

class Echo extends JsonWebSocketConsumer {
  static override layer = null;
  override receiveJson(content: unknown): void {
    this.sendJson({ echo: content });
  }
}
const echoes = urlRouter([route("/ws/echo/:room", Echo)]);

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** Serves the echoes on an HTTP server. */
function serveEchoes(http: HttpServer, options: Parameters<typeof attach>[2] = {}): void {
  const sockets = attach(http, echoes, { logger: silentLogger, ...options });
  closing.push(() => sockets.close());
}

/** Lets it listen on a free port and returns that. */
async function listen(http: HttpServer): Promise<number> {
  if (!http.listening) await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  closing.push(() => {
    http.closeAllConnections();
    http.close();
  });
  return (http.address() as AddressInfo).port;
}

async function expectEcho(port: number): Promise<void> {
  const client = await LiveClient.connect(`ws://127.0.0.1:${port}/ws/echo/lobby`);
  client.sendJson("hello");
  expect(await client.receiveJson()).toEqual({ echo: "hello" });
  client.close();
  await client.closed;
}

/** Returns the status with which a path is refused. */
async function refusal(port: number, path: string): Promise<number> {
  const error: unknown = await LiveClient.connect(`ws://127.0.0.1:${port}${path}`).then(
    () => "accepted",
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(HandshakeRefused);
  return (error as HandshakeRefused).status;
}

describe("on the HTTP server of", () => {
  test("node:http", async () => {
    const http = createHttpServer((_request, response) => response.end("page"));
    serveEchoes(http);
    const port = await listen(http);
    await expectEcho(port);
    expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe("page");
    expect(await refusal(port, "/other")).toBe(404);
  });

  test("Express 5", async () => {
    const app = express();
    app.get("/", (_request, response) => {
      response.send("page");
    });
    const http = createHttpServer(app);
    serveEchoes(http);
    const port = await listen(http);
    await expectEcho(port);
    expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe("page");
  });

  test("Hono", async () => {
    const app = new Hono();
    app.get("/", (context) => context.text("page"));
    const http = serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" }) as HttpServer;
    serveEchoes(http);
    if (!http.listening) await new Promise((resolve) => http.once("listening", resolve));
    const port = await listen(http);
    await expectEcho(port);
    expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe("page");
  });
});

describe("beside another listener of upgrades", () => {
  test.each(["before", "after"])("Socket.IO, attached %s it: each gets its own", async (order) => {
    const http = createHttpServer();
    if (order === "after") serveEchoes(http);
    const others = new SocketIoServer(http, { serveClient: false });
    others.on("connection", (socket) => socket.on("ask", (reply: (text: string) => void) => reply("from Socket.IO")));
    closing.push(() => others.close());
    if (order === "before") serveEchoes(http);
    const port = await listen(http);
    await expectEcho(port);
    const other = io(`http://127.0.0.1:${port}`, { transports: ["websocket"] });
    closing.push(() => other.close());
    expect(await other.timeout(60_000).emitWithAck("ask")).toBe("from Socket.IO");
    await expectEcho(port);
  });

  test("Vite's hot reload: each gets its own", async () => {
    const http = createHttpServer();
    const vite = await createVite({
      configFile: false,
      logLevel: "silent",
      root: import.meta.dirname,
      server: { middlewareMode: true, hmr: { server: http } },
      optimizeDeps: { noDiscovery: true },
    });
    closing.push(() => vite.close());
    serveEchoes(http);
    const port = await listen(http);
    await expectEcho(port);
    const token = vite.config.webSocketToken;
    const page = await LiveClient.connect(`ws://127.0.0.1:${port}/?token=${token}`, { subprotocols: ["vite-hmr"] });
    expect(await page.receiveJson()).toMatchObject({ type: "connected" });
    page.close();
  });

  test("two applications of ours share a server, also behind middleware", async () => {
    const http = createHttpServer();
    serveEchoes(http);
    const second = stack(originValidator())(urlRouter([route("/second", Echo)]));
    const sockets = attach(http, second, { logger: silentLogger });
    closing.push(() => sockets.close());
    const port = await listen(http);
    await expectEcho(port);
    const client = await LiveClient.connect(`ws://127.0.0.1:${port}/second`);
    client.sendJson(1);
    expect(await client.receiveJson()).toEqual({ echo: 1 });
    client.close();
  });

  test("a path that nobody answers is refused in the end", async () => {
    const http = createHttpServer();
    http.on("upgrade", () => {});
    serveEchoes(http, { handshakeTimeoutMs: 50 });
    const port = await listen(http);
    expect(await refusal(port, "/other")).toBe(404);
    await expectEcho(port);
  });

  test("a path without a route is refused at once with unknownPaths: refuse", async () => {
    const http = createHttpServer();
    http.on("upgrade", () => {});
    serveEchoes(http, { unknownPaths: "refuse", handshakeTimeoutMs: 600_000 });
    const port = await listen(http);
    for (const path of ["/other", "/ws/echo", "/ws/echo/a/b", "/ws/echo/%zz", "/ws%2fecho/a"]) {
      expect(await refusal(port, path)).toBeGreaterThanOrEqual(400);
    }
    await expectEcho(port);
  });
});
