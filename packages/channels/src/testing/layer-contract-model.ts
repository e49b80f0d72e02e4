import fc from "fast-check";
import { expect } from "vitest";
import type { ChannelLayer } from "../layer/channel-layer.ts";
import type { LayerContractKit, Listener } from "./layer-contract-kit.ts";

const channelCount = 4;
const groupCount = 3;
const capacity = 3;

type Operation = {
  readonly do: "subscribe" | "unsubscribe" | "add" | "discard" | "send" | "groupSend" | "receive" | "flush";
  readonly channel: number;
  readonly group: number;
};

/** A numbered message and the way it went: the group it was sent to, or "direct". */
type Sent = { readonly n: number; readonly via: string };

/** What should be in one channel: who listens, what that one should have got, and what waits. */
interface ModelChannel {
  readonly name: string;
  listener: Listener | undefined;
  expected: Sent[];
  waiting: Sent[];
}

/** The layer as a reader of the rules understands it: no time, nothing clever. */
class Model {
  readonly channels: readonly ModelChannel[];
  readonly groups: readonly { readonly name: string; readonly members: Set<ModelChannel> }[];
  drops = 0;

  constructor(kit: LayerContractKit) {
    this.channels = Array.from({ length: channelCount }, () => ({
      name: kit.name("channel"),
      listener: undefined,
      expected: [],
      waiting: [],
    }));
    this.groups = Array.from({ length: groupCount }, () => ({ name: kit.name("group"), members: new Set() }));
  }

  /** False when the channel is full. */
  put(channel: ModelChannel, sent: Sent): boolean {
    if (channel.listener !== undefined) channel.expected.push(sent);
    else if (channel.waiting.length < capacity) channel.waiting.push(sent);
    else {
      this.drops += 1;
      return false;
    }
    return true;
  }

  leave(channel: ModelChannel): void {
    for (const group of this.groups) group.members.delete(channel);
    channel.listener = undefined;
    channel.expected = [];
    channel.waiting = [];
  }
}

/** Random operations, done to the layer and to a simple model of it, which must agree at every step. */
export function modelRules(kit: LayerContractKit): void {
  const { cannot } = kit.options;
  const waits = cannot?.waiting === undefined && cannot?.namedWaiting === undefined;
  const operation = fc.record<Operation>({
    do: fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom("subscribe" as const, "add" as const) },
      { weight: 2, arbitrary: fc.constantFrom("unsubscribe" as const, "discard" as const, "receive" as const) },
      { weight: 5, arbitrary: fc.constantFrom("send" as const, "groupSend" as const) },
      { weight: 1, arbitrary: fc.constant("flush" as const) },
    ),
    channel: fc.nat({ max: channelCount - 1 }),
    group: fc.nat({ max: groupCount - 1 }),
  });

  kit.rule("L5", "agrees with a simple model through random operations (with L3, L4, L6, L9, L10, L12)", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(operation, { maxLength: 60, size: "max" }), async (operations) => {
        // A layer for each run: what a failing one leaves behind must not fail its smaller versions.
        const layer = await kit.layer({ capacity });
        const before = layer.stats().dropped.capacity;
        const model = new Model(kit);
        for (const [n, next] of operations.entries()) {
          // What is on its way fills a channel, and reaches who joins meanwhile: only a settled layer can be foretold.
          if (cannot?.instant !== undefined) await arrived(model);
          await step(kit, layer, model, next, n, waits);
        }
        for (const { listener, expected } of model.channels) {
          if (listener === undefined) continue;
          await holds(listener, expected);
          await kit.upToNow(layer, listener);
          await holds(listener, expected);
          await listener.end();
        }
        expect(layer.stats().dropped.capacity - before).toBe(model.drops);
        await layer.flush();
        expect(layer.stats()).toMatchObject({ channels: 0, groups: 0, memberships: 0 });
        await layer.close();
      }),
      { numRuns: kit.runs },
    );
  });
}

async function step(
  kit: LayerContractKit,
  layer: ChannelLayer,
  model: Model,
  operation: Operation,
  n: number,
  waits: boolean,
): Promise<void> {
  const channel = model.channels[operation.channel];
  const group = model.groups[operation.group];
  if (channel === undefined || group === undefined) throw new Error("The operation names what the model has.");
  switch (operation.do) {
    case "subscribe":
      if (channel.listener !== undefined) {
        return await expect(kit.listen(layer, channel.name)).rejects.toMatchObject({ code: "ChannelTaken" });
      }
      channel.listener = await kit.listen(layer, channel.name);
      channel.expected = channel.waiting.splice(0);
      return;
    case "unsubscribe":
      if (channel.listener === undefined) return;
      await holds(channel.listener, channel.expected);
      await channel.listener.end();
      return model.leave(channel);
    case "add":
      // A layer that keeps nothing for later has members that listen, and no others.
      if (!waits && channel.listener === undefined) return;
      await layer.groupAdd(group.name, channel.name);
      group.members.add(channel);
      return;
    case "discard":
      await layer.groupDiscard(group.name, channel.name);
      group.members.delete(channel);
      return;
    case "send": {
      if (!waits && channel.listener === undefined) return;
      const sent = { n, via: "direct" };
      const fits = model.put(channel, sent);
      const sending = layer.send(channel.name, { type: "numbered", ...sent });
      if (fits) return await sending;
      return await expect(sending).rejects.toMatchObject({ code: "ChannelFull" });
    }
    case "groupSend": {
      const sent = { n, via: group.name };
      for (const member of group.members) model.put(member, sent);
      return await layer.groupSend(group.name, { type: "numbered", ...sent });
    }
    case "receive": {
      const first = channel.waiting.shift();
      if (first === undefined) return;
      expect(await layer.receive(channel.name)).toEqual({ type: "numbered", ...first });
      return;
    }
    case "flush":
      // What is still on its way to a listener may be flushed or not; only what arrived before can be foretold.
      await arrived(model);
      await layer.flush();
      for (const { members } of model.groups) members.clear();
      for (const { waiting } of model.channels) waiting.length = 0;
      return;
  }
}

/** Waits until every listener has what the model says. */
async function arrived(model: Model): Promise<void> {
  for (const { listener, expected } of model.channels) if (listener !== undefined) await holds(listener, expected);
}

/** Waits for the messages and compares: the same ones, and those of each way in the order of sending (L4). */
async function holds({ inbox }: Listener, expected: readonly Sent[]): Promise<void> {
  const numbered = () => inbox.messages.filter((message) => message.type === "numbered");
  await inbox.holds(expected.length);
  expect(byWay(numbered())).toEqual(byWay(expected));
}

function byWay(messages: readonly { readonly [key: string]: unknown }[]): Record<string, unknown[]> {
  const ways = Map.groupBy(messages, ({ via }) => String(via));
  return Object.fromEntries([...ways].map(([way, sent]) => [way, sent.map(({ n }) => n)]));
}
