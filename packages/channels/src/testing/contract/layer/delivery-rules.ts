import fc from "fast-check";
import { expect } from "vitest";
import type { LayerMessage } from "../../../layer/channel-layer.ts";
import type { LayerContractFixture } from "./fixture.ts";

const numbered = (count: number, from = 0) =>
  Array.from({ length: count }, (_, index): LayerMessage => ({ type: "numbered", n: from + index }));
const numbers = (messages: readonly LayerMessage[]) => messages.map((message) => message.n);

/** Tests L3 (no receiver), L4 (order), L5 (at most once) and L8 (independent receivers). */
export function testDeliveryRules(fixture: LayerContractFixture): void {
  fixture.testRule("L3", "accepts a message for a channel without a receiver", async () => {
    const layer = await fixture.createLayer();
    await expect(layer.send(layer.newChannel(), { type: "hello" })).resolves.toBeUndefined();
    await expect(layer.send("plain-name", { type: "hello" })).resolves.toBeUndefined();
  });

  fixture.testRule("L3", "accepts a message for a group without members", async () => {
    const layer = await fixture.createLayer();
    await expect(layer.groupSend(fixture.uniqueName("empty"), { type: "hello" })).resolves.toBeUndefined();
  });

  fixture.testRule(
    "L3",
    "queues messages for a later listener, which receives them first and in order",
    async () => {
      const layer = await fixture.createLayer();
      const channel = fixture.uniqueName("later");
      await layer.send(channel, { type: "numbered", n: 0 });
      await layer.send(channel, { type: "numbered", n: 1 });
      const { inbox } = await fixture.createListener(layer, channel);
      await layer.send(channel, { type: "numbered", n: 2 });
      expect(numbers(await inbox.waitForCount(3))).toEqual([0, 1, 2]);
    },
    "namedWaiting",
  );

  fixture.testRule(
    "L3",
    "queues a group's messages for a member that receives later",
    async () => {
      const layer = await fixture.createLayer();
      const [group, channel] = [fixture.uniqueName("group"), fixture.uniqueName("later")];
      await layer.groupAdd(group, channel);
      await layer.groupSend(group, { type: "queued" });
      expect(await layer.receive(channel)).toEqual({ type: "queued" });
    },
    "waiting",
  );

  fixture.testRule("L4", "keeps a sender's order in a channel, without waiting between sends", async () => {
    const layer = await fixture.createLayer();
    const { channel, inbox } = await fixture.createListener(layer);
    await Promise.all(numbered(500).map((message) => layer.send(channel, message)));
    expect(numbers(await inbox.waitForCount(500))).toEqual(numbers(numbered(500)));
  });

  fixture.testRule("L4", "keeps a sender's order in a group, at every member", async () => {
    const layer = await fixture.createLayer();
    const group = fixture.uniqueName("group");
    const members = [
      await fixture.createMember(layer, group),
      await fixture.createMember(layer, group),
      await fixture.createMember(layer, group),
    ];
    await Promise.all(numbered(300).map((message) => layer.groupSend(group, message)));
    for (const { inbox } of members) expect(numbers(await inbox.waitForCount(300))).toEqual(numbers(numbered(300)));
  });

  fixture.testRule("L4", "keeps every sender's order when several send concurrently", async () => {
    const layer = await fixture.createLayer();
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat({ max: 3 }), { maxLength: 60 }), async (senders) => {
        const group = fixture.uniqueName("group");
        const members = [await fixture.createMember(layer, group), await fixture.createMember(layer, group)];
        await Promise.all(senders.map((from, n) => layer.groupSend(group, { type: "numbered", from, n })));
        for (const { inbox, unsubscribe: end } of members) {
          const arrived = await inbox.waitForCount(senders.length);
          for (const sender of [0, 1, 2, 3]) {
            const sent = senders.flatMap((from, n) => (from === sender ? [n] : []));
            expect(numbers(arrived.filter((message) => message.from === sender))).toEqual(sent);
          }
          await end();
        }
      }),
      { numRuns: Math.min(fixture.runs, 30) },
    );
  });

  fixture.testRule("L4", "keeps the order when a receiver sends while it receives a message", async () => {
    const layer = await fixture.createLayer();
    const group = fixture.uniqueName("group");
    const members = [await fixture.createMember(layer, group), await fixture.createMember(layer, group)];
    const echoes: Promise<unknown>[] = [];
    const [echo] = members;
    if (echo !== undefined) {
      echo.inbox.beforeDeliver = ({ message }) => {
        if (message.type === "numbered") echoes.push(layer.groupSend(group, { type: "echo", n: message.n ?? null }));
      };
    }
    await layer.groupSend(group, { type: "numbered", n: 0 });
    for (const { inbox } of members) {
      const arrived = await inbox.waitForCount(2);
      expect(arrived.map((message) => message.type)).toEqual(["numbered", "echo"]);
    }
    await Promise.all(echoes);
  });

  fixture.testRule("L5", "delivers each message once", async () => {
    const layer = await fixture.createLayer();
    const group = fixture.uniqueName("group");
    const member = await fixture.createMember(layer, group);
    await Promise.all(numbered(100).map((message) => layer.groupSend(group, message)));
    await member.inbox.waitForCount(100);
    expect(await fixture.receivedTypes(layer, member)).toHaveLength(100);
  });

  fixture.testRule("L5", "delivers each message to only one of several pending receives", async () => {
    const layer = await fixture.createLayer();
    const channel = layer.newChannel("shared");
    const received = [layer.receive(channel), layer.receive(channel), layer.receive(channel)];
    for (const message of numbered(3)) await layer.send(channel, message);
    expect(numbers(await Promise.all(received)).toSorted()).toEqual([0, 1, 2]);
  });

  fixture.testRule("L5", "rejects a second listener or receive with ChannelTaken", async () => {
    const layer = await fixture.createLayer();
    const first = await fixture.createListener(layer);
    const channelTaken = { code: "ChannelTaken", details: { channel: first.channel } };
    await expect(fixture.createListener(layer, first.channel)).rejects.toMatchObject(channelTaken);
    await expect(layer.receive(first.channel)).rejects.toMatchObject(channelTaken);
    await layer.send(first.channel, { type: "for.first" });
    await first.inbox.waitForType("for.first");
    await first.unsubscribe();
    const second = await fixture.createListener(layer, first.channel);
    // A repeated unsubscribe must not end the new subscription.
    await first.unsubscribe();
    await layer.send(second.channel, { type: "for.second" });
    await second.inbox.waitForType("for.second");
    expect(first.inbox.messages).toEqual([{ type: "for.first" }]);
  });

  fixture.testRule("L5", "rejects a listener while a receive is pending", async () => {
    const layer = await fixture.createLayer();
    const channel = layer.newChannel("pending");
    const received = layer.receive(channel);
    await expect(fixture.createListener(layer, channel)).rejects.toMatchObject({
      code: "ChannelTaken",
      details: { channel },
    });
    await layer.send(channel, { type: "for.receive" });
    expect(await received).toEqual({ type: "for.receive" });
  });

  fixture.testRule("L5", "loses no message when a pending receive is aborted", async () => {
    const layer = await fixture.createLayer();
    const channel = layer.newChannel("aborted");
    const abort = new AbortController();
    const received = layer.receive(channel, { signal: abort.signal });
    abort.abort(new Error("enough"));
    await expect(received).rejects.toThrow("enough");
    await expect(layer.receive(channel, { signal: abort.signal })).rejects.toThrow("enough");
    const { inbox } = await fixture.createListener(layer, channel);
    await layer.send(channel, { type: "next" });
    expect(await inbox.waitForCount(1)).toEqual([{ type: "next" }]);
  });

  fixture.testRule(
    "L8",
    "delivers to the others when a receiver throws, and the next message to that one too",
    async () => {
      const failures: [unknown, string][] = [];
      const layer = await fixture.createLayer({ onError: (error, channel) => failures.push([error, channel]) });
      const group = fixture.uniqueName("group");
      const members = [
        await fixture.createMember(layer, group),
        await fixture.createMember(layer, group),
        await fixture.createMember(layer, group),
      ];
      const [first, broken, last] = members;
      const failure = new Error("broken receiver");
      if (broken !== undefined) {
        broken.inbox.beforeDeliver = ({ message }) => {
          if (message.type === "breaks") throw failure;
        };
      }
      await layer.groupSend(group, { type: "breaks" });
      await layer.groupSend(group, { type: "works" });
      for (const working of [first, last]) {
        expect(await working?.inbox.waitForCount(2)).toEqual([{ type: "breaks" }, { type: "works" }]);
      }
      expect(await broken?.inbox.waitForCount(1)).toEqual([{ type: "works" }]);
      expect(failures).toEqual([[failure, broken?.channel]]);
      expect(layer.stats().failed).toBe(1);
    },
  );

  fixture.testRule("L8", "delivers to the others when a receiver accepts nothing", async () => {
    const layer = await fixture.createLayer();
    const group = fixture.uniqueName("group");
    const [stuck, healthy] = [await fixture.createMember(layer, group), await fixture.createMember(layer, group)];
    stuck.inbox.capacity = 0;
    await Promise.all(numbered(200).map((message) => layer.groupSend(group, message)));
    expect(numbers(await healthy.inbox.waitForCount(200))).toEqual(numbers(numbered(200)));
  });
}
