import {
  createServer,
  encoders,
  InMemoryLayer,
  JsonWebSocketConsumer,
  registerLayer,
  route,
  urlRouter,
} from "@multichat/channels";
import { reportPort } from "./report-port.ts";

type RoomEvents = { "chat.message": { room: string; user: string; at: string; text: string } };

/** As the documentation teaches it, with nothing tuned. */
class Room extends JsonWebSocketConsumer<RoomEvents> {
  static override groups = ["general"];
  static override encoders = encoders<RoomEvents>({
    "chat.message": ({ room, user, at, text }) => ({ room, user, at, text }),
  });
  override async receiveJson(content: unknown): Promise<void> {
    // The cast holds: the load client sends nothing else.
    const message = content as RoomEvents["chat.message"];
    await this.groupSend("general", { type: "chat.message", ...message });
  }
}

registerLayer("default", new InMemoryLayer());
const server = createServer(urlRouter([route("/", Room)]));
const { port } = await server.listen({ port: 0 });
reportPort(port);
