import { expect } from "vitest";
import type { LayerContractFixture } from "./fixture.ts";

/** Tests L9 (membership), L10 (isolation) and L14 (exceptions). */
export function testGroupRules(fixture: LayerContractFixture): void {
  fixture.testRule(
    "L9",
    "delivers once to a channel that was added twice, and removes it with a single discard",
    async () => {
      const layer = await fixture.createLayer();
      const group = fixture.uniqueName("group");
      const [twice, witness] = [await fixture.createMember(layer, group), await fixture.createMember(layer, group)];
      await layer.groupAdd(group, twice.channel);
      await layer.groupSend(group, { type: "first" });
      await witness.inbox.waitForType("first");
      expect(await fixture.receivedTypes(layer, twice)).toEqual(["first"]);
      await layer.groupDiscard(group, twice.channel);
      await layer.groupSend(group, { type: "second" });
      await witness.inbox.waitForType("second");
      expect(await fixture.receivedTypes(layer, twice)).not.toContain("second");
    },
  );

  fixture.testRule("L9", "delivers to a channel as soon as groupAdd has resolved", async () => {
    const layer = await fixture.createLayer();
    const group = fixture.uniqueName("group");
    for (let round = 0; round < 20; round += 1) {
      const { inbox } = await fixture.createMember(layer, group);
      await layer.groupSend(group, { type: `round.${round}` });
      await inbox.waitForType(`round.${round}`);
    }
  });

  fixture.testRule("L9", "delivers nothing to a channel after groupDiscard has resolved", async () => {
    const layer = await fixture.createLayer();
    const group = fixture.uniqueName("group");
    const witness = await fixture.createMember(layer, group);
    for (let round = 0; round < 20; round += 1) {
      const leaver = await fixture.createMember(layer, group);
      await layer.groupDiscard(group, leaver.channel);
      await layer.groupSend(group, { type: `round.${round}` });
      await witness.inbox.waitForType(`round.${round}`);
      expect(await fixture.receivedTypes(layer, leaver)).toEqual([]);
    }
  });

  fixture.testRule("L9", "accepts the discard of a non-member and of an unknown group", async () => {
    const layer = await fixture.createLayer();
    const group = fixture.uniqueName("group");
    const member = await fixture.createMember(layer, group);
    await expect(layer.groupDiscard(group, layer.newChannel())).resolves.toBeUndefined();
    await expect(layer.groupDiscard(fixture.uniqueName("unknown"), member.channel)).resolves.toBeUndefined();
    await layer.groupSend(group, { type: "still.received" });
    await member.inbox.waitForType("still.received");
  });

  fixture.testRule("L9", "ends a channel's memberships with its subscription", async () => {
    const layer = await fixture.createLayer();
    const [groupA, groupB] = [fixture.uniqueName("group"), fixture.uniqueName("group")];
    const witness = await fixture.createMember(layer, groupA);
    const ended = await fixture.createMember(layer, groupA);
    await layer.groupAdd(groupB, ended.channel);
    await ended.unsubscribe();
    await ended.unsubscribe();
    const successor = await fixture.createListener(layer, ended.channel);
    await layer.groupSend(groupB, { type: "to.b" });
    await layer.groupSend(groupA, { type: "to.a" });
    await witness.inbox.waitForType("to.a");
    expect(await fixture.receivedTypes(layer, successor)).toEqual([]);
    expect(ended.inbox.messages).toEqual([]);
    expect(layer.stats()).toMatchObject({ groups: 1, memberships: 1 });
  });

  fixture.testRule("L9", "lets a receiver leave and join while it receives a message", async () => {
    const layer = await fixture.createLayer();
    const group = fixture.uniqueName("group");
    const members = [
      await fixture.createMember(layer, group),
      await fixture.createMember(layer, group),
      await fixture.createMember(layer, group),
    ];
    const witness = await fixture.createMember(layer, group);
    const changes: Promise<void>[] = [];
    for (const [index, { inbox, channel }] of members.entries()) {
      inbox.beforeDeliver = ({ message }) => {
        if (message.type !== "change") return;
        const next = members[(index + 1) % members.length]?.channel ?? channel;
        changes.push(layer.groupDiscard(group, channel), layer.groupAdd(group, next));
      };
    }
    await layer.groupSend(group, { type: "change" });
    await witness.inbox.waitForType("change");
    await Promise.all(changes);
    await layer.groupSend(group, { type: "after" });
    expect((await witness.inbox.waitForType("after")).map((message) => message.type)).toEqual(["change", "after"]);
    for (const member of members) {
      const seen = await fixture.receivedTypes(layer, member);
      expect(seen).toEqual([...new Set(seen)]);
    }
  });

  fixture.testRule("L14", "delivers to every member but the excepted one, in order with other messages", async () => {
    const layer = await fixture.createLayer();
    const group = fixture.uniqueName("group");
    const members = [
      await fixture.createMember(layer, group),
      await fixture.createMember(layer, group),
      await fixture.createMember(layer, group),
    ];
    const expected = new Map<string, string[]>(members.map(({ channel }) => [channel, []]));
    for (let round = 0; round < 12; round += 1) {
      const except = members[round % (members.length + 1)]?.channel;
      const type = `round.${round}`;
      await layer.groupSend(group, { type, round }, except === undefined ? {} : { except });
      for (const [channel, types] of expected) if (channel !== except) types.push(type);
    }
    await layer.groupSend(group, { type: "last" });
    for (const { channel, inbox } of members) {
      const messages = await inbox.waitForType("last");
      expect(messages.map(({ type }) => type)).toEqual([...(expected.get(channel) ?? []), "last"]);
      // The message is what was sent: the exception is not part of it (L2).
      for (const message of messages.slice(0, -1)) expect(Object.keys(message).sort()).toEqual(["round", "type"]);
    }
  });

  fixture.testRule("L14", "delivers to all when the exception is not a member, and checks its name", async () => {
    const layer = await fixture.createLayer();
    const group = fixture.uniqueName("group");
    const member = await fixture.createMember(layer, group);
    await layer.groupSend(group, { type: "first" }, { except: layer.newChannel() });
    await layer.groupSend(group, { type: "second" }, { except: fixture.uniqueName("named") });
    await member.inbox.waitForType("second");
    expect(await fixture.receivedTypes(layer, member)).toEqual(["first", "second"]);
    await expect(layer.groupSend(group, { type: "third" }, { except: "not a name" })).rejects.toMatchObject({
      code: "InvalidName",
    });
  });

  fixture.testRule("L10", "isolates groups", async () => {
    const layer = await fixture.createLayer();
    const [groupA, groupB] = [fixture.uniqueName("group"), fixture.uniqueName("group")];
    const [inGroupA, inGroupB, inBoth] = [
      await fixture.createMember(layer, groupA),
      await fixture.createMember(layer, groupB),
      await fixture.createMember(layer, groupA),
    ];
    await layer.groupAdd(groupB, inBoth.channel);
    await layer.groupSend(groupA, { type: "to.a" });
    await layer.groupSend(groupB, { type: "to.b" });
    await inGroupA.inbox.waitForType("to.a");
    await inGroupB.inbox.waitForType("to.b");
    await inBoth.inbox.waitForType("to.b");
    expect(await fixture.receivedTypes(layer, inGroupA)).toEqual(["to.a"]);
    expect(await fixture.receivedTypes(layer, inGroupB)).toEqual(["to.b"]);
    expect((await fixture.receivedTypes(layer, inBoth)).toSorted()).toEqual(["to.a", "to.b"]);
  });

  fixture.testRule("L10", "distinguishes names by case, and a group from a channel with the same name", async () => {
    const layer = await fixture.createLayer();
    const base = fixture.uniqueName("room");
    const lower = await fixture.createMember(layer, base);
    const upper = await fixture.createMember(layer, base.toUpperCase());
    const sameNameChannel = await fixture.createListener(layer, base);
    await layer.groupSend(base, { type: "lower" });
    await layer.groupSend(base.toUpperCase(), { type: "upper" });
    await layer.send(base, { type: "direct" });
    await lower.inbox.waitForType("lower");
    await upper.inbox.waitForType("upper");
    await sameNameChannel.inbox.waitForType("direct");
    expect(await fixture.receivedTypes(layer, lower)).toEqual(["lower"]);
    expect(await fixture.receivedTypes(layer, upper)).toEqual(["upper"]);
    expect(await fixture.receivedTypes(layer, sameNameChannel)).toEqual(["direct"]);
  });

  fixture.testRule("L10", "isolates layers with different prefixes", async () => {
    const [firstLayer, secondLayer] = [await fixture.createLayer(), await fixture.createLayer()];
    const group = fixture.uniqueName("group");
    const channel = fixture.uniqueName("channel");
    const inFirst = await fixture.createListener(firstLayer, channel);
    const inSecond = await fixture.createListener(secondLayer, channel);
    await firstLayer.groupAdd(group, channel);
    await secondLayer.groupAdd(group, channel);
    await firstLayer.groupSend(group, { type: "first" });
    await inFirst.inbox.waitForType("first");
    expect(await fixture.receivedTypes(secondLayer, inSecond)).toEqual([]);
    await secondLayer.flush();
    await firstLayer.groupSend(group, { type: "still.received" });
    await inFirst.inbox.waitForType("still.received");
  });

  fixture.testRule(
    "L10",
    "connects layers with the same prefix",
    async () => {
      const prefix = fixture.uniqueName("prefix");
      const [firstLayer, secondLayer] = [await fixture.createLayer({ prefix }), await fixture.createLayer({ prefix })];
      const group = fixture.uniqueName("group");
      const [near, far] = [
        await fixture.createMember(firstLayer, group),
        await fixture.createMember(secondLayer, group),
      ];
      await firstLayer.groupSend(group, { type: "from.first" });
      await secondLayer.groupSend(group, { type: "from.second" });
      for (const { inbox } of [near, far]) {
        const seen = await inbox.waitForCount(2);
        expect(seen.map((message) => message.type).toSorted()).toEqual(["from.first", "from.second"]);
      }
      await firstLayer.send(far.channel, { type: "direct" });
      await far.inbox.waitForType("direct");
      await secondLayer.groupDiscard(group, far.channel);
      await firstLayer.groupSend(group, { type: "without.far" });
      await near.inbox.waitForType("without.far");
      await firstLayer.send(far.channel, { type: "fence" });
      const seen = await far.inbox.waitForType("fence");
      expect(seen.map((message) => message.type)).not.toContain("without.far");
    },
    "peers",
  );

  fixture.testRule(
    "L14",
    "leaves out a member in another process",
    async () => {
      const prefix = fixture.uniqueName("prefix");
      const [firstLayer, secondLayer] = [await fixture.createLayer({ prefix }), await fixture.createLayer({ prefix })];
      const group = fixture.uniqueName("group");
      const [near, far] = [
        await fixture.createMember(firstLayer, group),
        await fixture.createMember(secondLayer, group),
      ];
      await firstLayer.groupSend(group, { type: "without.far" }, { except: far.channel });
      await firstLayer.groupSend(group, { type: "without.near" }, { except: near.channel });
      await firstLayer.groupSend(group, { type: "last" });
      const types = async ({ inbox }: typeof near) => (await inbox.waitForType("last")).map(({ type }) => type);
      expect(await types(near)).toEqual(["without.far", "last"]);
      expect(await types(far)).toEqual(["without.near", "last"]);
    },
    "peers",
  );
}
