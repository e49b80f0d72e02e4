import { eventually, Inbox } from "@multichat/channels/testing";
import { layerContract } from "@multichat/channels/testing/contract";
import { RedisPubSubLayer } from "@multichat/channels-redis";
import { Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { slotOf } from "../src/pubsub/cluster-slot.ts";
import { redisCli } from "./support/redis-cli.ts";
import { ClusterProcesses } from "./support/redis-cluster.ts";

let cluster: ClusterProcesses;
beforeAll(async () => {
  cluster = await ClusterProcesses.start();
});
afterAll(() => cluster?.stop());

layerContract(
  "RedisPubSubLayer on a cluster",
  (options) => new RedisPubSubLayer({ ...options, cluster: { nodes: cluster.nodes } }),
  {
    server: {
      disconnect: async () => {
        await Promise.all(cluster.masters.map((master) => master.kill()));
      },
      reconnect: async () => {
        await Promise.all(cluster.masters.map((master) => master.restart()));
        // Before, it takes no keys, and so no events of a group with a history.
        await cluster.settled();
      },
    },
    unsupported: {
      namedWaiting: "pub/sub keeps nothing on the server for a channel that no process listens on",
      instant: "a message comes back from the server a moment later",
    },
    listLeftovers: async (prefix) => {
      const found: string[] = [];
      for (const { port } of cluster.nodes) {
        const client = new Redis(port, "127.0.0.1");
        found.push(...((await client.call("PUBSUB", "SHARDCHANNELS", `${prefix}*`)) as string[]));
        client.disconnect();
      }
      return found;
    },
    runs: 10,
    expiryMs: 1_000,
    leakCycles: 3_000,
  },
);

describe("RedisPubSubLayer on a changing cluster", () => {
  const layers: RedisPubSubLayer[] = [];
  afterEach(async () => {
    await Promise.all(layers.splice(0).map((layer) => layer.close()));
  });

  async function twoMembers(prefix: string, group: string) {
    const made = [0, 1].map(() => new RedisPubSubLayer({ prefix, cluster: { nodes: cluster.nodes } }));
    layers.push(...made);
    return await Promise.all(
      made.map(async (layer) => {
        const inbox = new Inbox();
        const channel = layer.newChannel();
        await layer.subscribe(channel, inbox);
        await layer.groupAdd(group, channel);
        return { layer, inbox };
      }),
    );
  }

  it("computes the same slots as the cluster", async () => {
    for (const name of [
      "foo",
      "asgi__group__room.1",
      "specific.0123456789abcdef!",
      "x",
      "a-longer_name.with-all_of.them",
      "asgi__position__{asgi__group__room.1}",
      "x{}y",
    ]) {
      const [node] = cluster.nodes;
      const clusterSlot = Number(await redisCli("-p", `${node?.port}`, "cluster", "keyslot", name));
      expect([name, slotOf(name)]).toEqual([name, clusterSlot]);
    }
  });

  it("follows a slot that moves to another node", async () => {
    await cluster.settled();
    const [prefix, group] = ["moves", "room"];
    const members = await twoMembers(prefix, group);
    const slot = slotOf(`${prefix}__group__${group}`);
    const owner = Math.floor(slot / (16_384 / 3));
    const [target] = cluster.masters.filter((_, index) => index !== owner);
    if (target === undefined) throw new Error("Expected three masters.");
    await cluster.moveSlot(slot, target);
    for (const { inbox } of members) await inbox.waitForGaps(1, 600_000);
    for (const { layer } of members) await layer.groupSend(group, { type: "after" });
    for (const { inbox } of members) await inbox.waitForType("after");
  });

  it("numbers and returns the events of a group whose history is moving to another node", async () => {
    await cluster.settled();
    const [prefix, group] = ["history-moves", "room"];
    const layer = new RedisPubSubLayer({ prefix, cluster: { nodes: cluster.nodes }, history: 10 });
    layers.push(layer);
    const first = await layer.groupSend(group, { type: "first" });
    const slot = slotOf(`${prefix}__group__${group}`);
    const owner = Math.floor(slot / (16_384 / 3));
    const [from, to] = [cluster.masters[owner], cluster.masters[(owner + 1) % 3]];
    if (from === undefined || to === undefined) throw new Error("Expected three masters.");
    const keys = ["numbering", "events"].map((kind) => `${prefix}__history__${kind}{${prefix}__group__${group}}`);
    const refusals = async (kind: string): Promise<number> => {
      const stats = await redisCli("-p", `${from.port}`, "info", "errorstats");
      return Number(new RegExp(`errorstat_${kind}:count=(\\d+)`).exec(stats)?.[1] ?? 0);
    };
    await cluster.startMovingSlot(slot, from, to);
    await cluster.moveKey(keys[0] ?? "", from, to);
    // One key is at each node: nobody can run the script.
    const sending = layer.groupSend(group, { type: "second" });
    await eventually(async () => {
      if ((await refusals("TRYAGAIN")) === 0) throw new Error("Expected the node to refuse the script.");
    });
    await cluster.moveKey(keys[1] ?? "", from, to);
    // Another server has the history by now, so that another numbering begins (L18).
    const second = await sending;
    expect(second?.offset).toBe(1);
    expect(second?.epoch).not.toBe(first?.epoch);
    expect(await refusals("ASK")).toBeGreaterThan(0);
    const third = await layer.groupSend(group, { type: "third" });
    expect(third).toEqual({ epoch: second?.epoch, offset: 2 });
    const types = async () => (await layer.groupHistory(group)).events.map(({ message }) => message.type);
    expect(await types()).toEqual(["second", "third"]);
    await cluster.moveSlot(slot, to);
    expect(await types()).toEqual(["second", "third"]);
  });

  it("gives up a script when the keys of a slot do not finish moving", async () => {
    await cluster.settled();
    const [prefix, group] = ["history-stuck", "room"];
    const layer = new RedisPubSubLayer({ prefix, cluster: { nodes: cluster.nodes }, history: 10 });
    layers.push(layer);
    await layer.groupSend(group, { type: "first" });
    const slot = slotOf(`${prefix}__group__${group}`);
    const owner = Math.floor(slot / (16_384 / 3));
    const [from, to] = [cluster.masters[owner], cluster.masters[(owner + 1) % 3]];
    if (from === undefined || to === undefined) throw new Error("Expected three masters.");
    await cluster.startMovingSlot(slot, from, to);
    await cluster.moveKey(`${prefix}__history__numbering{${prefix}__group__${group}}`, from, to);
    await expect(layer.groupHistory(group)).rejects.toMatchObject({ code: "LayerDisconnected" });
    await cluster.moveKey(`${prefix}__history__events{${prefix}__group__${group}}`, from, to);
    await cluster.moveSlot(slot, to);
    expect(await layer.groupHistory(group)).toMatchObject({ recovered: true });
  });

  it("follows the failover to a replica", async () => {
    await cluster.settled();
    const [prefix, group] = ["fails", "room"];
    const slot = slotOf(`${prefix}__group__${group}`);
    const master = cluster.masters[Math.floor(slot / (16_384 / 3))];
    if (master === undefined) throw new Error("Expected every slot to have a master.");
    await cluster.replicate(master);
    const members = await twoMembers(prefix, group);
    await members[0]?.layer.groupSend(group, { type: "before" });
    for (const { inbox } of members) await inbox.waitForType("before");
    await master.kill();
    for (const { inbox } of members) await inbox.waitForGaps(1, 600_000);
    await eventually(() => members[0]?.layer.groupSend(group, { type: "after" }));
    for (const { inbox } of members) await inbox.waitForType("after");
    for (const { inbox } of members) expect(inbox.gaps).toHaveLength(1);
  });
});
