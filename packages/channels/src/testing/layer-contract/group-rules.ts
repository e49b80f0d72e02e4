import { expect } from "vitest";
import type { LayerContractFixture } from "./fixture.ts";

/** L9 membership and L10 isolation. */
export function groupRules(fixture: LayerContractFixture): void {
  fixture.testRule("L9", "delivers once to a channel that was added twice, and lets it go by one discard", async () => {
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
  });

  fixture.testRule("L9", "reaches a channel from the moment at which groupAdd resolved", async () => {
    const layer = await fixture.createLayer();
    const group = fixture.uniqueName("group");
    for (let round = 0; round < 20; round += 1) {
      const { inbox } = await fixture.createMember(layer, group);
      await layer.groupSend(group, { type: `round.${round}` });
      await inbox.waitForType(`round.${round}`);
    }
  });

  fixture.testRule("L9", "never reaches a channel after groupDiscard resolved", async () => {
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

  fixture.testRule("L9", "takes the discard of a non-member and of an unknown group", async () => {
    const layer = await fixture.createLayer();
    const group = fixture.uniqueName("group");
    const member = await fixture.createMember(layer, group);
    await expect(layer.groupDiscard(group, layer.newChannel())).resolves.toBeUndefined();
    await expect(layer.groupDiscard(fixture.uniqueName("unknown"), member.channel)).resolves.toBeUndefined();
    await layer.groupSend(group, { type: "still.there" });
    await member.inbox.waitForType("still.there");
  });

  fixture.testRule("L9", "ends a channel's memberships with its subscription", async () => {
    const layer = await fixture.createLayer();
    const [one, two] = [fixture.uniqueName("group"), fixture.uniqueName("group")];
    const witness = await fixture.createMember(layer, one);
    const gone = await fixture.createMember(layer, one);
    await layer.groupAdd(two, gone.channel);
    await gone.unsubscribe();
    await gone.unsubscribe();
    const successor = await fixture.createListener(layer, gone.channel);
    await layer.groupSend(two, { type: "two" });
    await layer.groupSend(one, { type: "one" });
    await witness.inbox.waitForType("one");
    expect(await fixture.receivedTypes(layer, successor)).toEqual([]);
    expect(gone.inbox.messages).toEqual([]);
    expect(layer.stats()).toMatchObject({ groups: 1, memberships: 1 });
  });

  fixture.testRule("L9", "lets a receiver leave and join while it is given a message", async () => {
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

  fixture.testRule("L10", "keeps groups apart", async () => {
    const layer = await fixture.createLayer();
    const [one, two] = [fixture.uniqueName("group"), fixture.uniqueName("group")];
    const [inOne, inTwo, inBoth] = [
      await fixture.createMember(layer, one),
      await fixture.createMember(layer, two),
      await fixture.createMember(layer, one),
    ];
    await layer.groupAdd(two, inBoth.channel);
    await layer.groupSend(one, { type: "one" });
    await layer.groupSend(two, { type: "two" });
    await inOne.inbox.waitForType("one");
    await inTwo.inbox.waitForType("two");
    await inBoth.inbox.waitForType("two");
    expect(await fixture.receivedTypes(layer, inOne)).toEqual(["one"]);
    expect(await fixture.receivedTypes(layer, inTwo)).toEqual(["two"]);
    expect((await fixture.receivedTypes(layer, inBoth)).toSorted()).toEqual(["one", "two"]);
  });

  fixture.testRule("L10", "tells names apart by case, and a group from a channel of its name", async () => {
    const layer = await fixture.createLayer();
    const base = fixture.uniqueName("room");
    const lower = await fixture.createMember(layer, base);
    const upper = await fixture.createMember(layer, base.toUpperCase());
    const namesake = await fixture.createListener(layer, base);
    await layer.groupSend(base, { type: "lower" });
    await layer.groupSend(base.toUpperCase(), { type: "upper" });
    await layer.send(base, { type: "direct" });
    await lower.inbox.waitForType("lower");
    await upper.inbox.waitForType("upper");
    await namesake.inbox.waitForType("direct");
    expect(await fixture.receivedTypes(layer, lower)).toEqual(["lower"]);
    expect(await fixture.receivedTypes(layer, upper)).toEqual(["upper"]);
    expect(await fixture.receivedTypes(layer, namesake)).toEqual(["direct"]);
  });

  fixture.testRule("L10", "keeps layers of different prefixes apart", async () => {
    const [here, there] = [await fixture.createLayer(), await fixture.createLayer()];
    const group = fixture.uniqueName("group");
    const channel = fixture.uniqueName("channel");
    const mine = await fixture.createListener(here, channel);
    const other = await fixture.createListener(there, channel);
    await here.groupAdd(group, channel);
    await there.groupAdd(group, channel);
    await here.groupSend(group, { type: "here" });
    await mine.inbox.waitForType("here");
    expect(await fixture.receivedTypes(there, other)).toEqual([]);
    await there.flush();
    await here.groupSend(group, { type: "still.here" });
    await mine.inbox.waitForType("still.here");
  });

  fixture.testRule(
    "L10",
    "joins layers of one prefix: groups and channels reach across",
    async () => {
      const prefix = fixture.uniqueName("prefix");
      const [here, there] = [await fixture.createLayer({ prefix }), await fixture.createLayer({ prefix })];
      const group = fixture.uniqueName("group");
      const [near, far] = [await fixture.createMember(here, group), await fixture.createMember(there, group)];
      await here.groupSend(group, { type: "from.here" });
      await there.groupSend(group, { type: "from.there" });
      for (const { inbox } of [near, far]) {
        const seen = await inbox.waitForCount(2);
        expect(seen.map((message) => message.type).toSorted()).toEqual(["from.here", "from.there"]);
      }
      await here.send(far.channel, { type: "direct" });
      await far.inbox.waitForType("direct");
      await there.groupDiscard(group, far.channel);
      await here.groupSend(group, { type: "without.far" });
      await near.inbox.waitForType("without.far");
      await here.send(far.channel, { type: "fence" });
      const seen = await far.inbox.waitForType("fence");
      expect(seen.map((message) => message.type)).not.toContain("without.far");
    },
    "peers",
  );
}
