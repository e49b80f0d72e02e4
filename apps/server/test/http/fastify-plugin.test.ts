import type { AddressInfo } from "node:net";
import { attach, JsonWebSocketConsumer, route, silentLogger, urlRouter } from "@multichat/channels";
import { LiveClient } from "@multichat/channels/testing";
import fastify from "fastify";
import { expect, test } from "vitest";

class Echo extends JsonWebSocketConsumer {
  static override layer = null;
  override receiveJson(content: unknown): void {
    this.sendJson({ echo: content });
  }
}

// The packages' own tests have no Fastify.
test("an application is a plugin of Fastify, and closes with it", async () => {
  const app = fastify();
  app.get("/", () => "page");
  await app.register(async (instance) => {
    const sockets = attach(instance.server, urlRouter([route("/ws/echo", Echo)]), { logger: silentLogger });
    // Not onClose: that waits for the open sockets.
    instance.addHook("preClose", () => sockets.close());
  });
  await app.listen({ port: 0, host: "127.0.0.1" });
  const { port } = app.server.address() as AddressInfo;
  const client = await LiveClient.connect(`ws://127.0.0.1:${port}/ws/echo`);
  client.sendJson("hello");
  expect(await client.receiveJson()).toEqual({ echo: "hello" });
  expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe("page");
  await app.close();
  expect(await client.closed).toMatchObject({ code: 1001 });
});
