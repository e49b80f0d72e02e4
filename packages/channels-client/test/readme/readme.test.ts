import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import {
  authMiddleware,
  bearerToken,
  commands,
  InMemoryLayer,
  LayerRegistry,
  protocolConsumer,
  route,
  silentLogger,
  stack,
  urlRouter,
} from "@multichat/channels";
import { liveServer } from "@multichat/channels/testing";
import { getReconnectPolicy } from "@multichat/channels-client";
import { describe, expect, test } from "vitest";
import { openChat, sendHello } from "./chat-client.ts";
import { chat } from "./chat-protocol.ts";

class ChatConsumer extends protocolConsumer(chat)<{ user: { name: string } }> {
  static override groups = ["lobby"];
  static override commands = commands<ChatConsumer>({
    "message.send": async (consumer, { room, text }, call) => {
      if (room !== "lobby") throw call.error("ROOM_ACCESS_DENIED");
      await consumer.group("lobby").send("message.posted", { room, from: consumer.scope.user.name, text });
      return { id: randomUUID() };
    },
  });
}

describe("the README", () => {
  const readReadme = () => readFile(new URL("../../README.md", import.meta.url), "utf8");

  test.each(["chat-protocol.ts", "chat-client.ts"])("shows %s unchanged", async (file) => {
    const source = await readFile(new URL(file, import.meta.url), "utf8");
    expect(await readReadme()).toContain(`\`\`\`ts\n${source}\`\`\``);
  });

  test("has a client that works", async () => {
    const layers = new LayerRegistry();
    layers.register("default", new InMemoryLayer());
    const application = stack(
      authMiddleware((scope) => {
        const name = bearerToken(scope);
        return name === undefined ? undefined : { name };
      }),
    )(urlRouter([route("/ws/chat", ChatConsumer)]));
    await using live = await liveServer(application, { layers, logger: silentLogger, closeTimeoutMs: 200 });
    const client = openChat(live.url("/ws/chat"), async () => "alice");
    const { value } = (await Promise.all([client.events("message.posted").next(), sendHello(client, "lobby")]))[0];
    expect(value).toEqual({ room: "lobby", from: "alice", text: "hello" });
    expect(await sendHello(client, "attic")).toBe("You are not a member of this room.");
    client.close();
  });

  test("lists the close codes as they are", async () => {
    const [never = "", immediate = "", backoff = ""] = (await readReadme()).match(/^\| \d{4}.*$/gm) ?? [];
    const codesOf = (row: string) => (row.split("|")[1]?.match(/\d{4}/g) ?? []).map(Number);
    expect(codesOf(never)).toHaveLength(8);
    for (const code of codesOf(never)) expect(getReconnectPolicy(code)).toBe("never");
    for (const code of codesOf(immediate)) expect(getReconnectPolicy(code)).toBe("immediate");
    for (const code of codesOf(backoff)) expect(getReconnectPolicy(code)).toBe("backoff");
    for (const code of [1002, 1005, 1008, 1009, 1013, 4300]) expect(getReconnectPolicy(code)).toBe("backoff");
  });
});
