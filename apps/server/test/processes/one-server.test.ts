import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { testConfig } from "../support/chat-server.ts";
import { CliProcess } from "../support/cli-process.ts";
import { RedisProcess } from "../support/redis/redis-process.ts";
import { seed } from "../support/seeds.ts";
import { ServerProcess } from "../support/server-process.ts";

let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "multichat-one-"));
  await seed(testConfig(dataDir), {});
});
afterEach(() => rm(dataDir, { recursive: true, force: true }));

const start = (env: Record<string, string> = {}) => ServerProcess.start({ DATA_DIR: dataDir, ...env });

describe("two servers on one database", () => {
  test("are refused without Redis, with what to do, while commands keep working", async () => {
    const first = await start();
    for (const path of [dataDir, `${dataDir}/`, `${dataDir}/../${dataDir.split("/").at(-1)}`]) {
      await expect(start({ DATA_DIR: path })).rejects.toThrow(/expected no other server on .*Stop it.*REDIS_URL/);
    }
    await expect(start({ DATABASE_URL: `file:${dataDir}/multichat.db` })).rejects.toThrow(/expected no other server/);
    for (const args of [
      ["user", "list"],
      ["room", "list"],
      ["doctor"],
      ["migrate"],
      ["backup", `${dataDir}/copy.db`],
    ]) {
      const command = new CliProcess(args, { DATA_DIR: dataDir, HOST: "127.0.0.1", PORT: "0" });
      expect(await command.finished(), `${args[0]}: ${command.output}`).toBe(0);
    }
    expect((await fetch(`${first.url}/readyz`)).status).toBe(200);
    await first.endWith("SIGTERM");
  });

  test.each(["SIGKILL", "SIGTERM", "SIGINT"] as const)("a server that ended by %s blocks no other", async (signal) => {
    const first = await start();
    await first.endWith(signal);
    const second = await start();
    await second.endWith("SIGKILL");
  });

  test("are allowed with the same Redis, and refused when one of them has none", async () => {
    const redis = await RedisProcess.start();
    const [first, second] = await Promise.all([start({ REDIS_URL: redis.url }), start({ REDIS_URL: redis.url })]);
    await expect(start()).rejects.toThrow(/expected no other server/);
    await Promise.all([first.endWith("SIGKILL"), second.endWith("SIGKILL")]);
    const alone = await start();
    await expect(start({ REDIS_URL: redis.url })).rejects.toThrow(/runs without REDIS_URL/);
    await alone.endWith("SIGKILL");
    await redis.stop();
  });
});
