import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openCommandStore } from "../../src/main/databases.ts";
import { expectWholeLog } from "../store/support/whole-log.ts";
import { signIn, testConfig } from "../support/chat-server.ts";
import { CliProcess } from "../support/cli-process.ts";
import { PostgresProcess } from "../support/postgres-process.ts";
import { RedisProcess } from "../support/redis/redis-process.ts";
import { passwordOf } from "../support/seeds.ts";
import { ServerProcess } from "../support/server-process.ts";

const SENDERS = 8;

let dataDir: string;
let postgres: PostgresProcess;
let env: Record<string, string>;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "multichat-outage-"));
  postgres = await PostgresProcess.start();
  env = {
    DATA_DIR: dataDir,
    DATABASE_URL: postgres.url,
    LOG_LEVEL: "silent",
    ADMIN_USERNAME: "alice",
    ADMIN_PASSWORD: passwordOf("alice"),
    LIMIT_COMMANDS_PER_SECOND: "100000",
    LIMIT_REQUESTS_PER_MINUTE: "100000",
  };
});
afterEach(async () => {
  await postgres.stop();
  await rm(dataDir, { recursive: true, force: true });
});

test("nothing that was acknowledged is lost or there twice after crashes of Postgres and of the server", async () => {
  let server = await ServerProcess.start(env);
  const { token } = await signIn(server.url, "alice");
  const request = (method: string, path: string, body?: object): Promise<Response> =>
    fetch(`${server.url}/api${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  expect((await request("POST", "/rooms", { title: "General" })).ok).toBe(true);

  const acknowledged: { clientId: string; seq: number }[] = [];
  let failures = 0;
  let isRunning = true;
  const senders = Array.from({ length: SENDERS }, async (_, sender) => {
    for (let i = 0; isRunning; i += 1) {
      const clientId = `${sender}-${i}`;
      for (let isAcknowledged = false; !isAcknowledged; ) {
        try {
          const response = await request("POST", "/rooms/1/messages", { clientId, body: clientId });
          if (!response.ok) throw new Error(`${response.status}`);
          const { seq } = (await response.json()) as { seq: number };
          acknowledged.push({ clientId, seq });
          isAcknowledged = true;
        } catch {
          failures += 1;
          await new Promise(setImmediate);
        }
      }
    }
  });
  const more = async (count: number): Promise<void> => {
    const target = acknowledged.length + count;
    await expect.poll(() => acknowledged.length).toBeGreaterThanOrEqual(target);
  };

  for (let crash = 0; crash < 4; crash += 1) {
    await more(100);
    await postgres.crash();
    if (crash % 2 === 1) await server.endWith("SIGKILL");
    await postgres.restart();
    if (crash % 2 === 1) server = await ServerProcess.start(env);
  }
  await more(100);
  isRunning = false;
  await Promise.all(senders);
  expect(failures, "premise: some posts failed").toBeGreaterThan(0);
  expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
  await server.endWith("SIGKILL");

  const store = await openCommandStore(testConfig(dataDir, env));
  const room = (await store.rooms.find(1))?.id ?? "";
  await expectWholeLog(store, room, acknowledged);
  await store.close();
});

test("commands work beside a server, and a server with Redis is refused beside one without", async () => {
  const first = await ServerProcess.start(env);
  const redis = await RedisProcess.start();
  await expect(ServerProcess.start({ ...env, REDIS_URL: redis.url })).rejects.toThrow(/one runs without it.*REDIS_URL/);
  await redis.stop();
  for (const [args, expected] of [
    [["user", "list"], /alice/],
    [["room", "list"], /^/],
    [["doctor"], /PostgreSQL 1\d.* answers, schema/],
    [["migrate"], /PostgreSQL 127\.0\.0\.1:\d+\/postgres: already at schema/],
    [["backup", `${dataDir}/copy.db`], /pg_dump/],
  ] as const) {
    const command = new CliProcess(args, { ...env, HOST: "127.0.0.1", PORT: "0" });
    const code = await command.finished();
    expect(code, command.output).toBe(args[0] === "backup" ? 1 : 0);
    expect(command.output).toMatch(expected);
  }
  await first.endWith("SIGKILL");
  const second = await ServerProcess.start(env);
  await second.endWith("SIGTERM");
});
