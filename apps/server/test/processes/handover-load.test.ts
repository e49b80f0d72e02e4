import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { askToHandOver } from "../../src/main/handover/ask-to-hand-over.ts";
import { handoverSocketPath, listenForSuccessor } from "../../src/process/handover/handover-socket.ts";
import { MessageLink } from "../../src/process/handover/message-link.ts";
import { testConfig } from "../support/chat-server.ts";

test("a successor goes on to report its load where a measurement fails, and names the first failure", async () => {
  const dataDir = await mkdtemp(join(tmpdir(), "multichat-load-"));
  const config = testConfig(dataDir, { DATA_DIR: dataDir, PORT: "8000" });
  const loads: unknown[] = [];
  const listener = await listenForSuccessor(handoverSocketPath(dataDir, config.port), (socket) => {
    const link = new MessageLink(socket, {
      onMessage: (message) => {
        if (message.type === "replace") link.send({ type: "accepted", pid: 1, version: "1" });
        if (message.type === "load") loads.push(message.connections);
      },
      onClosed: () => {},
    });
  });
  const predecessor = await askToHandOver(config);
  let measured = 0;
  const errors: unknown[] = [];
  const reporting = predecessor?.reportLoad({
    measure: async () => {
      measured += 1;
      if ([2, 3, 5].includes(measured)) throw new Error(`failure ${measured}`);
      return { connections: measured, delayMs: 1 };
    },
    onError: (error) => errors.push(error),
  });
  await expect.poll(() => loads.slice(0, 3)).toEqual([1, 4, 6]);
  expect(errors).toEqual([new Error("failure 2"), new Error("failure 5")]);
  predecessor?.close();
  await reporting;
  await listener?.close();
  await rm(dataDir, { recursive: true });
});
