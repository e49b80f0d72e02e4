import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { eventually } from "@multichat/channels/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { serve } from "../../src/main.ts";
import { ChatClient } from "../support/chat-client.ts";
import { signIn, TestChat, testConfig } from "../support/chat-server.ts";
import { seed } from "../support/seeds.ts";
import { ServerProcess } from "../support/server-process.ts";

let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "multichat-stop-"));
});
afterEach(async () => {
  await rm(dataDir, { recursive: true, force: true });
});

describe("SIGTERM", () => {
  test("gives every client a different time to reconnect, closes with 4100, and exits with 0", async () => {
    await seed(testConfig(dataDir), {});
    const server = await ServerProcess.start({ DATA_DIR: dataDir });
    const clients: ChatClient[] = [];
    for (const name of ["alice", "bob", "sara"]) {
      const { token } = await signIn(server.url, name);
      const protocols = ["multichat.v1", `bearer.${token}`];
      clients.push(await new ChatClient(server.socketUrl, { protocols }).settled());
    }
    server.signal("SIGTERM");
    const events = await Promise.all(clients.map((client) => client.event("server.draining")));
    expect(new Set(events.map(({ reconnectAfter }) => reconnectAfter)).size).toBe(clients.length);
    expect(await Promise.all(clients.map((client) => client.closed()))).toEqual(clients.map(() => 4100));
    expect(await server.waitForExit()).toBe(0);
  });

  test("is not delayed by an idle connection", async () => {
    await seed(testConfig(dataDir), {});
    const server = await ServerProcess.start({ DATA_DIR: dataDir });
    const idle = connect(Number(new URL(server.url).port), "127.0.0.1");
    await once(idle, "connect");
    const closed = once(idle, "close");
    server.signal("SIGTERM");
    expect(await server.waitForExit()).toBe(0);
    await closed;
  });

  test.each([
    ["its first byte", "G"],
    ["a part of its headers", "GET /healthz HTTP/1.1\r\nHo"],
    ["a part of its body", null],
  ])("serves a request of which %s came before, then closes its connection", async (_part, part) => {
    await using chat = await TestChat.start();
    const { cookie } = await chat.session("admin");
    const body = JSON.stringify({ title: "Made while stopping" });
    const headers = [`Cookie: ${cookie}`, "Content-Type: application/json", `Content-Length: ${body.length}`];
    const request =
      part === null
        ? `POST /api/rooms HTTP/1.1\r\nHost: chat\r\n${headers.join("\r\n")}\r\n\r\n${body}`
        : "GET /healthz HTTP/1.1\r\nHost: chat\r\n\r\n";
    const sent = part ?? request.slice(0, -3);
    const socket = connect(Number(new URL(chat.url).port), "127.0.0.1");
    let response = "";
    socket.on("data", (chunk: Buffer) => {
      response += chunk.toString();
    });
    const closed = once(socket, "close");
    socket.write(sent);
    // Accepted in order: with an answer on a later connection, the server has accepted this one.
    expect((await fetch(`${chat.url}/healthz`)).status).toBe(200);
    await chat.running.drain();
    const closing = chat.close();
    // The port is closed, but the connection is not.
    while (await canConnect(chat.url)) await setImmediate();
    socket.write(request.slice(sent.length));
    await closing;
    await closed;
    expect(response).toMatch(part === null ? /^HTTP\/1.1 201 / : /^HTTP\/1.1 200 /);
  });

  test("answers and keeps messages that were sent before it", async () => {
    const chat = await TestChat.start();
    const alice = await ChatClient.open(chat, "alice");
    await alice.join(1);
    const ids = Array.from({ length: 50 }, (_, i) =>
      alice.begin("message.send", { room: 1, clientId: `last-${i}`, body: "last words" }),
    );
    await Promise.all(ids.map((id) => alice.reply(id)));
    await chat.running.drain();
    await chat.close();
    expect(await alice.closed()).toBe(4100);
  });

  test("makes the server unready and closed to new connections while it drains", async () => {
    await using chat = await TestChat.start();
    const alice = await ChatClient.open(chat, "alice");
    expect((await fetch(`${chat.url}/readyz`)).status).toBe(200);
    const draining = chat.running.drain();
    expect((await fetch(`${chat.url}/readyz`)).status).toBe(503);
    expect((await fetch(`${chat.url}/healthz`)).status).toBe(200);
    const { cookie } = await chat.session("alice");
    expect((await new ChatClient(chat.socketUrl, { cookie }).settled()).refused).toBe(503);
    await draining;
    expect(await alice.closed()).toBe(4100);
  });

  test("exits at once on a second signal", async () => {
    await seed(testConfig(dataDir), {});
    const server = await ServerProcess.start({ DATA_DIR: dataDir });
    const { token } = await signIn(server.url, "alice");
    const protocols = ["multichat.v1", `bearer.${token}`];
    const alice = await new ChatClient(server.socketUrl, { protocols }).settled();
    server.signal("SIGINT");
    await alice.event("server.draining");
    expect(await server.endWith("SIGTERM")).toBe(1);
  });
});

