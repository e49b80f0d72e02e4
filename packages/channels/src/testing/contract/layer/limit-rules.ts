import { expect } from "vitest";
import type { Drop } from "../../../layer/channel-layer.ts";
import type { LayerContractFixture } from "./fixture.ts";

/** Tests L6 (capacity) and L7 (expiry). */
export function testLimitRules(fixture: LayerContractFixture): void {
  fixture.testRule(
    "L6",
    "queues `capacity` messages for a channel, and rejects the next with ChannelFull",
    async () => {
      const layer = await fixture.createLayer({ capacity: 3 });
      const channel = layer.newChannel();
      for (let n = 0; n < 3; n += 1) await layer.send(channel, { type: "queued", n });
      const refused = { code: "ChannelFull", details: { channel } };
      await expect(layer.send(channel, { type: "refused" })).rejects.toMatchObject(refused);
      expect(await layer.receive(channel)).toEqual({ type: "queued", n: 0 });
      await layer.send(channel, { type: "queued", n: 3 });
      const queued = [await layer.receive(channel), await layer.receive(channel), await layer.receive(channel)];
      expect(queued.map((message) => message.n)).toEqual([1, 2, 3]);
    },
    "waiting",
  );

  fixture.testRule(
    "L6",
    "takes a channel's capacity from the first pattern that matches its name",
    async () => {
      const layer = await fixture.createLayer({
        capacity: 4,
        channelCapacity: [
          { channel: "exact.name", capacity: 1 },
          { channel: /^exact\.\d+$/g, capacity: 2 },
          { channel: "exact.*", capacity: 3 },
        ],
      });
      const expected = { "exact.name": 1, "exact.7": 2, "exact.8": 2, "exact.other": 3, inexact: 4 };
      for (const [channel, capacity] of Object.entries(expected)) {
        for (let n = 0; n < capacity; n += 1) await layer.send(channel, { type: "queued" });
        await expect(layer.send(channel, { type: "refused" })).rejects.toMatchObject({ code: "ChannelFull" });
      }
    },
    "namedWaiting",
  );

  fixture.testRule(
    "L6",
    "rejects a message with ChannelFull when the listener's mailbox is full",
    async () => {
      const layer = await fixture.createLayer();
      const { channel, inbox } = await fixture.createListener(layer);
      inbox.capacity = 1;
      await layer.send(channel, { type: "taken" });
      const refused = { code: "ChannelFull", details: { channel } };
      await expect(layer.send(channel, { type: "refused" })).rejects.toMatchObject(refused);
      expect(inbox.messages).toEqual([{ type: "taken" }]);
    },
    "backpressure",
  );

  fixture.testRule("L6", "skips a full member of a group, and counts and reports each drop", async () => {
    const layer = await fixture.createLayer();
    const drops: Drop[] = [];
    layer.onDrop((drop) => drops.push(drop));
    const group = fixture.uniqueName("group");
    const [full, free] = [await fixture.createMember(layer, group), await fixture.createMember(layer, group)];
    full.inbox.capacity = 1;
    for (let n = 0; n < 3; n += 1) await layer.groupSend(group, { type: "to.all", n });
    await free.inbox.waitForCount(3);
    const named = fixture.options.unsupported?.groupDrops === undefined ? { group } : {};
    const drop = { channel: full.channel, ...named, reason: "capacity", type: "to.all" };
    expect(drops).toEqual([drop, drop]);
    expect(layer.stats().dropped).toEqual({ capacity: 2, expired: 0, disconnected: 0 });
    expect(full.inbox.deliveries).toHaveLength(1);
  });

  fixture.testRule(
    "L6",
    "reports drops to every listener until it is removed, even when another one throws",
    async () => {
      const failures: unknown[] = [];
      const layer = await fixture.createLayer({ onError: (error) => failures.push(error) });
      const drops: string[] = [];
      layer.onDrop(() => {
        throw new Error("broken listener");
      });
      const stop = layer.onDrop(({ type }) => drops.push(type));
      const group = fixture.uniqueName("group");
      const [full, free] = [await fixture.createMember(layer, group), await fixture.createMember(layer, group)];
      full.inbox.capacity = 0;
      await layer.groupSend(group, { type: "reported" });
      await free.inbox.waitForType("reported");
      stop();
      await layer.groupSend(group, { type: "not.reported" });
      await free.inbox.waitForType("not.reported");
      expect(drops).toEqual(["reported"]);
      expect(failures).toHaveLength(2);
      expect(layer.stats().dropped.capacity).toBe(2);
    },
  );

  fixture.testTimedRule(
    "L7",
    "delivers messages younger than `expiryMs`, and never older ones",
    async () => {
      const { expiryMs } = fixture;
      const layer = await fixture.createLayer({ expiryMs });
      const channel = layer.newChannel();
      await layer.send(channel, { type: "old" });
      await fixture.advance(expiryMs + 1);
      await layer.send(channel, { type: "young" });
      const { inbox } = await fixture.createListener(layer, channel);
      expect(await inbox.waitForCount(1)).toEqual([{ type: "young" }]);
      const other = layer.newChannel();
      await layer.send(other, { type: "old" });
      await fixture.advance(expiryMs + 1);
      await layer.send(other, { type: "young" });
      expect(await layer.receive(other)).toEqual({ type: "young" });
    },
    "waiting",
  );

  fixture.testTimedRule(
    "L7",
    "frees the place of an expired message in a full channel",
    async () => {
      const { expiryMs } = fixture;
      const layer = await fixture.createLayer({ expiryMs, capacity: 1 });
      const channel = layer.newChannel();
      // A periodic sweep starts with this message, so it does not coincide with the expiry of the next one.
      await layer.send(layer.newChannel(), { type: "earlier" });
      await fixture.advance(expiryMs * 0.5);
      await layer.send(channel, { type: "old" });
      await fixture.advance(expiryMs * 1.1);
      await layer.send(channel, { type: "young" });
      expect(await layer.receive(channel)).toEqual({ type: "young" });
    },
    "waiting",
  );

  fixture.testTimedRule(
    "L7",
    "counts and reports expired messages, and releases their channels",
    async () => {
      const { expiryMs } = fixture;
      const layer = await fixture.createLayer({ expiryMs });
      const drops: Drop[] = [];
      layer.onDrop((drop) => drops.push(drop));
      const [channel, other] = [layer.newChannel(), layer.newChannel()];
      await layer.send(channel, { type: "first" });
      await fixture.advance(expiryMs * 0.6);
      await layer.send(other, { type: "second" });
      await fixture.advance(expiryMs * 2 + 2);
      expect(drops).toEqual([
        { channel, reason: "expired", type: "first" },
        { channel: other, reason: "expired", type: "second" },
      ]);
      expect(layer.stats()).toMatchObject({ channels: 0, dropped: { capacity: 0, expired: 2, disconnected: 0 } });
    },
    "expiryReports",
  );

  fixture.testTimedRule(
    "L7",
    "ends a membership `groupExpiryMs` after its last groupAdd, unless its channel has a listener",
    async () => {
      const groupExpiryMs = fixture.expiryMs;
      const layer = await fixture.createLayer({ groupExpiryMs });
      const group = fixture.uniqueName("group");
      const listening = await fixture.createMember(layer, group);
      // Offset in time, so that the membership expires between two sweeps of the layer.
      await fixture.advance(groupExpiryMs * 0.4);
      const lapsed = layer.newChannel("lapsed");
      const renewed = layer.newChannel("renewed");
      for (const channel of [lapsed, renewed]) await layer.groupAdd(group, channel);
      await fixture.advance(groupExpiryMs * 0.4);
      await layer.groupAdd(group, renewed);
      for (let step = 0; step < 4; step += 1) await fixture.advance(groupExpiryMs * 0.2);
      await layer.groupSend(group, { type: "late" });
      await listening.inbox.waitForType("late");
      expect(await layer.receive(renewed)).toEqual({ type: "late" });
      expect(layer.stats().memberships).toBe(2);
      await layer.groupAdd(group, lapsed);
      await layer.groupSend(group, { type: "again" });
      expect(await layer.receive(lapsed), "the first message since").toEqual({ type: "again" });
      await listening.inbox.waitForType("again");
    },
    "groupExpiry",
  );

  fixture.testRule("L6", "rejects limits that are not positive whole numbers, naming the option", async () => {
    const wrong = [
      ["capacity", { capacity: 0 }],
      ["expiryMs", { expiryMs: Number.NaN }],
      ["groupExpiryMs", { groupExpiryMs: -1 }],
      ["channelCapacity[0].capacity", { channelCapacity: [{ channel: "a", capacity: 0.5 }] }],
      ["channelCapacity[0].channel", { channelCapacity: [{ channel: "a*b", capacity: 1 }] }],
    ] as const;
    for (const [option, options] of wrong) {
      const refused = { code: "InvalidOption", details: { option } };
      await expect((async () => await fixture.createLayer(options))()).rejects.toMatchObject(refused);
    }
  });
}
