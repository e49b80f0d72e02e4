import fc from "fast-check";
import { expect } from "vitest";
import type { LayerContractFixture } from "./fixture.ts";

const NAME_CHARACTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.";
const part = (maxLength: number) => fc.string({ unit: fc.constantFrom(...NAME_CHARACTERS), minLength: 1, maxLength });
const groupName = part(99);
const channelName = fc.oneof(
  part(99),
  fc.tuple(part(49), part(49)).map(([process, local]) => `${process}!${local}`),
);

const INVALID_NAMES: readonly (readonly [string, string])[] = [
  ["no characters", ""],
  ["100 characters", "a".repeat(100)],
  ["a space", "a b"],
  ["a letter outside ASCII", "caf\u00e9"],
  ["a slash", "a/b"],
  ["a colon", "asgi:group"],
  ["a line break", "name\n"],
  ["a NUL", "a\u0000b"],
];

const INVALID_CHANNEL_NAMES: readonly (readonly [string, string])[] = [
  ["two !", "a!b!c"],
  ["no process part", "!local"],
  ["no local part", "process!"],
];

/** Tests L1 (names). */
export function testNameRules(fixture: LayerContractFixture): void {
  fixture.testRule("L1", "accepts every name of letters, digits, -, _ and . that is shorter than 100", async () => {
    const layer = await fixture.createLayer();
    const own = await fixture.createListener(layer);
    await fc.assert(
      fc.asyncProperty(groupName, channelName, async (group, channel) => {
        await layer.groupAdd(group, own.channel);
        await layer.groupSend(group, { type: group });
        await own.inbox.waitForType(group);
        await layer.groupDiscard(group, own.channel);
        await layer.send(channel, { type: "named" });
        await layer.flush();
      }),
      { numRuns: Math.min(fixture.runs, 50) },
    );
  });

  for (const [what, name] of [...INVALID_NAMES, ...INVALID_CHANNEL_NAMES]) {
    fixture.testRule("L1", `rejects a channel name with ${what}, and shows it`, async () => {
      const layer = await fixture.createLayer();
      const refused = { code: "InvalidName", details: { kind: "channel", got: name } };
      await expect(layer.send(name, { type: "never" })).rejects.toMatchObject(refused);
      await expect(layer.groupAdd("group", name)).rejects.toMatchObject(refused);
      await expect(layer.groupDiscard("group", name)).rejects.toMatchObject(refused);
      await expect(fixture.createListener(layer, name)).rejects.toMatchObject(refused);
      await expect(layer.receive(name)).rejects.toMatchObject(refused);
      await expect(layer.send(name, { type: "never" })).rejects.toThrow(/letters, digits.*got "/s);
    });
  }

  for (const [what, name] of [...INVALID_NAMES, ["a !", "process!local"] as const]) {
    fixture.testRule("L1", `rejects a group name with ${what}, and shows it`, async () => {
      const layer = await fixture.createLayer();
      const refused = { code: "InvalidName", details: { kind: "group", got: name } };
      await expect(layer.groupSend(name, { type: "never" })).rejects.toMatchObject(refused);
      await expect(layer.groupAdd(name, "channel")).rejects.toMatchObject(refused);
      await expect(layer.groupDiscard(name, "channel")).rejects.toMatchObject(refused);
    });
  }

  fixture.testRule("L1", "generates channel names that are valid, have their prefix and never repeat", async () => {
    const layers = [await fixture.createLayer(), await fixture.createLayer()];
    const names = layers.flatMap((layer) => Array.from({ length: 1_000 }, () => layer.newChannel("job.reply")));
    expect(new Set(names).size).toBe(2_000);
    for (const name of names) {
      expect(name).toMatch(/^job\.reply\.[\w.-]+![\w.-]+$/);
      expect(name.length).toBeLessThan(100);
    }
  });

  fixture.testRule("L1", "rejects a prefix that would make an invalid name", async () => {
    const layer = await fixture.createLayer();
    for (const prefix of ["", "a!b", "a b", "a".repeat(51)]) {
      expect(() => layer.newChannel(prefix)).toThrow(expect.objectContaining({ code: "InvalidName" }));
    }
  });
}
