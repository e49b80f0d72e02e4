import { encoders, InMemoryLayer, LayerRegistry, route, urlRouter, WebSocketConsumer } from "@multichat/channels";
import { eventually, type LiveServer, liveServer } from "@multichat/channels/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";

type Events = { "room.said": { text: string } };

class Room extends WebSocketConsumer<Events> {
  static override groups = ["room"];
  static override encoders = encoders<Events>({ "room.said": (event) => event.text });
  override receive(text: string): void {
    this.send(`${text.length}`);
  }
}

const long = "the same words again and again, ".repeat(200);

describe("a server that compresses", () => {
  const layer = new InMemoryLayer();
  let live: LiveServer;
  beforeAll(async () => {
    const layers = new LayerRegistry();
    layers.register("default", layer);
    live = await liveServer(urlRouter([route("/", Room)]), { layers, perMessageDeflate: true });
  });
  afterAll(() => live.close());

  async function client(offer: boolean | object): Promise<{ socket: WebSocket; got: string[] }> {
    const socket = new WebSocket(live.url("/"), { perMessageDeflate: offer });
    const got: string[] = [];
    socket.on("message", (data) => got.push(String(data)));
    await new Promise((resolve, reject) => {
      socket.once("open", resolve);
      socket.once("error", reject);
    });
    return { socket, got };
  }

  it("compresses each frame above the threshold once, for clients that support it", async () => {
    const [first, second, plain] = [await client(true), await client(true), await client(false)];
    expect(first.socket.extensions).toBe("permessage-deflate");
    expect(plain.socket.extensions).toBe("");
    await eventually(() => layer.stats().memberships === 3);
    const before = live.server.metrics.bytesSent;
    for (const text of [long, "short", `${long}!`]) await layer.groupSend("room", { type: "room.said", text });
    for (const { got } of [first, second, plain])
      await eventually(() => expect(got).toEqual([long, "short", `${long}!`]));
    const sent = live.server.metrics.bytesSent - before;
    expect(sent).toBeGreaterThan(2 * long.length);
    expect(sent).toBeLessThan(2.2 * long.length);
    for (const { socket } of [first, second, plain]) socket.terminate();
  });

  it("decompresses frames of clients, up to the same size limit", async () => {
    const { socket, got } = await client({ threshold: 0 });
    socket.send("z".repeat(60_000));
    await eventually(() => expect(got).toEqual(["60000"]));
    const closed = new Promise((resolve) => socket.once("close", resolve));
    socket.send("z".repeat(10_000_000));
    expect(await closed).toBe(1009);
  });

  it("sends uncompressed frames to a client that requires a smaller window", async () => {
    const { socket, got } = await client({ serverMaxWindowBits: 9 });
    await eventually(() => layer.stats().memberships === 1);
    const before = live.server.metrics.bytesSent;
    await layer.groupSend("room", { type: "room.said", text: long });
    await eventually(() => expect(got).toEqual([long]));
    expect(live.server.metrics.bytesSent - before).toBeGreaterThan(long.length);
    socket.terminate();
  });
});
