import { ChannelNameGenerator, checkChannelName, checkGroupName } from "@multichat/channels/layer";
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
