import { groupName } from "@multichat/channels";
import { ChannelNameGenerator, checkChannelName, checkGroupName } from "@multichat/channels/layer";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

describe("names", () => {
  it("are still checked after the cache of valid names was cleared", () => {
    for (let index = 0; index < 45_000; index += 1) {
      checkChannelName(`channel.${index}`);
      checkGroupName(`group.${index}`);
    }
    expect(() => checkChannelName("channel 1")).toThrow(/got "channel 1"/);
    expect(() => checkGroupName("channel.1!local")).toThrow(/got "channel.1!local"/);
    expect(() => checkChannelName("channel.1!local")).not.toThrow();
  });

  it("of one generator share a process part that differs from another generator's", () => {
    const [first, second] = [new ChannelNameGenerator(), new ChannelNameGenerator()];
    const processPart = (name: string) => name.split("!")[0];
    expect(processPart(first.next())).toBe(processPart(first.next()));
    expect(processPart(first.next())).toBe(`specific.${first.processId}`);
    expect(processPart(first.next())).not.toBe(processPart(second.next()));
  });

  it("are shorter than 100 characters with the longest prefix", () => {
    const name = new ChannelNameGenerator().next("p".repeat(50));
    expect(name.length).toBeLessThan(100);
    expect(() => checkChannelName(name)).not.toThrow();
  });
});

describe("groupName()", () => {
  it.each<[readonly [string | number, ...(string | number)[]], string]>([
    [["room", "lobby-7"], "room.lobby-7"],
    [["room", 7], "room.7"],
    [["room", "my room"], "room.my_20room"],
    [["room", "my_room"], "room.my__room"],
    [["room", "a.b"], "room.a_2eb"],
    [["room", ""], "room._"],
    [["room", "Ω😀"], "room._ce_a9_f0_9f_98_80"],
    [["room", "\ud83d!"], "room._ed_a0_bd_21"],
    [["room", "x".repeat(94)], `room.${"x".repeat(94)}`],
    [
      ["room", "x".repeat(95)],
      `room.${"x".repeat(28)}..0b7751453cd6d328568f95a061af7de4c2fb670bc116636c844ea213ec9527f7`,
    ],
    [
      ["room", "é".repeat(40)],
      "room._c3_a9_c3_a9_c3_a9_c3_a9_c3_..42a887f39e85855cc2d9311709920a1b3d94ea33838ab6a02d36c82dc6afda98",
    ],
  ])("of %j is %s", (parts, name) => {
    expect(groupName(...parts)).toBe(name);
  });

  it("is valid for any text, and another one for other parts", () => {
    const byName = new Map<string, string>();
    // Few characters, so that parts resemble each other; enough of them for names that are hashed.
    const unit = fc.constantFrom("a", "_", ".", "2", "e", " ", "-", "é", "\ud800", "\udc00", "!");
    const part = fc.oneof(fc.string({ unit, maxLength: 4 }), fc.string({ unit, maxLength: 120 }), fc.string());
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 3 }), (parts) => {
        const name = groupName(...(parts as [string, ...string[]]));
        checkGroupName(name);
        const key = JSON.stringify(parts);
        expect(byName.get(name) ?? key).toBe(key);
        byName.set(name, key);
      }),
      { numRuns: 2_000 },
    );
  });
});
