import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { expect, test } from "vitest";
import { serve } from "../../src/main.ts";
import { ChatClient } from "../support/chat-client.ts";
import { signIn, TestChat, testConfig } from "../support/chat-server.ts";
import { TestShell } from "./test-terminal.ts";

test("a backup of a running server holds what was said; restoring is refused while it runs", async () => {
  await using chat = await TestChat.start();
  const shell = TestShell.beside(chat.dataDir);
  const alice = await ChatClient.open(chat, "alice");
  await alice.join(1);
  const { seq } = await alice.say(1, "before the backup");
  const { epoch } = await alice.do("room.list", {});
  const { backup, bytes } = await shell.json(["backup", "copy.db"]);
  expect([backup, bytes > 10_000]).toEqual([join(chat.dataDir, "copy.db"), true]);
  const again = await shell.run(["backup", "copy.db"]);
  expect([again.code, again.stderr]).toEqual([1, expect.stringContaining("expected no file there")]);

  const running = await shell.run(["restore", "copy.db", "--yes"]);
  expect([running.code, running.stderr]).toEqual([1, expect.stringContaining("stop the server first")]);
  await alice.say(1, "still here");
  alice.close();

  // Somewhere else there is no server: and nothing to be replaced.
  await using elsewhere = await TestShell.open();
  const restored = await elsewhere.json(["restore", backup]);
  expect(restored).toEqual({ database: expect.any(String), epoch: expect.any(String), aside: null });
  expect(restored.epoch, "clients that come back begin anew").not.toBe(epoch);
  const rooms = (await elsewhere.json(["room", "list"])) as { number: number; lastSeq: number }[];
  expect(rooms.find(({ number }) => number === 1)?.lastSeq).toBe(seq);
});

test("who was signed in when the backup was made signs in again after it was restored", async () => {
  await using chat = await TestChat.start();
  const { cookie } = await chat.session("alice");
  const { backup } = await TestShell.beside(chat.dataDir).json(["backup", "copy.db"]);
  const dataDir = await mkdtemp(join(tmpdir(), "multichat-restored-"));
  await TestShell.beside(dataDir).json(["restore", backup]);
  const restored = await serve(testConfig(dataDir), { logger: pino({ level: "silent" }) });
  try {
    expect((await fetch(`${restored.url}/api/me`, { headers: { cookie } })).status).toBe(401);
    expect((await signIn(restored.url, "alice")).cookie).not.toBe(cookie);
  } finally {
    await restored.close();
    await rm(dataDir, { recursive: true, force: true });
  }
});

test("a database that is there is replaced where that is said, and put aside", async () => {
  await using shell = await TestShell.open();
  await shell.must(["room", "create", "Old"]);
  await shell.close();
  await shell.must(["backup", "copy.db"]);
  await shell.must(["room", "create", "New"]);
  await shell.close();
  const unsaid = await shell.run(["restore", "copy.db"]);
  expect([unsaid.code, unsaid.stderr]).toEqual([2, expect.stringContaining("--yes")]);
  const { aside } = await shell.json(["restore", "copy.db", "--yes"]);
  const titles = ((await shell.json(["room", "list"])) as { title: string }[]).map(({ title }) => title);
  expect(titles).toEqual(["Old"]);
  expect(existsSync(aside)).toBe(true);
});

test("what is no backup is refused, and nothing is touched", async () => {
  await using shell = await TestShell.open();
  const missing = await shell.run(["restore", "nowhere.db"]);
  expect([missing.code, missing.stderr]).toEqual([1, expect.stringContaining("there is no backup at")]);
  const nothing = await shell.run(["backup", "copy.db"]);
  expect([nothing.code, nothing.stderr]).toEqual([1, expect.stringContaining("there is no database at")]);
});
