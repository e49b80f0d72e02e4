import { once } from "node:events";
import { PassThrough, Writable } from "node:stream";
import { AUDIT_ACTIONS, type AuditEntry } from "@multichat/protocol";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { formatAuditEntry } from "../../src/cli/commands/audit-formats.ts";
import { writeAndWait } from "../../src/cli/terminal.ts";
import { loadConfig } from "../../src/config/config.ts";
import { serve } from "../../src/main.ts";
import { openBeside } from "../store/support/raw-database.ts";
import { TestShell } from "./test-terminal.ts";

const PASSWORD = "an unusual pass phrase";

let shell: TestShell;
beforeAll(async () => {
  shell = await TestShell.open();
  await shell.must(["createsuperuser", "--username", "root", "--password-stdin"], PASSWORD);
  await shell.must(["user", "create", "alice", "--password-stdin"], PASSWORD);
  await shell.must(["user", "staff", "alice"]);
  await shell.must(["user", "password", "alice", "--password-stdin"], `${PASSWORD} two`);
  await shell.must(["user", "sign-out", "alice"]);
  await shell.must(["user", "deactivate", "alice"]);
  await shell.must(["room", "create", "General"]);
  await shell.must(["room", "staff-only", "1"]);
  await shell.must(["room", "delete", "1", "--yes"]);
  await shell.must(["backup", "copy.db"]);
  await shell.run(["backup", "copy.db"]);
});
afterAll(() => shell[Symbol.asyncDispose]());

const readLines = (text: string): AuditEntry[] =>
  text
    .trim()
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));

const exported = async (...options: string[]) => readLines(await shell.must(["audit", "export", ...options]));

describe("what the operator does on the command line is recorded", () => {
  test("with its target and details, and without passwords", async () => {
    const entries = await exported();
    const described = entries.map(({ action, outcome, target }) => `${action} ${outcome} ${target}`).reverse();
    expect(described).toEqual([
      "person.create success root",
      "person.create success alice",
      "person.change success alice",
      "person.change success alice",
      "person.sign-out success alice",
      "person.change success alice",
      expect.stringMatching(/^room.create success /),
      expect.stringMatching(/^room.change success /),
      expect.stringMatching(/^room.delete success /),
      expect.stringMatching(/^backup success .*copy\.db$/),
      expect.stringMatching(/^backup failure .*copy\.db$/),
    ]);
    expect(new Set(entries.map(({ actor }) => actor?.username))).toEqual(new Set(["operator"]));
    expect(entries.find(({ details }) => "password" in details)?.details).toMatchObject({ password: "given" });
    expect(JSON.stringify(entries)).not.toContain(PASSWORD);
    expect(await shell.must(["audit", "verify"])).toMatch(/^11 entries, head 11:[0-9a-f]{64}\n$/);
  });

  test("a restore is in the log of the restored database, with the head of the one that it replaced", async () => {
    await using other = await TestShell.open();
    await other.must(["room", "create", "Replaced"]);
    const { head } = await other.json(["audit", "verify"]);
    await other.close();
    await other.must(["restore", `${shell.cwd}/copy.db`, "--yes"]);
    const [entry] = readLines(await other.must(["audit", "export", "--action", "restore"]));
    expect(entry).toMatchObject({
      outcome: "success",
      actor: { username: "operator" },
      target: `${shell.cwd}/copy.db`,
      details: { sessions: 0, previousHead: head, previousFile: expect.stringContaining("before-") },
    });
    await other.must(["audit", "verify"]);
    await other.close();
    expect((await other.run(["restore", `${shell.cwd}/missing.db`, "--yes"])).code).toBe(1);
    const [failure] = readLines(await other.must(["audit", "export"]));
    expect(failure).toMatchObject({ action: "restore", outcome: "failure", details: { code: "cannot-open" } });
  });

  test("a backup of a database that takes no entry is made all the same, with a warning", async () => {
    await using other = await TestShell.open();
    await other.must(["room", "create", "General"]);
    await other.close();
    const raw = openBeside(`${other.cwd}/data/multichat.db`);
    raw.exec("create trigger injected before insert on audit begin select raise(abort, 'injected'); end");
    raw.close();
    const { code, stderr } = await other.run(["backup", "copy.db"]);
    expect([code, stderr]).toEqual([0, expect.stringContaining("failed to record the backup in the audit log")]);
  });

  test("in the log of a running server, and of the next one for what was done while none was running", async () => {
    const lines: Record<string, unknown>[] = [];
    const logger = pino({ level: "info" }, { write: (line) => lines.push(JSON.parse(line)) });
    await using other = await TestShell.open();
    await other.must(["room", "create", "General"]);
    await other.close();
    const env = {
      DATA_DIR: `${other.cwd}/data`,
      HOST: "127.0.0.1",
      PORT: "0",
      ADMIN_USERNAME: "root",
      ADMIN_PASSWORD: PASSWORD,
    };
    const config = loadConfig({ env, cwd: other.cwd });
    const events = () =>
      lines.filter(({ event }) => event !== undefined).map(({ event, actor }) => `${event} ${actor}`);
    const running = await serve(config, { logger });
    expect(events()).toEqual(["room.create operator", "setup null"]);
    expect(lines.find(({ event }) => event === "setup")).toMatchObject({ target: "root", source: "ADMIN_USERNAME" });
    await other.must(["user", "create", "bob", "--password-stdin"], PASSWORD);
    await other.must(["backup", "copy.db"]);
    await expect.poll(events, { timeout: 300_000 }).toContain("backup operator");
    expect(events()).toEqual(["room.create operator", "setup null", "person.create operator", "backup operator"]);
    await running.close();
    await other.must(["user", "staff", "bob"]);
    await other.close();
    lines.length = 0;
    await (await serve(config, { logger })).close();
    expect(events()).toEqual(["person.change operator"]);
    expect(JSON.stringify(lines)).not.toContain(PASSWORD);
  });
});