function canConnect(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(Number(new URL(url).port), "127.0.0.1");
    socket.on("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", () => resolve(false));
  });
}

describe("startup", () => {
  test("without accounts, prints a setup address that works once", async () => {
    const server = await ServerProcess.start({ DATA_DIR: dataDir, LOG_LEVEL: "trace" });
    const address = await eventually(() => /http:\S+\/setup#token=\S+/.exec(server.output)?.[0] ?? false);
    const token = new URLSearchParams(new URL(address).hash.slice(1)).get("token") ?? "";
    const setUp = async (username: string): Promise<number> => {
      const body = JSON.stringify({ token, username, password: "a long password", room: "Lobby" });
      const headers = { "content-type": "application/json" };
      return (await fetch(`${server.url}/api/setup`, { method: "POST", headers, body })).status;
    };
    for (const path of ["/setup", "/api/setup", "/login", "/nowhere"])
      await fetch(`${server.url}${path}?token=${token}`);
    expect(await setUp("first")).toBe(201);
    expect(await setUp("second")).toBe(404);
    // Printed once, and in no line of the log, whatever its level.
    expect(server.output.split(token)).toHaveLength(2);
    await server.endWith("SIGKILL");
    const restarted = await ServerProcess.start({ DATA_DIR: dataDir });
    expect(restarted.output).not.toContain("/setup");
    await restarted.endWith("SIGKILL");
  });

  test("creates the first administrator from the configuration, once", async () => {
    const start = (password: string) =>
      serve(testConfig(dataDir, { ADMIN_USERNAME: "root", ADMIN_PASSWORD: password, LOG_LEVEL: "silent" }));
    const first = await start("the first password");
    expect(first.setupUrl).toBeNull();
    await signIn(first.url, "root", "the first password");
    await first.close();
    const second = await start("another password");
    await signIn(second.url, "root", "the first password");
    await second.close();
  });

  test("fails on a port that is in use, and leaves nothing running", async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    const address = other.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const config = testConfig(dataDir, { PORT: String(port), LOG_LEVEL: "silent" });
    await expect(serve(config)).rejects.toThrow(/PORT: expected a free port/);
    other.close();
    const running = await serve(testConfig(dataDir, { LOG_LEVEL: "silent" }));
    await running.close();
  });
});

describe("a connection that becomes a socket while the server closes does not hold it open", () => {
  const head = [
    "GET /ws HTTP/1.1",
    "Host: chat.example",
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Protocol: multichat.v1",
  ].join("\r\n");

  test.each([
    ["its request began before", head, "\r\n\r\n"],
    ["its first byte came before", head.slice(0, 1), `${head.slice(1)}\r\n\r\n`],
    ["it asks for another path", head.replace("/ws", "/nothing"), "\r\n\r\n"],
    ["it asks for another protocol", head.replace("websocket", "h2c"), "\r\n\r\n"],
    ["its request is the second one", `GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n${head}`, "\r\n\r\n"],
  ])("%s", async (_, before, after) => {
    const chat = await TestChat.start();
    const socket = connect(Number(new URL(chat.url).port), "127.0.0.1");
    socket.on("error", () => {});
    await once(socket, "connect");
    socket.write(before);
    // The server has read what came first when it answers something that was sent later.
    await fetch(`${chat.url}/healthz`);
    const closed = chat.close();
    socket.write(after);
    await closed;
    socket.destroy();
  });
});
