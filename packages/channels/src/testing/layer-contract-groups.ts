import { expect } from "vitest";
import type { LayerContractKit } from "./layer-contract-kit.ts";

/** L9 membership and L10 isolation. */
export function groupRules(kit: LayerContractKit): void {
  kit.rule("L9", "delivers once to a channel that was added twice, and lets it go by one discard", async () => {
    const layer = await kit.layer();
    const group = kit.name("group");
    const [twice, witness] = [await kit.member(layer, group), await kit.member(layer, group)];
    await layer.groupAdd(group, twice.channel);
    await layer.groupSend(group, { type: "first" });
    await witness.inbox.sees("first");
    expect(await kit.upToNow(layer, twice)).toEqual(["first"]);
    await layer.groupDiscard(group, twice.channel);
    await layer.groupSend(group, { type: "second" });
    await witness.inbox.sees("second");
    expect(await kit.upToNow(layer, twice)).not.toContain("second");
  });

  kit.rule("L9", "reaches a channel from the moment at which groupAdd resolved", async () => {
    const layer = await kit.layer();
    const group = kit.name("group");
    for (let round = 0; round < 20; round += 1) {
      const { inbox } = await kit.member(layer, group);
      await layer.groupSend(group, { type: `round.${round}` });
      await inbox.sees(`round.${round}`);
    }
  });

  kit.rule("L9", "never reaches a channel after groupDiscard resolved", async () => {
    const layer = await kit.layer();
    const group = kit.name("group");
    const witness = await kit.member(layer, group);
    for (let round = 0; round < 20; round += 1) {
      const leaver = await kit.member(layer, group);
      await layer.groupDiscard(group, leaver.channel);
      await layer.groupSend(group, { type: `round.${round}` });
      await witness.inbox.sees(`round.${round}`);
      expect(await kit.upToNow(layer, leaver)).toEqual([]);
    }
  });

  kit.rule("L9", "takes the discard of a non-member and of an unknown group", async () => {
    const layer = await kit.layer();
    const group = kit.name("group");
    const member = await kit.member(layer, group);
    await expect(layer.groupDiscard(group, layer.newChannel())).resolves.toBeUndefined();
    await expect(layer.groupDiscard(kit.name("unknown"), member.channel)).resolves.toBeUndefined();
    await layer.groupSend(group, { type: "still.there" });
    await member.inbox.sees("still.there");
  });

  kit.rule("L9", "ends a channel's memberships with its subscription", async () => {
    const layer = await kit.layer();
    const [one, two] = [kit.name("group"), kit.name("group")];
    const witness = await kit.member(layer, one);
    const gone = await kit.member(layer, one);
    await layer.groupAdd(two, gone.channel);
    await gone.end();
    await gone.end();
    const successor = await kit.listen(layer, gone.channel);
    await layer.groupSend(two, { type: "two" });
    await layer.groupSend(one, { type: "one" });
    await witness.inbox.sees("one");
    expect(await kit.upToNow(layer, successor)).toEqual([]);
    expect(gone.inbox.messages).toEqual([]);
    expect(layer.stats()).toMatchObject({ groups: 1, memberships: 1 });
  });

  kit.rule("L9", "lets a receiver leave and join while it is given a message", async () => {
    const layer = await kit.layer();
    const group = kit.name("group");
    const members = [await kit.member(layer, group), await kit.member(layer, group), await kit.member(layer, group)];
    const witness = await kit.member(layer, group);
    const changes: Promise<void>[] = [];
    for (const [index, { inbox, channel }] of members.entries()) {
      inbox.before = ({ message }) => {
        if (message.type !== "change") return;
        const next = members[(index + 1) % members.length]?.channel ?? channel;
        changes.push(layer.groupDiscard(group, channel), layer.groupAdd(group, next));
      };
    }
    await layer.groupSend(group, { type: "change" });
    await witness.inbox.sees("change");
    await Promise.all(changes);
    await layer.groupSend(group, { type: "after" });
    expect((await witness.inbox.sees("after")).map((message) => message.type)).toEqual(["change", "after"]);
    for (const member of members) {
      const seen = await kit.upToNow(layer, member);
      expect(seen).toEqual([...new Set(seen)]);
    }
  });

  kit.rule("L10", "keeps groups apart", async () => {
    const layer = await kit.layer();
    const [one, two] = [kit.name("group"), kit.name("group")];
    const [inOne, inTwo, inBoth] = [
      await kit.member(layer, one),
      await kit.member(layer, two),
      await kit.member(layer, one),
    ];
    await layer.groupAdd(two, inBoth.channel);
    await layer.groupSend(one, { type: "one" });
    await layer.groupSend(two, { type: "two" });
    await inOne.inbox.sees("one");
    await inTwo.inbox.sees("two");
    await inBoth.inbox.sees("two");
    expect(await kit.upToNow(layer, inOne)).toEqual(["one"]);
    expect(await kit.upToNow(layer, inTwo)).toEqual(["two"]);
    expect((await kit.upToNow(layer, inBoth)).toSorted()).toEqual(["one", "two"]);
  });

  kit.rule("L10", "tells names apart by case, and a group from a channel of its name", async () => {
    const layer = await kit.layer();
    const base = kit.name("room");
    const lower = await kit.member(layer, base);
    const upper = await kit.member(layer, base.toUpperCase());
    const namesake = await kit.listen(layer, base);
    await layer.groupSend(base, { type: "lower" });
    await layer.groupSend(base.toUpperCase(), { type: "upper" });
    await layer.send(base, { type: "direct" });
    await lower.inbox.sees("lower");
    await upper.inbox.sees("upper");
    await namesake.inbox.sees("direct");
    expect(await kit.upToNow(layer, lower)).toEqual(["lower"]);
    expect(await kit.upToNow(layer, upper)).toEqual(["upper"]);
    expect(await kit.upToNow(layer, namesake)).toEqual(["direct"]);
  });

  kit.rule("L10", "keeps layers of different prefixes apart", async () => {
    const [here, there] = [await kit.layer(), await kit.layer()];
    const group = kit.name("group");
    const channel = kit.name("channel");
    const mine = await kit.listen(here, channel);
    const other = await kit.listen(there, channel);
    await here.groupAdd(group, channel);
    await there.groupAdd(group, channel);
    await here.groupSend(group, { type: "here" });
    await mine.inbox.sees("here");
    expect(await kit.upToNow(there, other)).toEqual([]);
    await there.flush();
    await here.groupSend(group, { type: "still.here" });
    await mine.inbox.sees("still.here");
  });

  kit.rule(
    "L10",
    "joins layers of one prefix: groups and channels reach across",
    async () => {
      const prefix = kit.name("prefix");
      const [here, there] = [await kit.layer({ prefix }), await kit.layer({ prefix })];
      const group = kit.name("group");
      const [near, far] = [await kit.member(here, group), await kit.member(there, group)];
      await here.groupSend(group, { type: "from.here" });
      await there.groupSend(group, { type: "from.there" });
      for (const { inbox } of [near, far]) {
        const seen = await inbox.holds(2);
        expect(seen.map((message) => message.type).toSorted()).toEqual(["from.here", "from.there"]);
      }
      await here.send(far.channel, { type: "direct" });
      await far.inbox.sees("direct");
      await there.groupDiscard(group, far.channel);
      await here.groupSend(group, { type: "without.far" });
      await near.inbox.sees("without.far");
      await here.send(far.channel, { type: "fence" });
      const seen = await far.inbox.sees("fence");
      expect(seen.map((message) => message.type)).not.toContain("without.far");
    },
    "peers",
  );
}
