import { InMemoryLayer, LayerRegistry, route, urlRouter } from "@multichat/channels";
import { WebsocketCommunicator } from "@multichat/channels/testing";
import { expect, it } from "vitest";
import { CustomRoomConsumer } from "../src/lesson-2-room-chat/custom-room-consumer.ts";

function roomClients(): (room: string) => WebsocketCommunicator {
  const layers = new LayerRegistry();
  layers.register("chat", new InMemoryLayer());
  const application = urlRouter([route("/ws/custom-room/:room", CustomRoomConsumer)]);
  return (room) => new WebsocketCommunicator(application, `/ws/custom-room/${room}`, { layers });
}

it("rejects a room that is not on the list, and names the allowed ones", async () => {
  const client = roomClients()("secret");
  expect(await client.connect()).toMatchObject({
    status: 403,
    reason: expect.stringContaining("general, games, music"),
  });
  await client.done();
});

it("sends notices with the time, formats messages, and reports a rejected message to its sender only", async () => {
  const clientOf = roomClients();
  const [one, two] = [clientOf("games"), clientOf("games")];
  await one.connect();
  expect(await one.receive()).toMatch(/^🚪 \[\d\d:\d\d:\d\d\] Someone joined room 'games'$/);
  await two.connect();
  await one.receive();
  await two.receive();
  one.send("   ");
  expect(await one.receive()).toBe("⚠️ An empty message was not sent.");
  one.send("x".repeat(501));
  expect(await one.receive()).toBe("⚠️ A message may have 500 characters; this one has 501.");
  one.send("  you *must* see this ");
  expect(await one.receive()).toBe("💬 you «must» see this");
  expect(await two.receive()).toBe("💬 you «must» see this");
  await one.disconnect();
  expect(await two.receive()).toMatch(/^👋 \[\d\d:\d\d:\d\d\] Someone left room 'games'$/);
  await two.disconnect();
});
