import { createHash } from "node:crypto";
import {
  type EventOf,
  encoders,
  InMemoryLayer,
  jsonFrame,
  LayerRegistry,
  route,
  type ServerOptions,
  silentLogger,
  urlRouter,
  WebSocketConsumer,
} from "@multichat/channels";
import { eventually, type LiveClient, type LiveServer, liveServer } from "@multichat/channels/testing";

type Events = { "room.said": { text: string }; "room.typing": { who: string }; "room.left": { code: number } };

/** The close codes with which the consumers of this test have ended. */
export const ends: number[] = [];

class Room extends WebSocketConsumer<Events> {
  static override groups = ["room"];
  static override encoders = encoders<Events, "room.said" | "room.typing">({
    "room.said": (event) => event.text,
    "room.typing": (event) => jsonFrame({ typing: event.who }, { ephemeral: true }),
  });
  override async receive(text: string): Promise<void> {
    if (text === "close") {
      this.send("last words");
      this.close(4007, "é".repeat(100));
    } else if (text === "throw") throw new Error("broken");
    else await this.groupSend("room", { type: "room.said", text });
  }
  roomLeft(event: EventOf<Events, "room.left">): void {
    this.send(`left ${event.code}`);
  }
  override async disconnect(code: number): Promise<void> {
    ends.push(code);
    await this.groupSend("room", { type: "room.left", code });
  }
}

class Echo extends WebSocketConsumer {
  override receive(text: string): void {
    this.send(text);
  }
  override receiveBytes(bytes: Uint8Array): void {
    this.send(createHash("sha256").update(bytes).digest());
  }
}

export interface TestServer extends AsyncDisposable {
  readonly live: LiveServer;
  readonly layer: InMemoryLayer;
}

export async function serve(options: ServerOptions = {}): Promise<TestServer> {
  ends.length = 0;
  const layer = new InMemoryLayer();
  const layers = new LayerRegistry();
  layers.register("default", layer);
  const application = urlRouter([route("/room", Room), route("/echo", Echo)]);
  const live = await liveServer(application, { layers, logger: silentLogger, ...options });
  return { live, layer, [Symbol.asyncDispose]: () => live.close() };
}

/** Connects a client and waits until the server has added it to the group. */
export async function connectMember({ live, layer }: TestServer): Promise<LiveClient> {
  const before = layer.stats().memberships;
  const client = await live.connect("/room");
  await eventually(() => layer.stats().memberships > before);
  return client;
}
