import fc from "fast-check";
import { expect } from "vitest";
import type { ChannelLayer } from "../../../layer/channel-layer.ts";
import type { LayerContractFixture, Listener } from "./fixture.ts";

const CHANNEL_COUNT = 4;
const GROUP_COUNT = 3;
const CAPACITY = 3;

type Operation = {
  readonly do: "subscribe" | "unsubscribe" | "add" | "discard" | "send" | "groupSend" | "receive" | "flush";
  readonly channel: number;
  readonly group: number;
};

/** A numbered message and its route: the group to which it was sent, or "direct". */
type SentMessage = { readonly n: number; readonly route: string };

/** The expected state of a channel: its listener, the messages that it should have received, and the queue. */
interface ModelChannel {
  readonly name: string;
  listener: Listener | undefined;
  expected: SentMessage[];
  waiting: SentMessage[];
}

/** The simplest implementation of the rules, without time. */
class Model {
  readonly channels: readonly ModelChannel[];
  readonly groups: readonly { readonly name: string; readonly members: Set<ModelChannel> }[];
  drops = 0;

  constructor(fixture: LayerContractFixture) {
    this.channels = Array.from({ length: CHANNEL_COUNT }, () => ({
      name: fixture.uniqueName("channel"),
      listener: undefined,
      expected: [],
      waiting: [],
    }));
    this.groups = Array.from({ length: GROUP_COUNT }, () => ({
      name: fixture.uniqueName("group"),
      members: new Set(),
    }));
  }

  /** Delivers or queues a message; returns false when the channel is full. */
  deliver(channel: ModelChannel, sent: SentMessage): boolean {
    if (channel.listener !== undefined) channel.expected.push(sent);
    else if (channel.waiting.length < CAPACITY) channel.waiting.push(sent);
    else {
      this.drops += 1;
      return false;
    }
    return true;
  }

  unsubscribe(channel: ModelChannel): void {
    for (const group of this.groups) group.members.delete(channel);
    channel.listener = undefined;
    channel.expected = [];
    channel.waiting = [];
  }
}

/** Applies random operations to the layer and to a simple model, which must agree after every step. */
export function testModel(fixture: LayerContractFixture): void {
  const { unsupported } = fixture.options;
  const canQueue = unsupported?.waiting === undefined && unsupported?.namedWaiting === undefined;
  const operation = fc.record<Operation>({
    do: fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom("subscribe" as const, "add" as const) },
      { weight: 2, arbitrary: fc.constantFrom("unsubscribe" as const, "discard" as const, "receive" as const) },
      { weight: 5, arbitrary: fc.constantFrom("send" as const, "groupSend" as const) },
      { weight: 1, arbitrary: fc.constant("flush" as const) },
    ),
    channel: fc.nat({ max: CHANNEL_COUNT - 1 }),
    group: fc.nat({ max: GROUP_COUNT - 1 }),
  });

  fixture.testRule(
    "L5",
    "agrees with a simple model in random operations (with L3, L4, L6, L9, L10, L12)",
    async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(operation, { maxLength: 60, size: "max" }), async (operations) => {
          // A new layer for each run, so that the leftovers of a failing run cannot affect its shrunk versions.
          const layer = await fixture.createLayer({ capacity: CAPACITY });
          const before = layer.stats().dropped.capacity;
          const model = new Model(fixture);
          for (const [n, next] of operations.entries()) {
            // A message in transit can fill a channel or reach a new member, so its effect could not be predicted.
            if (unsupported?.instant !== undefined) await waitForDeliveries(model);
            await runOperation(fixture, layer, model, next, n, canQueue);
          }
          for (const { listener, expected } of model.channels) {
            if (listener === undefined) continue;
            await expectReceived(listener, expected);
            await fixture.receivedTypes(layer, listener);
            await expectReceived(listener, expected);
            await listener.unsubscribe();
          }
          expect(layer.stats().dropped.capacity - before).toBe(model.drops);
          await layer.flush();
          expect(layer.stats()).toMatchObject({ channels: 0, groups: 0, memberships: 0 });
          await layer.close();
        }),
        { numRuns: fixture.runs },
      );
    },
  );
}

async function runOperation(
  fixture: LayerContractFixture,
  layer: ChannelLayer,
  model: Model,
  operation: Operation,
  n: number,
  canQueue: boolean,
): Promise<void> {
  const channel = model.channels[operation.channel];
  const group = model.groups[operation.group];
  if (channel === undefined || group === undefined) throw new Error("The operation names an unknown channel or group.");
  switch (operation.do) {
    case "subscribe":
      if (channel.listener !== undefined) {
        return await expect(fixture.createListener(layer, channel.name)).rejects.toMatchObject({
          code: "ChannelTaken",
        });
      }
      channel.listener = await fixture.createListener(layer, channel.name);
      channel.expected = channel.waiting.splice(0);
      return;
    case "unsubscribe":
      if (channel.listener === undefined) return;
      await expectReceived(channel.listener, channel.expected);
      await channel.listener.unsubscribe();
      return model.unsubscribe(channel);
    case "add":
      // If the layer does not queue messages, only channels with a listener can be members.
      if (!canQueue && channel.listener === undefined) return;
      await layer.groupAdd(group.name, channel.name);
      group.members.add(channel);
      return;
    case "discard":
      await layer.groupDiscard(group.name, channel.name);
      group.members.delete(channel);
      return;
    case "send": {
      if (!canQueue && channel.listener === undefined) return;
      const sent = { n, route: "direct" };
      const fits = model.deliver(channel, sent);
      const sending = layer.send(channel.name, { type: "numbered", ...sent });
      if (fits) return await sending;
      return await expect(sending).rejects.toMatchObject({ code: "ChannelFull" });
    }
    case "groupSend": {
      const sent = { n, route: group.name };
      for (const member of group.members) model.deliver(member, sent);
      await layer.groupSend(group.name, { type: "numbered", ...sent });
      return;
    }
    case "receive": {
      const first = channel.waiting.shift();
      if (first === undefined) return;
      expect(await layer.receive(channel.name)).toEqual({ type: "numbered", ...first });
      return;
    }
    case "flush":
      // Whether a message in transit is flushed could not be predicted.
      await waitForDeliveries(model);
      await layer.flush();
      for (const { members } of model.groups) members.clear();
      for (const { waiting } of model.channels) waiting.length = 0;
      return;
  }
}

/** Waits until every listener has received the expected messages. */
async function waitForDeliveries(model: Model): Promise<void> {
  for (const { listener, expected } of model.channels)
    if (listener !== undefined) await expectReceived(listener, expected);
}

/** Waits for the expected messages and compares them by route, because only their order is guaranteed (L4). */
async function expectReceived({ inbox }: Listener, expected: readonly SentMessage[]): Promise<void> {
  const numbered = () => inbox.messages.filter((message) => message.type === "numbered");
  await inbox.waitForCount(expected.length);
  expect(groupByRoute(numbered())).toEqual(groupByRoute(expected));
}

function groupByRoute(messages: readonly { readonly [key: string]: unknown }[]): Record<string, unknown[]> {
  const routes = Map.groupBy(messages, ({ route }) => String(route));
  return Object.fromEntries([...routes].map(([route, sent]) => [route, sent.map(({ n }) => n)]));
}
