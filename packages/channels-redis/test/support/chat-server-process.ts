import {
  createServer,
  encoders,
  JsonWebSocketConsumer,
  protocolTypeRouter,
  registerLayer,
  route,
  urlRouter,
} from "@multichat/channels";
import { RedisPubSubLayer, RedisQueueLayer } from "@multichat/channels-redis";

/** A chat server in a process of its own: every client is in one room, and receives its messages and gaps. */
const { kind, options } = JSON.parse(process.argv[2] ?? "{}");

type Events = { "chat.message": { text: string } };

class Room extends JsonWebSocketConsumer<Events> {
  static override groups = ["room"];
  static override encoders = encoders<Events, "chat.message">({ "chat.message": ({ text }) => ({ text }) });

  override async receiveJson(content: unknown): Promise<void> {
    await this.groupSend("room", { type: "chat.message", text: String(content) }).catch(() => {
      this.sendJson({ failed: content });
    });
  }

  override layerGap(): void {
    this.sendJson({ gap: true });
  }
}

registerLayer("default", kind === "pubsub" ? new RedisPubSubLayer(options) : new RedisQueueLayer(options));
const server = createServer(protocolTypeRouter({ websocket: urlRouter([route("/room", Room)]) }));
const { port } = await server.listen({ port: 0, host: "127.0.0.1" });
console.log(`listening ${port}`);
