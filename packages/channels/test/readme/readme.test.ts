import { readFile } from "node:fs/promises";
import { authMiddleware, closeLayers, getLayer, stack } from "@multichat/channels";
import { LiveClient, WebsocketCommunicator } from "@multichat/channels/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

describe("the README", () => {
  let readme: string;
  beforeAll(async () => {
    readme = await readFile(new URL("../../README.md", import.meta.url), "utf8");
    process.env.PORT = "0";
  });
  afterAll(closeLayers);

  it.each([
    "room.ts",
    "serve.ts",
    "middleware.ts",
    "chat-protocol.ts",
    "chat.ts",
    "groups.ts",
    "worker.ts",
    "communicator.ts",
  ])("shows %s unchanged", async (file) => {
    const source = await readFile(new URL(file, import.meta.url), "utf8");
    expect(readme).toContain(`\`\`\`ts\n${source}\`\`\``);
    expect(readme.match(/```ts\n/g)).toHaveLength(8);
  });

  it("lists the defaults of the options", async () => {
    const { SERVER_DEFAULTS } = await import("@multichat/channels");
    expect(SERVER_DEFAULTS).toMatchObject({
      maxFrameBytes: 65_536,
      maxConnections: 50_000,
      maxQueuedBytes: 1_048_576,
      slowCloseCode: 4101,
      maxQueuedFrames: 64,
      maxQueuedEvents: 1_000,
      heartbeatMs: 25_000,
      missedHeartbeats: 2,
      flushWindowMs: 4,
    });
  });

  it("has a chat room that works", async () => {
    const { server } = await import("./serve.ts");
    const { sendHello } = await import("./communicator.ts");
    expect(await sendHello()).toEqual({ from: "alice", text: "hello" });
    const { port } = await server.listen({ port: 0 });
    const url = `ws://127.0.0.1:${port}/ws/room/lobby`;
    const bob = await LiveClient.connect(url, { headers: { cookie: "session=bob" } });
    const cy = await LiveClient.connect(url, { headers: { cookie: "session=cy" } });
    expect(await bob.receiveJson()).toEqual({ joined: "cy" });
    cy.sendJson("hi bob");
    expect(await bob.receiveJson()).toEqual({ from: "cy", text: "hi bob" });
    const { closeRoom } = await import("./groups.ts");
    expect(await closeRoom("lobby")).toBe(2);
    expect(await bob.closed).toMatchObject({ code: 4001 });
    await expect(LiveClient.connect(url)).rejects.toMatchObject({ status: 401 });
    await server.close();
  });

  it("has middleware that works", async () => {
    const { site } = await import("./middleware.ts");
    const open = (path: string, name?: string) =>
      new WebsocketCommunicator(
        site,
        path,
        name === undefined ? {} : { headers: { cookie: `session=${name}` } },
      ).connect();
    expect(await open("/team/room/a", "alice")).toMatchObject({ accepted: true });
    expect(await open("/team/room/a", "bob")).toMatchObject({ accepted: false, status: 402 });
    expect(await open("/ws/room/a", "bob")).toMatchObject({ accepted: true });
    expect(await open(`/ws/room/my%20room_${"x".repeat(200)}`, "bob")).toMatchObject({ accepted: true });
    expect(await open("/ws/room/a")).toMatchObject({ accepted: false, status: 401 });
    expect(await open("/room/a", "alice")).toMatchObject({ accepted: false, status: 404 });
  });

  it("has commands that work", async () => {
    const { chatRoutes, document } = await import("./chat.ts");
    const application = stack(authMiddleware(() => ({ name: "alice" })))(chatRoutes);
    const alice = new WebsocketCommunicator(application, "/ws/chat");
    await alice.connect();
    const send = { do: "message.send", room: "lobby", text: "hi" };
    alice.sendJson({ id: 1, ...send });
    expect(await alice.receiveJson()).toMatchObject({ re: 1, error: { code: "ROOM_ACCESS_DENIED" } });
    alice.sendJson({ id: 2, do: "room.join", room: "lobby" });
    expect(await alice.receiveJson()).toEqual({ re: 2, ok: {} });
    alice.sendJson({ id: 4, do: "room.join", room: "my room" });
    expect(await alice.receiveJson()).toEqual({ re: 4, ok: {} });
    alice.sendJson({ id: 3, ...send });
    const frames = [await alice.receiveJson(), await alice.receiveJson()];
    expect(frames).toContainEqual({ re: 3, ok: { id: expect.any(String) } });
    expect(frames).toContainEqual({
      on: "message.posted",
      id: expect.any(String),
      room: "lobby",
      from: "alice",
      text: "hi",
    });
    expect(document).toMatchObject({ asyncapi: "3.0.0", channels: { socket: { address: "/ws/chat" } } });
    await alice.disconnect();
  });

  it("has a worker that works", async () => {
    const { runThumbnailWorker, thumbnailJob } = await import("./worker.ts");
    const stop = new AbortController();
    const worker = runThumbnailWorker(stop.signal);
    await getLayer().send("thumbnails", thumbnailJob("cat.png", "answers"));
    expect(await getLayer().receive("answers")).toEqual({ type: "thumbnail.done", file: "cat.png.webp" });
    stop.abort();
    await worker;
  });
});
