import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import type { Config } from "../../src/config/config.ts";
import { describeDatabase } from "../../src/main/databases.ts";
import { askToHandOver } from "../../src/main/handover/ask-to-hand-over.ts";
import { HandoverPace } from "../../src/main/handover/handover-pace.ts";
import { type ReplacedServer, waitForSuccessor } from "../../src/main/handover/wait-for-successor.ts";
import { CleanupStack } from "../../src/process/cleanup-stack.ts";
import {
  connectToPredecessor,
  handoverSocketPath,
  listenForSuccessor,
} from "../../src/process/handover/handover-socket.ts";
import { MessageLink } from "../../src/process/handover/message-link.ts";
import { testConfig } from "../support/chat-server.ts";

const BLUE = { version: "0.9.0", folder: "/srv/multichat/blue" };

let config: Config;
beforeAll(async () => {
  const dataDir = await mkdtemp(join(tmpdir(), "multichat-restart-"));
  config = testConfig(dataDir, { PORT: "8000" });
});
afterAll(() => rm(config.dataDir, { recursive: true }));

/** Runs what waits for a successor in a server that has replaced another one. */
async function run(predecessor?: ReplacedServer) {
  const cleanup = new CleanupStack();
  onTestFinished(() => cleanup.close());
  return waitForSuccessor({
    config,
    logger: pino({ level: "silent" }),
    bus: undefined,
    sharing: undefined,
    predecessor,
    onReplaced: () => {},
    pace: new HandoverPace(),
    onSuccessorLost: () => {},
    onLost: () => {},
    cleanup,
  });
}

/** Asks as a server of another folder does. Returns the type of the answer. */
async function ask(server: { readonly version: string; readonly folder?: string }): Promise<unknown> {
  const socket = await connectToPredecessor(handoverSocketPath(config.dataDir, config.port));
  if (socket === undefined) throw new Error("expected a server that listens");
  const answer = Promise.withResolvers<unknown>();
  const link = new MessageLink(socket, { onMessage: ({ type }) => answer.resolve(type), onClosed: () => {} });
  const carrier = config.postgresUrl === null ? "none" : "PostgreSQL";
  link.send({ type: "replace", protocol: 1, ...server, database: describeDatabase(config), carrier });
  const type = await answer.promise;
  const closed = once(socket, "close");
  link.destroy();
  await closed;
  return type;
}

describe("a server that has replaced another one", () => {
  const killed = () => run({ pid: 1, ...BLUE, gone: Promise.resolve({ wasKilled: true }) });

  test("which was killed meanwhile is not replaced by it again", async () => {
    await killed();
    expect([await ask(BLUE), await ask(BLUE)]).toEqual(["refused", "refused"]);
  });

  test.each([
    ["a newer version in its folder", { ...BLUE, version: "1.1.0" }],
    ["the same version in another folder", { ...BLUE, folder: "/srv/multichat/red" }],
    ["one that does not name its folder", { version: BLUE.version }],
  ])("which was killed is replaced by %s", async (_, server) => {
    await killed();
    expect(await ask(server)).toBe("accepted");
  });

  test("which has ended by itself is replaced by it, to go back", async () => {
    await run({ pid: 1, ...BLUE, gone: Promise.resolve({ wasKilled: false }) });
    expect(await ask(BLUE)).toBe("accepted");
  });
});

test("a successor learns that its predecessor has ended by itself", async () => {
  const server = await run();
  const predecessor = await askToHandOver(config);
  server.disconnect();
  expect(await predecessor?.ended).toEqual({ wasKilled: false });
});

test("a successor learns that its predecessor was killed", async () => {
  const path = handoverSocketPath(config.dataDir, config.port);
  const listener = await listenForSuccessor(path, (socket) => {
    socket.once("data", () => {
      socket.write(`${JSON.stringify({ type: "accepted", pid: 1, ...BLUE })}\n`, () => socket.destroy());
    });
  });
  const predecessor = await askToHandOver(config);
  expect(predecessor).toMatchObject(BLUE);
  expect(await predecessor?.ended).toEqual({ wasKilled: true });
  await listener?.close();
});
