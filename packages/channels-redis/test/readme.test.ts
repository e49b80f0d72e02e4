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

/** The README's whole programs: those that import what they use. */
async function programs(): Promise<readonly string[]> {
  const text = await readFile(new URL("../README.md", import.meta.url), "utf8");
  const blocks = [...text.matchAll(/```ts\n(.*?)```/gs)].map(([, code = ""]) => code);
  return blocks.filter((code) => code.startsWith("import"));
}

/** Runs a program as a reader would, on this test's Redis. */
function run(code: string) {
  const here = code
    .replaceAll("redis://localhost:6379", redis.url)
    .replace("new RedisQueueLayer({", `new RedisQueueLayer({ hosts: ["${redis.url}"],`);
  const args = ["--conditions=@multichat/source", "--input-type=module-typescript", "-e", here];
  const running = promisify(execFile)(process.execPath, args, { cwd: folder });
  return { running, stop: () => running.child.kill("SIGKILL") };
}

it("has the three programs that are tried here", async () => {
  expect(await programs()).toHaveLength(3);
});

it("says hello through a group, as the first program shows", async () => {
  const [first = ""] = await programs();
  const { stdout } = await run(first).running;
  expect(stdout).toContain("hello from Node");
});

it("works, as the second program shows", async () => {
  const [, second = ""] = await programs();
  const said: string[] = [];
  const { running, stop } = run(second);
  running.child.stdout?.on("data", (data: Buffer) => said.push(data.toString()));
  const layer = new RedisQueueLayer({ hosts: [redis.url] });
  try {
    await layer.send("thumbnails", { type: "image.posted", id: 7 });
    await eventually(() => expect(said.join("")).toContain("image 7"));
  } finally {
    stop();
    await running.catch(() => undefined);
    await layer.close();
  }
});

it("knows who is there, as the third program shows", async () => {
  const [, , third = ""] = await programs();
  const { stdout } = await run(third).running;
  expect(stdout).toContain("members: 1");
  expect(stdout).toContain("ann");
});
