import { readFile } from "node:fs/promises";
import { eventually } from "@multichat/channels/testing";
import { RedisQueueLayer } from "@multichat/channels-redis";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { TestShell } from "../cli/test-terminal.ts";
import { TestChat } from "../support/chat-server.ts";
import { ClassicClient } from "../support/classic-client.ts";
import { CliProcess } from "../support/cli-process.ts";
import { runPython, sendFromPython } from "../support/redis/python-sender.ts";
import { RedisProcess } from "../support/redis/redis-process.ts";

const CHANNEL = "multichat.notices";
const PREFIX = "multichat";

let redis: RedisProcess;
let chat: TestChat;
let worker: CliProcess;
let layer: RedisQueueLayer;
let page: ClassicClient;

const startWorker = async (...args: string[]): Promise<CliProcess> => {
  const started = new CliProcess(["worker", ...args], {
    DATA_DIR: chat.dataDir,
    REDIS_URL: redis.url,
    LOG_FORMAT: "json",
  });
  await started.says(/worker processes multichat\.notices/);
  return started;
};

beforeAll(async () => {
  redis = await RedisProcess.start();
  chat = await TestChat.start({ env: { REDIS_URL: redis.url } });
  worker = await startWorker("--concurrency", "2");
  layer = new RedisQueueLayer({ hosts: [redis.url], prefix: PREFIX });
  const { cookie } = await chat.session("alice");
  page = await new ClassicClient(`${chat.socketUrl}/chat/stream/`, { cookie }).settled();
  page.send({ command: "join", room: 1 });
  await page.until(() => page.received.length === 1);
});
beforeEach(() => {
  page?.received.splice(0);
});
afterAll(async () => {
  page?.close();
  await worker?.end("SIGKILL");
  await layer?.close();
  await chat?.close();
  await redis?.stop();
});

const notice = (id: string, changes: object = {}) => ({
  type: "notice.post",
  room: 1,
  kind: "alert",
  text: `about ${id}`,
  id,
  ...changes,
});
const fromPython = (...messages: object[]) =>
  sendFromPython({ redis: redis.url, prefix: PREFIX, channel: CHANNEL }, ...messages);
const alertFrame = (id: string) => ({ msg_type: 2, room: 1, username: "", message: `about ${id}` });

test("posts a notice from Python once, however often it is sent", async () => {
  await fromPython(notice("python-1"), notice("python-1"), notice("python-2", { room: "1" }));
  await page.until(() => page.received.length >= 2);
  await layer.send(CHANNEL, notice("python-1"));
  await layer.send(CHANNEL, notice("node-1"));
  await page.until(() => page.received.length >= 3);
  await page.fence();
  const received = (id: string) =>
    page.received.filter((got) => (got as { message?: string }).message === `about ${id}`);
  for (const id of ["python-1", "python-2", "node-1"]) expect(received(id)).toEqual([alertFrame(id)]);
  const { body } = await chat.api("alice", "GET", "/api/rooms/1/messages");
  expect(body).toMatchObject({ messages: [{ kind: "alert", author: null }, { kind: "alert" }, { kind: "alert" }] });
});

test("posts the notice of the program in the documentation", async () => {
  const text = await readFile(new URL("../../../../docs/operations/several-processes.md", import.meta.url), "utf8");
  const program = /```python\n(?<program>[\s\S]+?)```/.exec(text)?.groups?.program ?? "";
  await runPython(program, { REDIS_URL: redis.url });
  await page.until(() => page.received.length >= 1);
  expect(page.received).toEqual([{ msg_type: 1, room: 1, username: "", message: "Maintenance at six" }]);
});

test("moves unusable messages to the dead letters with a reason, and processes those after them", async () => {
  await fromPython(
    notice("loud", { kind: "loud" }),
    { type: "notice.post", room: 1 },
    notice("nowhere", { room: 99 }),
    notice("damaged", { text: "Caf\uFFFD" }),
    { type: "notice.sing" },
    notice("fine"),
  );
  await page.until(() => page.received.length >= 1);
  await eventually(async () => expect(await layer.deadLetters(CHANNEL)).toHaveLength(5));
  const letters = await layer.deadLetters(CHANNEL);
  const reasons = letters.map(({ attempts, reason }) => [attempts, reason.replace(/^UnusableMessage: /, "")]);
  expect(reasons).toEqual(
    expect.arrayContaining([
      [1, expect.stringMatching(/^expected \{ room, kind, text, id \}; kind: /)],
      [1, expect.stringMatching(/kind: .*; text: .*; id: /)],
      [1, expect.stringMatching(/^ROOM_INVALID: /)],
      [1, expect.stringMatching(/text: expected text in UTF-8, got other bytes/)],
      [1, expect.stringContaining('"notice.sing"')],
    ]),
  );
  expect(page.received).toEqual([alertFrame("fine")]);
});

test("finishes on SIGTERM, and leaves later messages to the next worker", async () => {
  expect(await worker.end("SIGTERM")).toBe(0);
  expect(worker.output).toContain("SIGTERM: finishing");
  await fromPython(notice("between-workers"));
  worker = await startWorker("--channels", CHANNEL);
  await page.until(() => page.received.length >= 1);
  expect(page.received).toEqual([alertFrame("between-workers")]);
});

test("fails with a clear error without Redis, for an unknown channel, and for an invalid number", async () => {
  const shell = TestShell.beside(chat.dataDir);
  const runWorker = async (args: readonly string[]) => {
    const { code, stderr } = await shell.run(["worker", ...args]);
    return [code, stderr];
  };
  expect(await runWorker([])).toEqual([1, expect.stringMatching(/^multichat: REDIS_URL: expected/)]);
  expect(await runWorker(["--concurrency", "0"])).toEqual([2, expect.stringContaining("--concurrency: expected")]);
  shell.env.REDIS_URL = redis.url;
  expect(await runWorker(["--channels", "multichat.songs"])).toEqual([1, expect.stringContaining("multichat.notices")]);
  await shell.close();
});
