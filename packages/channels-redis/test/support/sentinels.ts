import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually } from "@multichat/channels/testing";
import { redisCli } from "./redis-cli.ts";
import { freePort, RedisProcess } from "./redis-process.ts";

/** A master, its replica, and three Sentinels that monitor them. */
export class SentinelProcesses {
  readonly masterName = "chat";
  readonly master: RedisProcess;
  readonly replica: RedisProcess;
  readonly sentinels: readonly { readonly host: string; readonly port: number }[];
  readonly #children: readonly ChildProcess[];
  readonly #folder: string;

  private constructor(
    master: RedisProcess,
    replica: RedisProcess,
    ports: readonly number[],
    children: readonly ChildProcess[],
    folder: string,
  ) {
    this.master = master;
    this.replica = replica;
    this.sentinels = ports.map((port) => ({ host: "127.0.0.1", port }));
    this.#children = children;
    this.#folder = folder;
  }

  static async start(): Promise<SentinelProcesses> {
    const master = await RedisProcess.start();
    const replica = await RedisProcess.start("--replicaof", `127.0.0.1 ${master.port}`);
    const folder = await mkdtemp(join(tmpdir(), "multichat-sentinel-"));
    const ports = [await freePort(), await freePort(), await freePort()];
    const children = await Promise.all(
      ports.map(async (port) => {
        const file = join(folder, `${port}.conf`);
        const lines = [
          `port ${port}`,
          "bind 127.0.0.1",
          `dir ${folder}`,
          `sentinel monitor chat 127.0.0.1 ${master.port} 2`,
          "sentinel down-after-milliseconds chat 1000",
          "sentinel failover-timeout chat 5000",
        ];
        await writeFile(file, `${lines.join("\n")}\n`);
        return spawn("redis-server", [file, "--sentinel"], { stdio: ["ignore", "ignore", "inherit"] });
      }),
    );
    const all = new SentinelProcesses(master, replica, ports, children, folder);
    await all.#waitUntilDiscovered();
    return all;
  }

  async stop(): Promise<void> {
    for (const child of this.#children) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const gone = once(child, "exit");
      child.kill("SIGKILL");
      await gone;
    }
    await this.master.stop();
    await this.replica.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** Waits until each Sentinel knows the replica and the other Sentinels, which a failover requires. */
  async #waitUntilDiscovered(): Promise<void> {
    await eventually(async () => {
      for (const { port } of this.sentinels) {
        const state = await redisCli("-p", `${port}`, "sentinel", "master", this.masterName);
        if (!/num-slaves\n1\n/.test(state) || !/num-other-sentinels\n2\n/.test(state)) {
          throw new Error(`Expected Sentinel ${port} to know the replica and the other Sentinels.`);
        }
      }
    });
  }
}
