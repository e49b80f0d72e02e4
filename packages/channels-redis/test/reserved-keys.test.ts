import { RedisPubSubLayer, RedisQueueLayer } from "@multichat/channels-redis";
import { describe, expect, onTestFinished, test } from "vitest";

// Nothing listens there: a message is refused before it is sent.
const hosts = ["redis://127.0.0.1:1"];

describe.each([
  ["RedisPubSubLayer", () => new RedisPubSubLayer({ hosts, onError: () => {} })],
  ["RedisQueueLayer", () => new RedisQueueLayer({ hosts, onError: () => {} })],
] as const)("%s", (_, create) => {
  test.each(["__except__", "__asgi_channel__"])(
    "L2 rejects a message with the key %s of its wire format",
    async (key) => {
      const layer = create();
      onTestFinished(() => layer.close());
      const message = { type: "any", [key]: "room" };
      const refused = { code: "InvalidMessage", details: { path: `message.${key}` } };
      await expect(layer.send("named", message)).rejects.toMatchObject(refused);
      await expect(layer.send(layer.newChannel(), message)).rejects.toMatchObject(refused);
      await expect(layer.groupSend("room", message)).rejects.toMatchObject(refused);
      if (layer instanceof RedisPubSubLayer) {
        await expect(layer.groupSendLocal("room", message)).rejects.toMatchObject(refused);
      }
    },
  );
});
