import { createServer, InMemoryLayer, registerLayer, route, urlRouter, WebSocketConsumer } from "@multichat/channels";
import { LiveClient } from "@multichat/channels/testing";

// Serves one client and closes. The framework must not keep the process alive afterwards.
class Echo extends WebSocketConsumer {
  static override groups = ["room"];
  override receive(text: string): void {
    this.send(text);
  }
}

registerLayer("default", new InMemoryLayer());
const server = createServer(urlRouter([route("/", Echo)]));
const { port } = await server.listen({ port: 0 });
const client = await LiveClient.connect(`ws://127.0.0.1:${port}/`);
client.send("hello");
process.stdout.write(String(await client.receive()));
await server.close();
