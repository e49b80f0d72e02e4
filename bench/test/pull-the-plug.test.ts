import { execFile } from "node:child_process";
import { rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it, onTestFinished } from "vitest";
import { expectationsAt, type Fact } from "../src/crash-test/power-cut/facts.ts";
import { reasonForNoRecorder } from "../src/crash-test/power-cut/recorder.ts";
import type { PowerCutResult } from "../src/crash-test/power-cut/run-power-cuts.ts";

const run = promisify(execFile);
const COMMAND = fileURLToPath(new URL("../src/pull-the-plug.ts", import.meta.url));
/** The server of the sources loads the bundles that the test runner made of them. */
const NODE_OPTIONS = process.execArgv.filter((argument) => argument.startsWith("--import=")).join(" ");
const MAX_OUTPUT_BYTES = 10_000_000;
const reason = reasonForNoRecorder();

/** Runs the command as npm does. Its server runs the sources, which need no build. */
async function pullThePlug(
  ...args: readonly string[]
): Promise<{ code: number; result: PowerCutResult; errors: string }> {
  const env = { ...process.env, MULTICHAT_SOURCE: "1", NODE_OPTIONS };
  const options = { env, maxBuffer: MAX_OUTPUT_BYTES };
  const command = ["--conditions=@multichat/source", COMMAND, "--json", ...args];
  const ended = await run(process.execPath, command, options).then(
    (output) => ({ code: 0, ...output }),
    // The error of `execFile` has the output, too.
    (error: { code: number; stdout: string; stderr: string }) => error,
  );
  if (ended.stdout === "") throw new Error(`Expected a result, got ${ended.stderr}`);
  return { code: ended.code, result: JSON.parse(ended.stdout) as PowerCutResult, errors: ended.stderr };
}

describe.skipIf(reason !== undefined)(`pull-the-plug${reason === undefined ? "" : ` (${reason})`}`, () => {
  it("finds everything that was acknowledged after each cut, and losses on a disk that ignores syncs", async () => {
    const size = ["--cuts", "16", "--cuts-per-recording", "16", "--work-seconds", "1", "--server-every", "16"];
    const { code, result, errors } = await pullThePlug(...size, "--seed", "5", "--keep");
    const [folder = ""] = result.evidence;
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    expect(result.failures).toEqual([]);
    expect(code, errors).toBe(0);
    expect(result).toMatchObject({ cuts: 16, recordings: 1, servers: 1, failedStates: 0 });
    for (const [kind, states] of Object.entries(result.states)) expect(states, kind).toBeGreaterThan(0);
    for (const kind of ["messages", "sign-ins", "accounts and their rights", "backups"] as const) {
      expect(result.acknowledged[kind], kind).toBeGreaterThan(0);
    }

    // The same record, the same cuts: only what a sync is worth has changed.
    const lying = await pullThePlug("--replay", folder, "--ignore-sync", "wal");
    expect(lying.code).toBe(1);
    expect(lying.result.counts.lost).toBeGreaterThan(0);
    expect(lying.result.failures.map(({ kind }) => kind)).toContain("nothing");
    // Which kinds are named depends on where the cuts fall: the first few of each state are.
    expect(lying.errors).toMatch(/lost: (messages|sign-ins|accounts)/);
    expect(lying.result.failures.map(({ kind }) => kind)).not.toContain("everything");
  });
});

describe("what has to be found after a cut", () => {
  const fact = (value: string, sentAt: number, acknowledgedAt: number | null): Fact => ({
    kind: "edits",
    key: "body",
    value,
    sentAt,
    acknowledgedAt,
  });
  const facts = [fact("one", 10, 20), fact("two", 30, 40), fact("three", 50, null)];

  it.each([
    [19, undefined],
    [20, ["one"]],
    [30, ["one"]],
    [31, ["one", "two"]],
    [40, ["two"]],
    [51, ["two", "three"]],
  ])("at %i is the last acknowledged value, or one that was requested since", (cut, values) => {
    expect(expectationsAt(facts, cut)[0]?.values).toEqual(values);
  });
});
