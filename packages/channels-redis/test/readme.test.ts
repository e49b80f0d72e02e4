import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { eventually } from "@multichat/channels/testing";
import { RedisQueueLayer } from "@multichat/channels-redis";
import { afterAll, beforeAll, expect, it } from "vitest";
import { RedisProcess } from "./support/redis-process.ts";

let redis: RedisProcess;
beforeAll(async () => {
  redis = await RedisProcess.start();
});
afterAll(() => redis?.stop());

const folder = fileURLToPath(new URL("..", import.meta.url));

/** Returns the complete programs of the README: those that start with an import. */
async function programs(): Promise<readonly string[]> {
  const text = await readFile(new URL("../README.md", import.meta.url), "utf8");
  const blocks = [...text.matchAll(/```ts\n(.*?)```/gs)].map(([, code = ""]) => code);
  return blocks.filter((code) => code.startsWith("import"));
}

/** Runs a program on this test's Redis. */
function run(code: string) {
  const program = code
    .replaceAll("redis://localhost:6379", redis.url)
    .replace("new RedisQueueLayer({", `new RedisQueueLayer({ hosts: ["${redis.url}"],`);
  const args = ["--conditions=@multichat/source", "--input-type=module-typescript", "-e", program];
  const running = promisify(execFile)(process.execPath, args, { cwd: folder });
  return { running, stop: () => running.child.kill("SIGKILL") };
}

it("contains three programs", async () => {
  expect(await programs()).toHaveLength(3);
});

it("runs the first program, which sends through a group", async () => {
  const [first = ""] = await programs();
  const { stdout } = await run(first).running;
  expect(stdout).toContain("hello from Node");
});

it("runs the second program, which does acknowledged work", async () => {
  const [, second = ""] = await programs();
  const output: string[] = [];
  const { running, stop } = run(second);
  running.child.stdout?.on("data", (data: Buffer) => output.push(data.toString()));
  const layer = new RedisQueueLayer({ hosts: [redis.url] });
  try {
    await layer.send("thumbnails", { type: "image.posted", id: 7 });
    await eventually(() => expect(output.join("")).toContain("image 7"));
  } finally {
    stop();
    // A stopped program rejects with its signal.
    await running.catch(() => undefined);
    await layer.close();
  }
});

it("runs the third program, which tracks presence", async () => {
  const [, , third = ""] = await programs();
  const { stdout } = await run(third).running;
  expect(stdout).toContain("members: 1");
  expect(stdout).toContain("ann");
});
