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
import { openRoom } from "./lobby.ts";

const messages: { seq: number; from: string; text: string }[] = [];

class ChatConsumer extends protocolConsumer(chat)<{ user: { name: string } }> {
  static override commands = commands<ChatConsumer>({
    "room.join": async (consumer, { room, since }, call) => {
      if (room !== "lobby") throw call.error("ROOM_ACCESS_DENIED");
      await consumer.groupAdd(room);
      return { head: messages.length, missed: messages.slice(since) };
    },
    "room.leave": (consumer, { room }) => consumer.groupDiscard(room),
    "message.send": async (consumer, { room, text }, call) => {
      if (room !== "lobby") throw call.error("ROOM_ACCESS_DENIED");
      const message = { seq: messages.length + 1, from: consumer.scope.user.name, text };
      messages.push(message);
      await consumer.group(room).send("message.posted", { room, ...message });
      return { seq: message.seq };
    },
  });
}

describe("the README", () => {
  const readReadme = () => readFile(new URL("../../README.md", import.meta.url), "utf8");

  test.each(["chat-protocol.ts", "chat-client.ts", "lobby.ts"])("shows %s unchanged", async (file) => {
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
    expect(await sendHello(client, "lobby")).toBe(1);
    expect(await sendHello(client, "attic")).toBe("You are not a member of this room.");
    const shown: string[] = [];
    const lobby = openRoom(client, "lobby", (text) => shown.push(text));
    expect(await lobby.ready).toMatchObject({ head: 1 });
    await sendHello(client, "lobby");
    await expect.poll(() => shown).toEqual(["hello", "hello"]);
    lobby.end();
    await sendHello(client, "lobby");
    expect(shown).toHaveLength(2);
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
