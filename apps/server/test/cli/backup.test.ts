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

test("backs up a running server, and refuses to restore while it runs", async () => {
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

  // In another folder no server is running and there is no database to replace.
  await using elsewhere = await TestShell.open();
  const restored = await elsewhere.json(["restore", backup]);
  expect(restored).toEqual({ database: expect.any(String), epoch: expect.any(String), aside: null });
  expect(restored.epoch, "reconnecting clients must reload").not.toBe(epoch);
  const rooms = (await elsewhere.json(["room", "list"])) as { number: number; lastSeq: number }[];
  expect(rooms.find(({ number }) => number === 1)?.lastSeq).toBe(seq);
});

test("ends all sessions when a backup is restored", async () => {
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

test("replaces an existing database only with --yes, and renames the old one", async () => {
  await using shell = await TestShell.open();
  await shell.must(["room", "create", "Old"]);
  await shell.close();
  await shell.must(["backup", "copy.db"]);
  await shell.must(["room", "create", "New"]);
  await shell.close();
  const unconfirmed = await shell.run(["restore", "copy.db"]);
  expect([unconfirmed.code, unconfirmed.stderr]).toEqual([2, expect.stringContaining("--yes")]);
  const { aside } = await shell.json(["restore", "copy.db", "--yes"]);
  const titles = ((await shell.json(["room", "list"])) as { title: string }[]).map(({ title }) => title);
  expect(titles).toEqual(["Old"]);
  expect(existsSync(aside)).toBe(true);
});

test("fails without a backup to restore or a database to back up", async () => {
  await using shell = await TestShell.open();
  const missing = await shell.run(["restore", "nowhere.db"]);
  expect([missing.code, missing.stderr]).toEqual([1, expect.stringContaining("there is no backup at")]);
  const noDatabase = await shell.run(["backup", "copy.db"]);
  expect([noDatabase.code, noDatabase.stderr]).toEqual([1, expect.stringContaining("expected a database at")]);
});