describe("export", () => {
  test("filters by action, outcome, target, account and time", async () => {
    expect((await exported("--action", "person.create")).map(({ target }) => target)).toEqual(["alice", "root"]);
    expect(await exported("--outcome", "failure")).toHaveLength(1);
    expect((await exported("--target", "ALICE")).every(({ target }) => target === "alice")).toBe(true);
    expect(await exported("--actor", "operator")).toHaveLength(11);
    expect(await exported("--actor", "nobody")).toEqual([]);
    expect(await exported("--since", "2099-01-01")).toEqual([]);
    expect(await exported("--until", "2000-01-01T00:00:00Z")).toEqual([]);
    expect(await exported("--since", "2000-01-01", "--until", "2099-01-01")).toHaveLength(11);
  });

  test("refuses what is no action, format, outcome or time", async () => {
    for (const [option, value] of [
      ["--action", "nothing"],
      ["--format", "xml"],
      ["--outcome", "maybe"],
      ["--since", "yesterday"],
      ["--since", "5"],
      ["--until", "2026-13-01"],
      ["--until", "2026-08-01T25:00"],
    ] as const) {
      const { code, stdout, stderr } = await shell.run(["audit", "export", option, value]);
      expect([code, stdout], `${option} ${value}`).toEqual([2, ""]);
      expect(stderr).toContain(option);
    }
    const reversed = await shell.run(["audit", "export", "--since", "2026-02-01", "--until", "2026-01-01"]);
    expect([reversed.code, reversed.stderr]).toEqual([2, expect.stringContaining("after --since")]);
  });

  test("writes CSV with a head, quoted, and without formulas", async () => {
    const text = await shell.must(["audit", "export", "--format", "csv"]);
    const rows = text.trimEnd().split("\r\n");
    expect(rows).toHaveLength(12);
    expect(rows[0]).toBe('"n","at","action","outcome","actor","actorId","target","address","request","details","hash"');
    const entry = (target: string): AuditEntry => ({
      n: 1,
      at: 0,
      action: "person.create",
      outcome: "success",
      actor: null,
      target,
      address: null,
      request: null,
      details: { text: 'a "quoted" text,\nin two lines' },
      hash: "ab",
    });
    for (const target of ["=1+1", "+1", "-1", "@sum(a1)", "\t=1", "\r=1"]) {
      expect(formatAuditEntry("csv", entry(target))).toContain(`"'${target}"`);
    }
    expect(formatAuditEntry("csv", entry('say "hi", bob'))).toContain('"say ""hi"", bob"');
  });

  test("of a log of many pages is complete, in order, and never more than a page ahead of its reader", async () => {
    await using other = await TestShell.open();
    await other.must(["migrate"]);
    const raw = openBeside(`${other.cwd}/data/multichat.db`);
    const insert = raw.prepare(
      "insert into audit (n, at, action, outcome, details, hash) values (?, ?, 'sign-in', 'success', ?, 'x')",
    );
    const details = JSON.stringify({ text: "x".repeat(1_000) });
    raw.exec("begin");
    for (let n = 1; n <= 5_250; n += 1) insert.run(n, n, details);
    raw.exec("commit");
    raw.close();
    const lines = (await other.must(["audit", "export"])).trim().split("\n");
    expect(lines.map((line) => JSON.parse(line).n)).toEqual(Array.from({ length: 5_250 }, (_, i) => 5_250 - i));
  });

  test("writing waits for a slow reader, and ends where the reader has gone", async () => {
    const slow = new PassThrough({ highWaterMark: 16 });
    let isWritten = false;
    const writing = writeAndWait({ stdout: slow }, "x".repeat(1_000)).then((isReading) => {
      isWritten = true;
      return isReading;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(isWritten).toBe(false);
    slow.resume();
    expect(await writing).toBe(true);
    const gone = new Writable({
      write: (_chunk, _encoding, done) => done(Object.assign(new Error("gone"), { code: "EPIPE" })),
    });
    expect(await writeAndWait({ stdout: gone }, "x")).toBe(false);
    if (!gone.destroyed) await once(gone, "close");
  });
});

test("verify names what was done to an entry, and exits with 1", async () => {
  await using other = await TestShell.open();
  for (const title of ["One", "Two", "Three", "Four"]) await other.must(["room", "create", title]);
  const { head } = await other.json(["audit", "verify"]);
  await other.close();
  const raw = openBeside(`${other.cwd}/data/multichat.db`);
  raw.exec("drop trigger audit_no_update; drop trigger audit_no_delete");
  const expectDamage = async (statement: string, message: string, undo: string) => {
    raw.exec(statement);
    const { code, stdout, stderr } = await other.run(["audit", "verify"]);
    await other.close();
    expect([code, stdout], statement).toEqual([1, ""]);
    expect(stderr).toContain(`the audit log is damaged at ${message}`);
    raw.exec(undo);
  };
  const restore = "insert into audit select * from aside; drop table aside";
  await expectDamage(
    "update audit set target = target || '!' where n = 2",
    "entry 2: the content of the entry was changed",
    "update audit set target = rtrim(target, '!') where n = 2",
  );
  await expectDamage(
    "create table aside as select * from audit where n = 3; delete from audit where n = 3",
    "entry 3: entry 3 was removed",
    restore,
  );
  await expectDamage(
    "create table aside as select * from audit where n = 4; delete from audit where n = 4",
    "entry 4: entry 4 was removed from the end of the log",
    restore,
  );
  raw.close();
  expect(await other.must(["audit", "verify", "--expect", head])).toContain(`head ${head}`);
  const later = await other.run(["audit", "verify", "--expect", `9:${"a".repeat(64)}`]);
  expect([later.code, later.stderr]).toEqual([1, expect.stringContaining("entries 5 to 9 were removed")]);
});

test("the names of the actions have no duplicates and are sorted", () => {
  expect([...AUDIT_ACTIONS]).toEqual([...new Set(AUDIT_ACTIONS)].sort());
});
