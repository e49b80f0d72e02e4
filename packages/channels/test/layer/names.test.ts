import { ChannelNameGenerator, checkChannelName, checkGroupName } from "@multichat/channels/layer";
import { describe, expect, it } from "vitest";

describe("names", () => {
  it("stay checked when the cache of valid names starts afresh", () => {
    for (let index = 0; index < 45_000; index += 1) {
      checkChannelName(`channel.${index}`);
      checkGroupName(`group.${index}`);
    }
    expect(() => checkChannelName("channel 1")).toThrow(/got "channel 1"/);
    expect(() => checkGroupName("channel.1!local")).toThrow(/got "channel.1!local"/);
    expect(() => checkChannelName("channel.1!local")).not.toThrow();
  });

  it("of one namer share their process part, those of another have their own", () => {
    const [one, two] = [new ChannelNameGenerator(), new ChannelNameGenerator()];
    const processOf = (name: string) => name.split("!")[0];
    expect(processOf(one.next())).toBe(processOf(one.next()));
    expect(processOf(one.next())).toBe(`specific.${one.processId}`);
    expect(processOf(one.next())).not.toBe(processOf(two.next()));
  });

  it("with the longest prefix are still shorter than 100", () => {
    const name = new ChannelNameGenerator().next("p".repeat(50));
    expect(name.length).toBeLessThan(100);
    expect(() => checkChannelName(name)).not.toThrow();
  });
});
