import { ChannelsError, LayerRegistry, route, urlRouter, WebSocketConsumer } from "@multichat/channels";
import type { ChannelLayer } from "@multichat/channels/layer";
import { eventually, Inbox, WebsocketCommunicator } from "@multichat/channels/testing";
import { type RedisLayerOptions, RedisPubSubLayer, RedisQueueLayer } from "@multichat/channels-redis";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { NodeProcess } from "./support/node-process.ts";
import { LONGEST_TIMING, promptly } from "./support/promptly.ts";
import { PythonPeer } from "./support/python-peer.ts";
import { RedisProcess } from "./support/redis-process.ts";

let redis: RedisProcess;
beforeAll(async () => {
  redis = await RedisProcess.start();
});
afterAll(() => redis?.stop());

const open: { close?(): Promise<void>; stop?(): Promise<void>; kill?(): Promise<void> }[] = [];
afterEach(async () => {
  for (const resource of open.splice(0)) {
    await resource.close?.();
    await resource.stop?.();
    await resource.kill?.();
  }
});

/** Registers a resource to be closed after the test. */
function track<T extends (typeof open)[number]>(resource: T): T {
  open.push(resource);
  return resource;
}

let prefixes = 0;
function options(): RedisLayerOptions {
  prefixes += 1;
  // Large enough that bursts within one turn of the event loop are not dropped.
  return { hosts: [redis.url], prefix: `traffic${prefixes}`, capacity: 100_000 };
}

const kinds = [
  { kind: "pubsub", make: (made: RedisLayerOptions) => new RedisPubSubLayer(made) },
  { kind: "queue", make: (made: RedisLayerOptions) => new RedisQueueLayer({ ...made, inboxCapacity: 100_000 }) },
] as const;

async function member(layer: ChannelLayer, group: string): Promise<Inbox> {
  const inbox = new Inbox();
  const channel = layer.newChannel();
  await layer.subscribe(channel, inbox);
  await layer.groupAdd(group, channel);
  return inbox;
}

