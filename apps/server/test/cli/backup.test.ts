import { existsSync } from "node:fs";
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, truncate, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { pino } from "pino";
import { describe, expect, test } from "vitest";
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
  expect(restored).toMatchObject({ database: expect.any(String), epoch: expect.any(String), previousFile: null });
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

describe("the files of messages", () => {
  /** Posts a file. @returns its id and the content */
  async function postFile(chat: TestChat, text: string) {
    const { cookie } = await chat.session("alice");
    const uploaded = await fetch(`${chat.url}/api/rooms/1/files?name=a.txt&clientId=${crypto.randomUUID()}`, {
      method: "POST",
      headers: { cookie, "content-type": "application/octet-stream" },
      body: text,
    });
    const { file } = (await uploaded.json()) as { file: { id: string } };
    const message = { clientId: crypto.randomUUID(), body: "", files: [file.id] };
    expect(await chat.api("alice", "POST", "/api/rooms/1/messages", message)).toMatchObject({ status: 201 });
    return file.id;
  }

  const contentsIn = async (folder: string) =>
    (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());

  test("are in the backup, once, and are there again after a restore", async () => {
    await using chat = await TestChat.start();
    const shell = TestShell.beside(chat.dataDir);
    const id = await postFile(chat, "the first file");
    await postFile(chat, "the first file");
    const folder = await mkdtemp(join(tmpdir(), "multichat-backups-"));
    const first = await shell.json(["backup", join(folder, "first.db")]);
    expect(first.files).toEqual({ copied: 1, present: 0, bytes: 14, missing: [], damaged: [] });
    await postFile(chat, "the second file");
    const { backup, files } = await shell.json(["backup", join(folder, "second.db")]);
    expect(files).toMatchObject({ copied: 1, present: 1 });
    expect(await contentsIn(join(folder, "multichat-files"))).toHaveLength(2);
    expect(await shell.json(["restore-drill", folder])).toMatchObject({ files: 2, problems: [] });

    await using elsewhere = await TestShell.open();
    expect((await elsewhere.json(["restore", backup])).files).toMatchObject({ copied: 2, missing: [] });
    await elsewhere.close();
    const restored = await serve(testConfig(join(elsewhere.cwd, "data")), { logger: pino({ level: "silent" }) });
    try {
      const { cookie } = await signIn(restored.url, "alice");
      const response = await fetch(`${restored.url}/api/files/${id}/a.txt`, { headers: { cookie } });
      expect(await response.text()).toBe("the first file");
    } finally {
      await restored.close();
    }
    await rm(folder, { recursive: true, force: true });
  });

  test("that are missing or damaged are reported by backup, drill and doctor", async () => {
    await using chat = await TestChat.start();
    const shell = TestShell.beside(chat.dataDir);
    await postFile(chat, "a file that will be damaged");
    const folder = await mkdtemp(join(tmpdir(), "multichat-backups-"));
    await shell.must(["backup", join(folder, "first.db")]);
    const [copy] = await contentsIn(join(folder, "multichat-files"));
    if (copy === undefined) throw new Error("expected a content");
    await writeFile(join(copy.parentPath, copy.name), "A file that will be damaged");
    const drill = await shell.run(["restore-drill", folder]);
    expect([drill.code, drill.stderr]).toEqual([1, expect.stringMatching(/1 of the files are damaged/)]);
    await rm(join(chat.dataDir, "files", copy.name.slice(0, 2)), { recursive: true });
    await rm(join(folder, "multichat-files"), { recursive: true });
    const backup = await shell.run(["backup", join(folder, "second.db")]);
    expect([backup.code, backup.stderr]).toEqual([
      1,
      expect.stringMatching(/not all of its files: 1 of the files are missing/),
    ]);
    expect(existsSync(join(folder, "second.db"))).toBe(true);
    const doctor = await shell.run(["doctor", "--json"]);
    expect(JSON.parse(doctor.stdout)).toContainEqual(expect.objectContaining({ check: "files", status: "fail" }));
    await rm(folder, { recursive: true, force: true });
  });
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
  const { previousFile } = await shell.json(["restore", "copy.db", "--yes"]);
  const titles = ((await shell.json(["room", "list"])) as { title: string }[]).map(({ title }) => title);
  expect(titles).toEqual(["Old"]);
  expect(existsSync(previousFile)).toBe(true);
});

test("fails without a backup to restore or a database to back up", async () => {
  await using shell = await TestShell.open();
  const missing = await shell.run(["restore", "nowhere.db"]);
  expect([missing.code, missing.stderr]).toEqual([1, expect.stringContaining("there is no backup at")]);
  const noDatabase = await shell.run(["backup", "copy.db"]);
  expect([noDatabase.code, noDatabase.stderr]).toEqual([1, expect.stringContaining("expected a database at")]);
});

