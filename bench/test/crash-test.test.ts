import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it, onTestFinished } from "vitest";
import { checkDatabase } from "../src/crash-test/database-check.ts";
import { runCrashTest } from "../src/crash-test/run-crash-test.ts";
import { isExpected, type RunResult } from "../src/crash-test/run-result.ts";
import { STORE_ENDINGS, STORE_PHASES } from "../src/crash-test/scenario.ts";

describe("processes with a database", () => {
  it("end as ordered in every phase, and leave an intact database with every acknowledged message", async () => {
    const runs = STORE_PHASES.length * STORE_ENDINGS.length;
    const { exits, failures, acknowledged, lost } = await runCrashTest(
      { runs, serverRuns: 0, seed: 20_260_101, parallel: 2 },
      { signal: new AbortController().signal, onRun: () => {} },
    );
    expect(failures).toEqual([]);
    expect(lost).toBe(0);
    expect(acknowledged).toBeGreaterThan(0);
    expect(Object.keys(exits)).toHaveLength(runs);
  });
});

describe("the check of a run", () => {
  const result = (more: Partial<RunResult>): RunResult => ({
    index: 0,
    scenario: { kind: "store", phase: "serving", ending: "exit", delayMs: 1 },
    exit: "code 7",
    acknowledged: 1,
    lost: 0,
    findings: [],
    errorOutput: "",
    ...more,
  });

  it.each(["SIGSEGV", "SIGABRT", "SIGBUS", "SIGILL", "code 134", "code 139", "code 1", "SIGKILL", "hang", "no code"])(
    "reports a process that ends with %s instead",
    (exit) => {
      expect(isExpected(result({}))).toBe(true);
      expect(isExpected(result({ exit }))).toBe(false);
    },
  );

  it("reports lost messages, other seqs, gaps and damage", async () => {
    expect(isExpected(result({ lost: 1 }))).toBe(false);
    expect(isExpected(result({ findings: ["gap"] }))).toBe(false);
    const folder = await mkdtemp(join(tmpdir(), "multichat-check-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    const file = join(folder, "chat.db");
    const raw = new DatabaseSync(file);
    raw.exec(`
      create table message (client_id text, seq integer);
      create table event (room text, seq integer);
      insert into message values ('a', 1), ('b', 2);
      insert into event values ('room', 1), ('room', 2);`);
    const acknowledged = [
      { clientId: "a", seq: 1 },
      { clientId: "b", seq: 2 },
    ];
    expect(checkDatabase(file, acknowledged)).toEqual({ lost: 0, findings: [] });
    expect(checkDatabase(file, [...acknowledged, { clientId: "c", seq: 3 }]).lost).toBe(1);
    expect(checkDatabase(file, [{ clientId: "a", seq: 2 }]).lost).toBe(1);
    raw.exec("delete from event where seq = 1");
    expect(checkDatabase(file, acknowledged).findings).toEqual(["gap in the log of room room"]);
    raw.close();
  });
});
