import { expect, onTestFinished, test } from "vitest";
import { RejectedMessages } from "../../../src/fan-out/rejected-messages.ts";
import { openCarrier } from "../../../src/main/layers.ts";
import { createLogger } from "../../../src/observability/logging.ts";
import { testConfig } from "../../support/chat-server.ts";
import { CutProxy } from "../support/cut-proxy.ts";
import { POSTGRES, postgresUrl } from "../support/postgres-database.ts";
import { newPlace, until } from "../support/temp-store.ts";
import { chooseDatabase } from "../support/test-database.ts";

chooseDatabase(POSTGRES);

test("what is lost between servers without a caller is logged, once for each reason", async () => {
  const place = await newPlace();
  const proxy = await CutProxy.start(new URL(postgresUrl()));
  onTestFinished(() => proxy.stop());
  const lines: Record<string, unknown>[] = [];
  const logger = createLogger(
    { logLevel: "info", logFormat: "json" },
    // Each line is one that the logger has written.
    { write: (line) => lines.push(JSON.parse(line) as Record<string, unknown>) },
  );
  const config = { ...testConfig("unused"), redisUrl: null, postgresUrl: proxy.through(place) };
  const rejected = new RejectedMessages(logger, "the database");
  const carrier = await openCarrier(config, { logger, rejected, onPeer: () => {}, accept: () => true });
  onTestFinished(() => carrier.close());
  const presence = await carrier.openPresence();
  expect(lines).toEqual([]);

  proxy.goAway();
  const attempt = { key: "a", allowance: 1, unknown: null, hasSucceeded: false };
  const loggedTasks = () => new Set(lines.map(({ task }) => task));
  const tasks = ["publish presence", "publish used limits", "connect for messages of other servers"];
  let connections = 0;
  await until(async () => {
    connections += 1;
    await presence.join("room", "alice", `connection-${connections}`);
    carrier.sharedLimits?.countAttempt(attempt);
    return tasks.every((task) => loggedTasks().has(task));
  });
  for (const line of lines) expect(line).toMatchObject({ level: "error", err: { message: expect.any(String) } });
  const reasons = lines.map(({ task, err }) => `${String(task)}: ${(err as Error).message}`);
  expect(new Set(reasons).size).toBe(reasons.length);
  await presence.close();
});

test("a server that starts takes what the others send meanwhile", async () => {
  const place = await newPlace();
  const logger = createLogger({ logLevel: "error", logFormat: "json" }, { write: () => {} });
  const rejected = new RejectedMessages(logger, "the database");
  const config = { ...testConfig("unused"), redisUrl: null, postgresUrl: place };
  const open = async (onAccept: () => void) => {
    const accept = () => {
      onAccept();
      return true;
    };
    const carrier = await openCarrier(config, { logger, rejected, onPeer: () => {}, accept });
    onTestFinished(() => carrier.close());
    return carrier;
  };
  let isOpening = true;
  // Sends again as soon as the last message has arrived, so that each round trip of an opening meets some.
  const sender = await open(() => {
    if (isOpening) void sender.layer.groupSend("room.1", { type: "log.event" });
  });
  await sender.layer.groupSend("room.1", { type: "log.event" });
  let accepted = 0;
  for (let n = 0; n < 10; n += 1) {
    await open(() => {
      accepted += 1;
    });
  }
  await until(() => accepted > 10);
  isOpening = false;
});
