import {
  Consumer,
  channelNameRouter,
  type EventOf,
  protocolTypeRouter,
  route,
  urlRouter,
  WebSocketConsumer,
} from "@multichat/channels";
import { WebsocketCommunicator } from "@multichat/channels/testing";
import { describe, expect, it } from "vitest";

type Jobs = { "job.run": { id: string } };
class Runs extends Consumer<Jobs> {
  jobRun(_event: EventOf<Jobs, "job.run">): void {}
}
class Plain extends WebSocketConsumer {}

describe("a protocol type router", () => {
  it("leads sockets and channels to their routers", async () => {
    const application = protocolTypeRouter({
      websocket: urlRouter([route("/ws", Plain)]),
      channel: channelNameRouter({ jobs: Runs }),
    });
    const client = new WebsocketCommunicator(application, "/ws");
    expect(await client.connect()).toMatchObject({ accepted: true });
    await client.disconnect();
    expect(application.channel.findConsumer({ channel: "jobs" })).toBe(Runs);
  });

  it("refuses what it was not given", async () => {
    const application = protocolTypeRouter({});
    expect(await new WebsocketCommunicator(application, "/ws").connect()).toMatchObject({ status: 404 });
    expect(application.channel.findConsumer({ channel: "jobs" })).toBeUndefined();
  });
});

describe("a channel name router", () => {
  it("knows its names, and no other", () => {
    const router = channelNameRouter({ jobs: Runs, "jobs.urgent": Runs });
    expect(router.names).toEqual(["jobs", "jobs.urgent"]);
    expect(router.findConsumer({ channel: "toString" })).toBeUndefined();
  });

  it("has no names that no channel can have", () => {
    expect(() => channelNameRouter({ "not a name": Runs })).toThrow("A channel name must be");
  });
});