describe("restore-drill", () => {
  /** Makes a folder with two backups of a chat, of which the second is the latest. */
  const prepare = async (shell: TestShell): Promise<string> => {
    await shell.must(["room", "create", "First"]);
    await shell.must(["notice", "--room", "1", "a message"]);
    const folder = join(shell.cwd, "backups");
    await mkdir(folder);
    await shell.must(["backup", join(folder, "old.db")]);
    await shell.must(["room", "create", "Second"]);
    await shell.must(["backup", join(folder, "new.db")]);
    await utimes(join(folder, "old.db"), new Date(), new Date(Date.now() - 3 * 3_600_000));
    return folder;
  };
  /** Changes the latest backup by SQL. */
  const change = (folder: string, sql: string): void => {
    const raw = new DatabaseSync(join(folder, "new.db"));
    raw.exec(`pragma foreign_keys = off; ${sql}`);
    raw.close();
  };

  test("restores the latest backup, reports what is in it, and leaves nothing behind", async () => {
    await using shell = await TestShell.open();
    const folder = await prepare(shell);
    const before = await readFile(join(folder, "new.db"));
    const within = join(shell.cwd, "space");
    await mkdir(within);
    const drill = await shell.json(["restore-drill", folder, "--within", within, "--max-age", "1"]);
    expect(drill).toMatchObject({
      backup: join(folder, "new.db"),
      bytes: before.length,
      counts: { rooms: 2, messages: 1, accounts: 0 },
      problems: [],
    });
    expect(drill.counts.events).toBeGreaterThanOrEqual(1);
    expect(Date.parse(drill.lastEventAt)).toBeLessThanOrEqual(Date.now());
    expect(await readdir(within)).toEqual([]);
    expect(await readdir(folder)).toEqual(["new.db", "old.db"]);
    expect(await readFile(join(folder, "new.db"))).toEqual(before);
    const text = await shell.must(["restore-drill", join(folder, "old.db")]);
    expect(text).toMatch(/^rooms +1$/m);
    expect(text).toMatch(/^nothing is wrong$/m);
  });

  test.each([
    ["an event that is missing", "delete from event where seq = 1", /room \d+: expected \d+ events/],
    ["a reference to nothing", "delete from room where number = 2", /refers to a row of room that is missing/],
    [
      "an entry of the audit log that was changed",
      "drop trigger audit_no_update; update audit set at = at + 1 where n = 1",
      /audit log: entry 1/,
    ],
  ])("finds %s", async (_, sql, problem) => {
    await using shell = await TestShell.open();
    const folder = await prepare(shell);
    change(folder, sql);
    const { code, stderr, stdout } = await shell.run(["restore-drill", folder, "--json"]);
    expect([code, stderr]).toEqual([1, expect.stringMatching(problem)]);
    expect(JSON.parse(stdout).problems.join()).toMatch(problem);
  });

  test("fails for a damaged backup, one that is too old, and a folder without one", async () => {
    await using shell = await TestShell.open();
    const folder = await prepare(shell);
    const tooOld = await shell.run(["restore-drill", join(folder, "old.db"), "--max-age", "2"]);
    expect([tooOld.code, tooOld.stderr]).toEqual([1, expect.stringMatching(/3\.0 hours old, expected at most 2/)]);
    const noNumber = await shell.run(["restore-drill", folder, "--max-age", "soon"]);
    expect([noNumber.code, noNumber.stderr]).toEqual([2, expect.stringContaining("--max-age: expected a number")]);
    await copyFile(join(folder, "old.db"), join(folder, "newest.db"));
    await truncate(join(folder, "newest.db"), 8_192);
    const damaged = await shell.run(["restore-drill", folder]);
    expect([damaged.code, damaged.stderr]).toEqual([1, expect.stringContaining("is damaged")]);
    const empty = await shell.run(["restore-drill", shell.cwd]);
    expect([empty.code, empty.stderr]).toEqual([1, expect.stringContaining("found none")]);
  });

  test.each([
    ["a path that does not exist", ["nowhere"], /expected a backup, or a folder of them, at .*nowhere; ENOENT/],
    ["a path below a file", ["old.db/backup.db"], /expected a backup, or a folder of them, at .*; ENOTDIR/],
    ["a name that is too long", ["x".repeat(300)], /expected a backup, or a folder of them, at .*; ENAMETOOLONG/],
    [
      "a folder to restore in that does not exist",
      ["old.db", "--within", "nowhere"],
      /can be written to at .*; ENOENT/,
    ],
    ["a file to restore in", ["old.db", "--within", "old.db"], /can be written to at .*; ENOTDIR/],
  ] as const)("says why it cannot use %s", async (_, [path, ...options], reason) => {
    await using shell = await TestShell.open();
    const folder = await prepare(shell);
    const places = options.map((option) => (option.startsWith("--") ? option : join(folder, option)));
    const { code, stderr } = await shell.run(["restore-drill", join(folder, path), ...places]);
    expect([code, stderr]).toEqual([1, expect.stringMatching(reason)]);
  });
});
