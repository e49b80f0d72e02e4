import { eventually } from "@multichat/channels/testing";
import { redisCli } from "./redis-cli.ts";
import { freePort, RedisProcess } from "./redis-process.ts";

/** A real cluster of three masters, each of which can be killed and restarted. */
export class ClusterProcesses {
  readonly masters: readonly RedisProcess[];
  readonly #others: RedisProcess[] = [];

  private constructor(masters: readonly RedisProcess[]) {
    this.masters = masters;
  }

  static async start(): Promise<ClusterProcesses> {
    const masters = await Promise.all([clusterNode(), clusterNode(), clusterNode()]);
    const cluster = new ClusterProcesses(masters);
    const addresses = masters.map(({ port }) => `127.0.0.1:${port}`);
    await redisCli("--cluster", "create", ...addresses, "--cluster-yes");
    await cluster.settled();
    return cluster;
  }

  get nodes(): readonly { host: string; port: number }[] {
    return this.masters.map(({ port }) => ({ host: "127.0.0.1", port }));
  }

  /** Adds a replica of a master. */
  async replicate(master: RedisProcess): Promise<RedisProcess> {
    const replica = await clusterNode();
    this.#others.push(replica);
    const id = await nodeId(master);
    await redisCli(
      "--cluster",
      "add-node",
      `127.0.0.1:${replica.port}`,
      `127.0.0.1:${master.port}`,
      "--cluster-slave",
      "--cluster-master-id",
      id,
    );
    await eventually(async () => {
      const known = await redisCli("-p", `${replica.port}`, "info", "replication");
      if (!known.includes("master_link_status:up")) throw new Error("Expected the replica to be in sync.");
    });
    await this.settled();
    return replica;
  }

  /** Moves a slot without keys to another master. */
  async moveSlot(slot: number, to: RedisProcess): Promise<void> {
    const id = await nodeId(to);
    // The new owner first, so that the slot always has an owner.
    for (const node of [to, ...this.masters.filter((master) => master !== to)]) {
      await redisCli("-p", `${node.port}`, "cluster", "setslot", `${slot}`, "node", id);
    }
  }

  /** Begins to move a slot: from now on its keys are moved one by one, until `moveSlot`. */
  async startMovingSlot(slot: number, from: RedisProcess, to: RedisProcess): Promise<void> {
    await redisCli("-p", `${to.port}`, "cluster", "setslot", `${slot}`, "importing", await nodeId(from));
    await redisCli("-p", `${from.port}`, "cluster", "setslot", `${slot}`, "migrating", await nodeId(to));
  }

  async moveKey(key: string, from: RedisProcess, to: RedisProcess): Promise<void> {
    await redisCli("-p", `${from.port}`, "migrate", "127.0.0.1", `${to.port}`, key, "0", "10000");
  }

  async settled(): Promise<void> {
    await eventually(async () => {
      for (const { port } of this.masters) {
        const info = await redisCli("-p", `${port}`, "cluster", "info");
        if (!info.includes("cluster_state:ok")) throw new Error(`Expected node ${port} to see the cluster as up.`);
      }
    });
  }

  async stop(): Promise<void> {
    await Promise.all([...this.masters, ...this.#others].map((node) => node.stop()));
  }
}

async function clusterNode(): Promise<RedisProcess> {
  // The default bus port is 10,000 higher, which may be out of range.
  const bus = await freePort();
  return await RedisProcess.start(
    "--cluster-enabled",
    "yes",
    "--cluster-port",
    `${bus}`,
    "--cluster-node-timeout",
    "1500",
  );
}

async function nodeId({ port }: RedisProcess): Promise<string> {
  return (await redisCli("-p", `${port}`, "cluster", "myid")).trim();
}
