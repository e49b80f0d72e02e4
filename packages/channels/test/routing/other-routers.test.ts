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
  it("routes WebSockets and channels to their applications", async () => {
    const application = protocolTypeRouter({
      websocket: urlRouter([route("/ws", Plain)]),
      channel: channelNameRouter({ jobs: Runs }),
    });
    const client = new WebsocketCommunicator(application, "/ws");
    expect(await client.connect()).toMatchObject({ accepted: true });
    await client.disconnect();
    expect(application.channel.findConsumer({ channel: "jobs" })).toBe(Runs);
  });

  it("refuses a scope type without an application", async () => {
    const application = protocolTypeRouter({});
    expect(await new WebsocketCommunicator(application, "/ws").connect()).toMatchObject({ status: 404 });
    expect(application.channel.findConsumer({ channel: "jobs" })).toBeUndefined();
  });
});

describe("a channel name router", () => {
  it("finds consumers for its own names only", () => {
    const router = channelNameRouter({ jobs: Runs, "jobs.urgent": Runs });
    expect(router.names).toEqual(["jobs", "jobs.urgent"]);
    expect(router.findConsumer({ channel: "toString" })).toBeUndefined();
  });

  it("rejects invalid channel names", () => {
    expect(() => channelNameRouter({ "not a name": Runs })).toThrow("A channel name must be");
  });
});
