import type { ChannelLayer } from "@multichat/channels/layer";
import { eventually, Inbox } from "@multichat/channels/testing";
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
  for (const one of open.splice(0)) {
    await one.close?.();
    await one.stop?.();
    await one.kill?.();
  }
});

function kept<T extends (typeof open)[number]>(one: T): T {
  open.push(one);
  return one;
}

let prefixes = 0;
function options(): RedisLayerOptions {
  prefixes += 1;
  // A burst in one turn must not be what is tested.
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
    it("loses Redis for a while and comes back: one gap for everybody, every drop counted, nothing out of order", async () => {
      const rejections: unknown[] = [];
      const onRejection = (reason: unknown) => rejections.push(reason);
      process.on("unhandledRejection", onRejection);
      try {
        const shared = options();
        const [here, there] = [kept(make(shared)), kept(make(shared))];
        const groups = Array.from({ length: 20 }, (_, n) => `group${n}`);
        const inboxes: Inbox[] = [];
        for (const group of groups) {
          inboxes.push(await member(here, group), await member(there, group), await member(there, group));
        }
        const attempted = { here: 0, there: 0 };
        const failed = { here: 0, there: 0 };
        const stop = new AbortController();
        const traffic = async (layer: ChannelLayer, from: "here" | "there") => {
          for (let n = 0; !stop.signal.aborted; n += 1) {
            const group = groups[n % groups.length] ?? "group";
            attempted[from] += 1;
            await layer.groupSend(group, { type: "message", from, n }).catch(() => {
              failed[from] += 1;
            });
            if (n % 20 === 0) await new Promise((resolve) => setTimeout(resolve, 2));
          }
        };
        const sending = [traffic(here, "here"), traffic(here, "here"), traffic(there, "there")];
        await eventually(() => expect(inboxes.every(({ messages }) => messages.length > 20)).toBe(true));
        await redis.kill();
        await eventually(() => expect(failed.here + failed.there).toBeGreaterThan(100));
        await redis.restart();
        for (const inbox of inboxes) await inbox.waitForGaps(1);
        const before = inboxes.map(({ messages }) => messages.length);
        await eventually(() =>
          expect(inboxes.every(({ messages }, at) => messages.length > (before[at] ?? 0) + 20)).toBe(true),
        );
        stop.abort();
        await Promise.all(sending);
        expect(here.stats()).toMatchObject({ sent: attempted.here, gaps: 1 });
        expect(here.stats().dropped.disconnected).toBe(failed.here);
        expect(there.stats().dropped.disconnected).toBe(failed.there);
        for (const inbox of inboxes) {
          expect(inbox.gaps).toHaveLength(1);
          const numbers = inbox.messages.filter(({ from }) => from === "there").map(({ n }) => Number(n));
          expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
          expect(new Set(numbers).size).toBe(numbers.length);
        }
        expect(rejections).toEqual([]);
      } finally {
        process.off("unhandledRejection", onRejection);
      }
    });

    it("finds out that Redis stands still, tells the sender, and is whole again when it goes on", async () => {
      const shared = { ...options(), pingMs: 500 };
      const [here, there] = [kept(make(shared)), kept(make(shared))];
      const inbox = await member(here, "room");
      await there.groupSend("room", { type: "before" });
      await inbox.waitForType("before");
      redis.freeze();
      try {
        await expect(there.groupSend("room", { type: "lost" })).rejects.toMatchObject({ code: "LayerDisconnected" });
        expect(there.stats().dropped.disconnected).toBe(1);
        await expect(there.receive("named", { signal: AbortSignal.timeout(50) })).rejects.toThrow();
      } finally {
        redis.thaw();
      }
      await inbox.waitForGaps(1);
      await eventually(() => there.groupSend("room", { type: "after" }));
      await inbox.waitForType("after");
    });

    it("closes at once, while it connects, while Redis stands still, and while it is away", async () => {
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

    it("carries 10,000 groups, and restores all of them after Redis was lost", async () => {
      const shared = options();
      const [here, there] = [kept(make(shared)), kept(make(shared))];
      const groups = Array.from({ length: 10_000 }, (_, n) => `group${n}`);
      const inbox = new Inbox();
      const channel = here.newChannel();
      await here.subscribe(channel, inbox);
      await Promise.all(groups.map((group) => here.groupAdd(group, channel)));
      expect(here.stats()).toMatchObject({ groups: 10_000, memberships: 10_000 });
      const all = async (type: string) => {
        for (let start = 0; start < groups.length; start += 1_000) {
          await Promise.all(groups.slice(start, start + 1_000).map((group) => there.groupSend(group, { type, group })));
        }
        await eventually(() => expect(inbox.messages.filter((one) => one.type === type)).toHaveLength(10_000));
        const heard = new Set(inbox.messages.filter((one) => one.type === type).map(({ group }) => group));
        expect(heard.size).toBe(10_000);
      };
      await all("first");
      await redis.kill();
      await redis.restart();
      await inbox.waitForGaps(1);
      await eventually(() => there.groupSend("nobody", { type: "back" }));
      await all("second");
      await Promise.all(groups.map((group) => here.groupDiscard(group, channel)));
      expect(here.stats()).toMatchObject({ groups: 0, memberships: 0 });
    });

    it("reaches members in three processes, two of Node and one of Python, from each of them", async () => {
      const shared = { hosts: [redis.url], prefix: `three.${kind}` };
      const layer = kept(make(shared));
      const inbox = await member(layer, "room");
      const node = kept(new NodeProcess("member-process.ts", { kind, options: shared, group: "room" }));
      const python = kept(new PythonPeer(kind, shared));
      const theirs = await python.newChannel();
      await python.groupAdd("room", theirs);
      await eventually(() => expect(node.lines).toContain("joined"));
      // Python does not wait for the server's word that it is subscribed: until it is, it is called.
      const heard: unknown[] = [];
      const listening = (async () => {
        for (;;) heard.push((await python.receive(theirs)) as { type: string });
      })();
      listening.catch(() => undefined);
      await eventually(async () => {
        await layer.groupSend("room", { type: "call" });
        expect(heard).toContainEqual({ type: "call" });
      });
      await layer.groupSend("room", { type: "from.here" });
      node.writeLine("from.node");
      await python.groupSend("room", { type: "from.python" });
      for (const type of ["from.here", "from.node", "from.python"]) {
        await inbox.waitForType(type);
        await eventually(() => expect(node.lines).toContain(JSON.stringify({ type })));
        await eventually(() => expect(heard).toContainEqual({ type }));
      }
    });
  });
}
