import { RedisPresence } from "@multichat/channels-redis";
import { Redis } from "ioredis";
import { afterEach, describe, expect, it } from "vitest";
import { CommandWindow } from "../src/presence/command-window.ts";
import { RedisProcess } from "./support/redis-process.ts";

describe("commands that are sent at once", () => {
  it.each([
    [1, 10],
    [2, 500],
    [10, 11],
    [200, 20_000],
    [7, 3_001],
  ])("run %i at a time, all %i of them in order", async (limit, count) => {
    const window = new CommandWindow(limit);
    const started: number[] = [];
    let running = 0;
    let most = 0;
    const command = async (index: number) => {
      started.push(index);
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
      if (index % 3 === 0) throw new Error(`failed ${index}`);
      return index;
    };
    const results = await Promise.allSettled(
      Array.from({ length: count }, (_, index) => window.run(() => command(index))),
    );
    expect(most).toBe(Math.min(limit, count));
    expect(started).toEqual(results.map((_, index) => index));
    expect(results.filter(({ status }) => status === "rejected")).toHaveLength(Math.ceil(count / 3));
  });

  it("start before the call returns while there is room, and in order when calls come meanwhile", async () => {
    const window = new CommandWindow(1);
    const started: string[] = [];
    const run = (name: string) => window.run(async () => void started.push(name));
    const first = run("first");
    expect(started).toEqual(["first"]);
    const second = run("second");
    await first;
    await Promise.all([run("third"), second]);
    expect(started).toEqual(["first", "second", "third"]);
  });
});

describe("presence", () => {
  const open: { close?(): Promise<void>; stop?(): Promise<void> }[] = [];
  afterEach(async () => {
    for (const resource of open.splice(0).toReversed()) {
      await resource.close?.();
      await resource.stop?.();
    }
  });

  it("keeps its connections when 20,000 members join at once, and leaves follow their joins", async () => {
    const redis = await RedisProcess.start();
    open.push(redis);
    const presence = new RedisPresence({ hosts: [redis.url], prefix: "many", pingMs: 1_000 });
    open.push(presence);
    await presence.ready();
    const admin = new Redis(redis.url);
    open.push({ close: async () => admin.disconnect() });
    const connections = async () => /total_connections_received:(\d+)/.exec(await admin.info("stats"))?.[1];
    await presence.join("room", "first", "first");
    const before = await connections();
    const members = Array.from({ length: 20_000 }, (_, index) => `member${index}`);
    const joins = members.map((member) => presence.join("room", member, member));
    const leaves = members.filter((_, index) => index % 4 === 0).map((member) => presence.leave("room", member));
    await Promise.all([...joins, ...leaves]);
    expect(await presence.counts("room")).toEqual({ members: 15_001, connections: 15_001 });
    expect(await connections(), "no connection was opened again").toBe(before);
  });
});