for (const { kind, make } of kinds) {
  describe(`${kind}, under traffic`, () => {
    it("recovers from a loss of Redis with one gap per listener, every drop counted, and nothing out of order", async () => {
      const rejections: unknown[] = [];
      const onRejection = (reason: unknown) => rejections.push(reason);
      process.on("unhandledRejection", onRejection);
      try {
        const shared = options();
        const [layerA, layerB] = [track(make(shared)), track(make(shared))];
        const groups = Array.from({ length: 20 }, (_, n) => `group${n}`);
        const inboxes: Inbox[] = [];
        for (const group of groups) {
          inboxes.push(await member(layerA, group), await member(layerB, group), await member(layerB, group));
        }
        const attempted = { layerA: 0, layerB: 0 };
        const failed = { layerA: 0, layerB: 0 };
        const stop = new AbortController();
        const traffic = async (layer: ChannelLayer, from: "layerA" | "layerB") => {
          for (let n = 0; !stop.signal.aborted; n += 1) {
            const group = groups[n % groups.length] ?? "group";
            attempted[from] += 1;
            await layer.groupSend(group, { type: "message", from, n }).catch(() => {
              failed[from] += 1;
            });
            if (n % 20 === 0) await new Promise((resolve) => setTimeout(resolve, 2));
          }
        };
        const sending = [traffic(layerA, "layerA"), traffic(layerA, "layerA"), traffic(layerB, "layerB")];
        await eventually(() => expect(inboxes.every(({ messages }) => messages.length > 20)).toBe(true));
        await redis.kill();
        await eventually(() => expect(failed.layerA + failed.layerB).toBeGreaterThan(100));
        await redis.restart();
        for (const inbox of inboxes) await inbox.waitForGaps(1);
        const before = inboxes.map(({ messages }) => messages.length);
        await eventually(() =>
          expect(inboxes.every(({ messages }, at) => messages.length > (before[at] ?? 0) + 20)).toBe(true),
        );
        stop.abort();
        await Promise.all(sending);
        expect(layerA.stats()).toMatchObject({ sent: attempted.layerA, gaps: 1 });
        expect(layerA.stats().dropped.disconnected).toBe(failed.layerA);
        expect(layerB.stats().dropped.disconnected).toBe(failed.layerB);
        for (const inbox of inboxes) {
          expect(inbox.gaps).toHaveLength(1);
          const numbers = inbox.messages.filter(({ from }) => from === "layerB").map(({ n }) => Number(n));
          expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
          expect(new Set(numbers).size).toBe(numbers.length);
        }
        expect(rejections).toEqual([]);
      } finally {
        process.off("unhandledRejection", onRejection);
      }
    });

    it("detects that Redis is frozen, rejects the send, and recovers when Redis continues", async () => {
      const shared = { ...options(), pingMs: 500 };
      const [layerA, layerB] = [track(make(shared)), track(make(shared))];
      const inbox = await member(layerA, "room");
      await layerB.groupSend("room", { type: "before" });
      await inbox.waitForType("before");
      redis.freeze();
      try {
        await expect(layerB.groupSend("room", { type: "lost" })).rejects.toMatchObject({ code: "LayerDisconnected" });
        expect(layerB.stats().dropped.disconnected).toBe(1);
        await expect(layerB.receive("named", { signal: AbortSignal.timeout(50) })).rejects.toThrow();
      } finally {
        redis.thaw();
      }
      await inbox.waitForGaps(1);
      await eventually(() => layerB.groupSend("room", { type: "after" }));
      await inbox.waitForType("after");
    });

    it("fails the frames of talkers while Redis is unavailable, and keeps their connections", async () => {
      const layer = track(make({ ...options(), pingMs: 500 }));
      const layers = new LayerRegistry();
      layers.register("default", layer);
      class Talker extends WebSocketConsumer<{ "room.text": { text: string } }> {
        static override groups = ["room"];
        override async receive(text: string): Promise<void> {
          await this.groupSend("room", { type: "room.text", text });
        }
        roomText({ text }: { text: string }): void {
          this.send(text);
        }
        override layerGap(): void {
          this.send("gap");
        }
        override onError(error: unknown): undefined {
          this.send(error instanceof ChannelsError ? error.code : String(error));
        }
      }
      class Newcomer extends Talker {
        override async connect(): Promise<void> {
          await this.groupSend("room", { type: "room.text", text: "a newcomer" });
          this.accept();
        }
      }
      const application = urlRouter([route("/", Talker), route("/new", Newcomer)]);
      const clients = await Promise.all(
        [0, 1, 2].map(async () => {
          const client = new WebsocketCommunicator(application, "/", { layers, timeoutMs: 60_000 });
          expect(await client.connect()).toMatchObject({ accepted: true });
          return client;
        }),
      );
      await redis.kill();
      for (const client of clients) {
        client.send("lost");
        expect(await client.receive()).toBe("LayerDisconnected");
      }
      const late = new WebsocketCommunicator(application, "/new", { layers, timeoutMs: 60_000 });
      expect(await late.connect()).toMatchObject({ accepted: false, status: 503 });
      await redis.restart();
      for (const client of clients) expect(await client.receive()).toBe("gap");
      await eventually(() => layer.groupSend("room", { type: "room.text", text: "back" }));
      for (const client of clients) expect(await client.receive()).toBe("back");
      for (const client of clients) await client.disconnect();
    });

    it("closes at once while it connects, while Redis is frozen, and while Redis is unavailable", async () => {
      const shared = { ...options(), ...LONGEST_TIMING };
      const pending = make(shared);
      const waiting = expect(pending.groupAdd("room", pending.newChannel())).rejects.toMatchObject({
        code: "LayerDisconnected",
      });
      await promptly(pending.close());
      await waiting;
      const [frozen, away] = [make(shared), make(shared)];
      await Promise.all([member(frozen, "room"), member(away, "room")]);
      redis.freeze();
      const never = make(shared);
      never.newChannel();
      try {
        await promptly(frozen.close());
        await promptly(never.close());
      } finally {
        redis.thaw();
      }
      await redis.kill();
      await promptly(away.close());
      await redis.restart();
    });

    it("carries 10,000 groups, and restores all of them after a loss of Redis", async () => {
      const shared = options();
      const [layerA, layerB] = [track(make(shared)), track(make(shared))];
      const groups = Array.from({ length: 10_000 }, (_, n) => `group${n}`);
      const inbox = new Inbox();
      const channel = layerA.newChannel();
      await layerA.subscribe(channel, inbox);
      await Promise.all(groups.map((group) => layerA.groupAdd(group, channel)));
      expect(layerA.stats()).toMatchObject({ groups: 10_000, memberships: 10_000 });
      const all = async (type: string) => {
        for (let start = 0; start < groups.length; start += 1_000) {
          await Promise.all(
            groups.slice(start, start + 1_000).map((group) => layerB.groupSend(group, { type, group })),
          );
        }
        await eventually(() => expect(inbox.messages.filter((message) => message.type === type)).toHaveLength(10_000));
        const receivedGroups = new Set(
          inbox.messages.filter((message) => message.type === type).map(({ group }) => group),
        );
        expect(receivedGroups.size).toBe(10_000);
      };
      await all("first");
      await redis.kill();
      await redis.restart();
      await inbox.waitForGaps(1);
      await eventually(() => layerB.groupSend("nobody", { type: "back" }));
      await all("second");
      await Promise.all(groups.map((group) => layerA.groupDiscard(group, channel)));
      expect(layerA.stats()).toMatchObject({ groups: 0, memberships: 0 });
    });

    it("delivers between three processes, two of Node and one of Python, from each of them", async () => {
      const shared = { hosts: [redis.url], prefix: `three.${kind}` };
      const layer = track(make(shared));
      const inbox = await member(layer, "room");
      const node = track(new NodeProcess("member-process.ts", { kind, options: shared, group: "room" }));
      const python = track(new PythonPeer(kind, shared));
      const pythonChannel = await python.newChannel();
      await python.groupAdd("room", pythonChannel);
      await eventually(() => expect(node.lines).toContain("joined"));
      // Python does not wait for its subscription to be confirmed: send until it receives.
      const received: unknown[] = [];
      const listening = (async () => {
        for (;;) received.push((await python.receive(pythonChannel)) as { type: string });
      })();
      // Ends with the process that it reads from.
      listening.catch(() => undefined);
      await eventually(async () => {
        await layer.groupSend("room", { type: "call" });
        expect(received).toContainEqual({ type: "call" });
      });
      await layer.groupSend("room", { type: "from.layer" });
      node.writeLine("from.node");
      await python.groupSend("room", { type: "from.python" });
      for (const type of ["from.layer", "from.node", "from.python"]) {
        await inbox.waitForType(type);
        await eventually(() => expect(node.lines).toContain(JSON.stringify({ type })));
        await eventually(() => expect(received).toContainEqual({ type }));
      }
    });
  });
}
