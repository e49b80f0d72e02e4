import { type ChannelLayer, GroupControl, type LayerMessage } from "@multichat/channels";
import { eventually, Inbox } from "@multichat/channels/testing";
import { RedisPubSubLayer, RedisQueueLayer } from "@multichat/channels-redis";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { NodeProcess } from "./support/node-process.ts";
import { RedisProcess } from "./support/redis-process.ts";

let redis: RedisProcess;
const layers: ChannelLayer[] = [];
beforeAll(async () => {
  redis = await RedisProcess.start();
});
afterAll(() => redis?.stop());
afterEach(async () => {
  await Promise.all(layers.splice(0).map((layer) => layer.close()));
});

const KINDS = { pubsub: RedisPubSubLayer, queue: RedisQueueLayer };

function open(kind: keyof typeof KINDS, prefix: string): ChannelLayer {
  const layer = new KINDS[kind]({ hosts: [redis.url], prefix });
  layers.push(layer);
  return layer;
}

async function join(layer: ChannelLayer, group: string): Promise<void> {
  const channel = layer.newChannel();
  await layer.subscribe(channel, new Inbox());
  await layer.groupAdd(group, channel);
}

test.each(["pubsub", "queue"] as const)(
  "%s: every operation ends in time after kill -9 of a process, and names it (L19)",
  async (kind) => {
    const options = { hosts: [redis.url], prefix: `killed.${kind}` };
    const layer = open(kind, options.prefix);
    const control = await GroupControl.start(layer, { processName: "the asking one", timeoutMs: 50 });
    await join(layer, "room");
    const other = new NodeProcess("control-process.ts", { kind, options, group: "room" });
    try {
      await eventually(() => expect(other.lines).toContain("joined"));
      expect(await control.count("room", { timeoutMs: 60_000 })).toMatchObject({ count: 2, processes: 2 });
    } finally {
      await other.kill();
    }
    // Where the server keeps the memberships, those of the killed process are still there.
    const silentProcesses = kind === "queue" ? 1 : 0;
    const outcome = { processes: 1, unanswered: ["the killed one"], silentProcesses };
    // Would take a minute, and more than the test may, if the timeout did not end it.
    const started = performance.now();
    expect(await control.count("room", { timeoutMs: 200 })).toEqual({ count: 1, ...outcome });
    expect(await control.members("room", { timeoutMs: 200 })).toMatchObject({ members: [{}], ...outcome });
    expect(await control.disconnect({ group: "room" }, { timeoutMs: 200 })).toEqual({ count: 1, ...outcome });
    expect(performance.now() - started).toBeGreaterThanOrEqual(590);
  },
);

test("fifty processes that start at once find one another with a few messages each, and count with one each (L19)", async () => {
  const peers = Array.from({ length: 50 }, () => open("pubsub", "fifty"));
  const sent = () => peers.reduce((sum, layer) => sum + layer.stats().sent, 0);
  const sizes: number[] = [];
  for (const layer of peers) {
    const groupSend = layer.groupSend.bind(layer);
    const send = layer.send.bind(layer);
    const measure = (message: LayerMessage) => sizes.push(JSON.stringify(message).length);
    layer.groupSend = (group, message, options) => {
      measure(message);
      return groupSend(group, message, options);
    };
    layer.send = (channel, message) => {
      measure(message);
      return send(channel, message);
    };
  }
  const renewMs = 600_000;
  const controls = await Promise.all(peers.map((layer) => GroupControl.start(layer, { timeoutMs: 60_000, renewMs })));
  await Promise.all(peers.map((layer) => join(layer, "room")));
  const [control] = controls;
  if (control === undefined) throw new Error("Expected processes.");
  await eventually(async () => expect(await control.count("room")).toMatchObject({ count: 50, processes: 50 }));
  // 50 hellos, a few answers to each, and the counts until all were found. If each answered each, it would be 2,500.
  expect(sent()).toBeLessThan(1_500);

  const before = sent();
  sizes.length = 0;
  await eventually(async () => expect(await control.count("room")).toMatchObject({ count: 50, silentProcesses: 0 }));
  // A request and 49 replies, which do not list the processes; with their lists it would be 250,000 bytes.
  expect(sent() - before).toBe(50);
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(20_000);

  // One that starts later gets the answers of three, and knows all.
  const late = open("pubsub", "fifty");
  const beforeLate = sent();
  const lateControl = await GroupControl.start(late, { timeoutMs: 60_000, renewMs });
  expect(await lateControl.count("room")).toMatchObject({ count: 50, processes: 51, unanswered: [] });
  expect(sent() - beforeLate).toBeLessThan(60);
});
