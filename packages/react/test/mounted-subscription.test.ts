import {
  commands,
  InMemoryLayer,
  LayerRegistry,
  protocolConsumer,
  route,
  silentLogger,
  urlRouter,
} from "@multichat/channels";
import { liveServer } from "@multichat/channels/testing";
import { type Client, createClient } from "@multichat/channels-client";
import { afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { type Latest, MountedSubscription } from "../src/subscriptions/mounted-subscription.ts";
import { chat } from "./readme/chat-protocol.ts";

type Reply = { readonly topic: string };

const commandLog: string[] = [];
const deniedRooms = new Set<string>();

class ChatConsumer extends protocolConsumer(chat) {
  static override commands = commands<ChatConsumer>({
    "room.join": async (consumer, { room }, call) => {
      if (deniedRooms.has(room)) throw call.error("ROOM_ACCESS_DENIED");
      await consumer.groupAdd(room);
      return { topic: room, missed: [] };
    },
    "room.leave": async (consumer, { room }) => {
      commandLog.push(`leave ${room}`);
      await consumer.groupDiscard(room);
    },
    "message.send": async (consumer, { room, text }) => {
      await consumer.group(room).send("message.posted", { room, text, seq: 1, from: "ann" });
      return { seq: 1 };
    },
  });
}

let url: string;
let client: Client<typeof chat>;

beforeAll(async () => {
  const layers = new LayerRegistry();
  layers.register("default", new InMemoryLayer());
  const live = await liveServer(urlRouter([route("/ws", ChatConsumer)]), { layers, logger: silentLogger });
  url = live.url("/ws");
  return () => live.close();
});
beforeEach(() => {
  client = createClient<typeof chat>({ url });
});
afterEach(() => client.close());

function create(room: string, options: Latest<Reply>["options"] = {}): MountedSubscription<Reply> {
  // The overloads of the hook say what the client is.
  const target = { client: client as never, command: "room.join", key: room };
  return new MountedSubscription<Reply>(target, { input: { room, since: 0 }, options });
}

test("listeners and leave are those of the latest render, also where the first one had none", async () => {
  const received: string[] = [];
  const subscription = create("latest");
  const unmount = subscription.mount();
  await subscription.state.get().ready;
  subscription.update({
    input: { room: "latest", since: 0 },
    options: {
      on: { "message.posted": ({ text }: { text: string }) => received.push(text) },
      leave: () => client.call("room.leave", { room: "latest" }),
    },
  });
  await client.call("message.send", { room: "latest", text: "a" });
  await expect.poll(() => received).toEqual(["a"]);
  subscription.update({
    input: { room: "latest", since: 0 },
    options: { leave: () => client.call("room.leave", { room: "latest" }) },
  });
  await client.call("message.send", { room: "latest", text: "b" });
  // The reply of a later command follows the event, which has arrived then.
  unmount();
  await expect.poll(() => commandLog.at(-1)).toBe("leave latest");
  expect(received).toEqual(["a"]);
});

test("one that is mounted again after a refusal has another promise", async () => {
  deniedRooms.add("refused");
  const subscription = create("refused");
  const unmount = subscription.mount();
  await expect(subscription.state.get().ready).rejects.toMatchObject({ code: "ROOM_ACCESS_DENIED" });
  unmount();
  await expect.poll(() => subscription.state.get().phase).toBe("pending");
  deniedRooms.clear();
  subscription.mount();
  expect(await subscription.state.get().ready).toMatchObject({ topic: "refused" });
});
