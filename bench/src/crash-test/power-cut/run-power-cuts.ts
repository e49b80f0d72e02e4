import { mkdtemp, readFile, rm, statfs, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Random } from "../../clients/random.ts";
import {
  DATA_FOLDER,
  DATABASE_FILE,
  FINDING_KINDS,
  type FindingCounts,
  NO_FINDINGS,
  type StateFinding,
} from "./check-state.ts";
import { chooseCuts } from "./choose-cuts.ts";
import { fingerprint, writeState } from "./disk-state.ts";
import { countAcknowledged, FACT_KINDS, type Fact, type FactKind } from "./facts.ts";
import { recordServer } from "./record-server.ts";
import { checkServer } from "./server-check.ts";
import { StateCheckers } from "./state-checkers.ts";
import { CUT_KINDS, type CutKind, type IgnoredSync, Storage } from "./storage.ts";
import { readRecords } from "./storage-record.ts";

export interface PowerCutPlan {
  readonly cuts: number;
  /** Cuts of one recording of a server. */
  readonly cutsPerRecording: number;
  /** How long clients work with each of the two servers of a recording. */
  readonly workSeconds: number;
  readonly seed: number;
  /** Processes that check states. */
  readonly parallel: number;
  /** One cut in so many is also given to a whole server, which has to start and answer. */
  readonly serverEvery: number;
  readonly ignoredSync: IgnoredSync | undefined;
}

export const POWER_CUT_DEFAULTS: Omit<PowerCutPlan, "seed" | "ignoredSync"> = {
  cuts: 1_000,
  cutsPerRecording: 100,
  workSeconds: 2.5,
  parallel: 2,
  serverEvery: 25,
};

/** A state that was not as it has to be. */
export interface PowerCutFailure {
  readonly recording: number;
  readonly cut: number;
  readonly position: number;
  readonly kind: CutKind | "server";
  readonly findings: readonly StateFinding[];
}

export interface PowerCutResult {
  readonly plan: PowerCutPlan;
  readonly recordings: number;
  readonly cuts: number;
  /** Different states that were opened, by how they were made. */
  readonly states: Readonly<Record<CutKind, number>>;
  /** Whole servers that were started on one of them. */
  readonly servers: number;
  /** Recordings in which the first server was killed; in the others it was stopped. */
  readonly killed: number;
  readonly records: number;
  readonly syncs: number;
  /** Of them, those of the database, when its write-ahead log was copied into it. */
  readonly checkpoints: number;
  readonly loggedBytes: number;
  /** Changes that clients made, by kind. */
  readonly acknowledged: Readonly<Record<FactKind, number>>;
  /** How often an acknowledged change was looked for in a state. */
  readonly compared: number;
  readonly counts: FindingCounts;
  /** The first failures; all are counted. */
  readonly failures: readonly PowerCutFailure[];
  readonly failedStates: number;
  /** Where the records of failures are kept, for `--replay`. */
  readonly evidence: readonly string[];
}

export interface PowerCutProgress {
  readonly recordings: number;
  readonly cuts: number;
  readonly states: number;
  readonly failedStates: number;
}

interface RunOptions {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: PowerCutProgress) => void;
  /** Whether recordings are kept in which nothing was found. @default false */
  readonly keepsAll?: boolean;
}

const MAX_FAILURES = 20;
/** Failed states whose files are kept beside the record. */
const MAX_SAVED_STATES = 3;
const MIN_MEMORY_DISK_BYTES = 2 * 1024 ** 3;
const MEMORY_DISK = "/dev/shm";
const DATABASE_PATH = `${DATA_FOLDER}/${DATABASE_FILE}`;
const RECORDING_FILE = "recording.json";

/** What is needed to repeat the cuts of a recording. */
interface SavedRecording {
  readonly plan: PowerCutPlan;
  readonly recording: number;
  readonly cuts: number;
}

/** Records servers, cuts their power at random moments, and checks what could be left. */
export async function runPowerCuts(plan: PowerCutPlan, options: RunOptions): Promise<PowerCutResult> {
  const run = new PowerCutRun(plan, options);
  try {
    for (let recording = 0; run.cuts < plan.cuts && !options.signal.aborted; recording += 1) {
      await run.record(recording, Math.min(plan.cutsPerRecording, plan.cuts - run.cuts));
    }
  } finally {
    run.close();
  }
  return run.result();
}

/** Repeats the cuts of a recording that was kept, with the same states unless other syncs are ignored. */
export async function replayPowerCuts(
  folder: string,
  { ignoredSync, ...options }: RunOptions & { readonly ignoredSync: IgnoredSync | undefined },
): Promise<PowerCutResult> {
  // Written by this file.
  const { plan, recording, cuts } = JSON.parse(await readFile(join(folder, RECORDING_FILE), "utf8")) as SavedRecording;
  const run = new PowerCutRun({ ...plan, ignoredSync: ignoredSync ?? plan.ignoredSync }, options);
  try {
    await run.replay(folder, recording, cuts);
  } finally {
    run.close();
  }
  return run.result();
}

interface CutRecording {
  readonly folder: string;
  readonly recording: number;
  readonly log: Buffer;
  readonly facts: readonly Fact[];
  readonly factsFile: string;
  /** Undefined in a replay, which has no tokens. */
  readonly tokens: ReadonlyMap<string, string> | undefined;
}

class PowerCutRun {
  readonly #plan: PowerCutPlan;
  readonly #options: RunOptions;
  readonly #random: Random;
  readonly #checkers: StateCheckers;
  readonly #states = countBy(CUT_KINDS);
  readonly #acknowledged = countBy(FACT_KINDS);
  readonly #counts = { ...NO_FINDINGS };
  readonly #failures: PowerCutFailure[] = [];
  readonly #evidence: string[] = [];
  readonly #total = {
    recordings: 0,
    servers: 0,
    killed: 0,
    records: 0,
    syncs: 0,
    checkpoints: 0,
    loggedBytes: 0,
    compared: 0,
  };
  #failedStates = 0;
  cuts = 0;

  constructor(plan: PowerCutPlan, options: RunOptions) {
    this.#plan = plan;
    this.#options = options;
    this.#random = new Random(plan.seed);
    this.#checkers = new StateCheckers(plan.parallel);
  }

  close(): void {
    this.#checkers.close();
  }

  async record(recording: number, cuts: number): Promise<void> {
    const folder = await mkdtemp(join(tmpdir(), "multichat-power-cut-"));
    const failedBefore = this.#failedStates;
    let shouldKeep = true;
    try {
      const { log, facts, factsFile, ending, tokens } = await recordServer({
        folder,
        random: this.#random.fork(recording),
        workMs: 1_000 * this.#plan.workSeconds,
        signal: this.#options.signal,
      });
      if (ending === "killed") this.#total.killed += 1;
      await this.#cut({ folder, recording, log, facts, factsFile, tokens }, cuts);
      shouldKeep = this.#failedStates > failedBefore || this.#options.keepsAll === true;
    } catch (error) {
      // What was under way ends with an error then.
      if (!this.#options.signal.aborted) throw error;
    } finally {
      if (shouldKeep && !this.#options.signal.aborted) await this.#keep(folder, recording, cuts);
      else await rm(folder, { recursive: true, force: true });
    }
  }

  async replay(folder: string, recording: number, cuts: number): Promise<void> {
    const log = await readFile(join(folder, "storage.log"));
    const factsFile = join(folder, "facts.json");
    // Written by `recordServer`.
    const facts = JSON.parse(await readFile(factsFile, "utf8")) as Fact[];
    await this.#cut({ folder, recording, log, facts, factsFile, tokens: undefined }, cuts);
  }

  result(): PowerCutResult {
    return {
      plan: this.#plan,
      ...this.#total,
      cuts: this.cuts,
      states: this.#states,
      acknowledged: this.#acknowledged,
      counts: this.#counts,
      failures: this.#failures,
      failedStates: this.#failedStates,
      evidence: this.#evidence,
    };
  }

  async #keep(folder: string, recording: number, cuts: number): Promise<void> {
    const saved: SavedRecording = { plan: this.#plan, recording, cuts };
    await writeFile(join(folder, RECORDING_FILE), JSON.stringify(saved));
    await rm(join(folder, "recorded"), { recursive: true, force: true });
    this.#evidence.push(folder);
  }

  async #cut(recording: CutRecording, count: number): Promise<void> {
    const random = this.#random.fork(recording.recording).fork(2);
    const storage = new Storage({ ignored: this.#plan.ignoredSync });
    const cuts = chooseCuts(recording.log, recording.facts, { count, random: random.fork(0) });
    const disk = await mkdtemp(join(await stateFolder(), "multichat-power-cut-states-"));
    const checks: Promise<void>[] = [];
    let next = 0;
    try {
      for (const { record, end } of readRecords(recording.log)) {
        storage.apply(record);
        this.#total.records += 1;
        if (record.kind === "sync-end") {
          this.#total.syncs += 1;
          if (storage.pathOf(record.file) === DATABASE_PATH) this.#total.checkpoints += 1;
        }
        for (; cuts[next] === end; next += 1) {
          if (this.#options.signal.aborted) return;
          checks.push(...(await this.#checkCut(recording, storage, { cut: next, position: end, disk, random })));
          this.cuts += 1;
          this.#report();
        }
      }
      await Promise.all(checks);
    } finally {
      await Promise.allSettled(checks);
      await rm(disk, { recursive: true, force: true });
    }
    this.#total.recordings += 1;
    this.#total.loggedBytes += recording.log.length;
    const acknowledged = countAcknowledged(recording.facts);
    for (const kind of FACT_KINDS) this.#acknowledged[kind] += acknowledged[kind];
  }

  /** Starts the checks of the states that a cut could leave; each waits for a process that is free. */
  async #checkCut(
    recording: CutRecording,
    storage: Storage,
    at: { readonly cut: number; readonly position: number; readonly disk: string; readonly random: Random },
  ): Promise<Promise<void>[]> {
    const { cut, position, disk } = at;
    const checks: Promise<void>[] = [];
    const seen = new Set<string>();
    for (const [index, kind] of CUT_KINDS.entries()) {
      const state = storage.stateAfterCut(kind, at.random.fork(1 + cut * CUT_KINDS.length + index));
      const print = fingerprint(state);
      if (seen.has(print)) continue;
      seen.add(print);
      this.#states[kind] += 1;
      const folder = join(disk, `${cut}-${kind}`);
      const { result } = await this.#checkers.start(async () => {
        await writeState(state, folder);
        return { factsFile: recording.factsFile, folder, cut: position };
      });
      const check = async (): Promise<void> => {
        const { findings, counts, expected } = await result;
        this.#total.compared += expected;
        await rm(folder, { recursive: true, force: true });
        if (findings.length === 0) return;
        this.#fail({ recording: recording.recording, cut, position, kind, findings }, counts);
        if (this.#failedStates > MAX_SAVED_STATES) return;
        const saved = join(recording.folder, "failed", `${cut}-${kind}`);
        await rm(saved, { recursive: true, force: true });
        await writeState(state, saved);
      };
      // One that fails by itself is reported when all have ended.
      const checked = check();
      checked.catch(() => {});
      checks.push(checked);
    }
    const { tokens } = recording;
    if (tokens === undefined || (cut + 1) % this.#plan.serverEvery !== 0) return checks;
    const folder = join(disk, `${cut}-server`);
    await writeState(storage.stateAfterCut("pages", at.random.fork(cut)), folder);
    const findings = await checkServer(folder, { facts: recording.facts, cut: position, tokens });
    this.#total.servers += 1;
    await rm(folder, { recursive: true, force: true });
    if (findings.length === 0) return checks;
    const counts = { ...NO_FINDINGS };
    for (const { kind } of findings) counts[kind] += 1;
    this.#fail({ recording: recording.recording, cut, position, kind: "server", findings }, counts);
    return checks;
  }

  #fail(failure: PowerCutFailure, counts: FindingCounts): void {
    this.#failedStates += 1;
    for (const kind of FINDING_KINDS) this.#counts[kind] += counts[kind];
    if (this.#failures.length < MAX_FAILURES) this.#failures.push(failure);
    this.#report();
  }

  #report(): void {
    const states = CUT_KINDS.reduce((sum, kind) => sum + this.#states[kind], 0);
    const { recordings } = this.#total;
    this.#options.onProgress({ recordings, cuts: this.cuts, states, failedStates: this.#failedStates });
  }
}

/** States are written and read once: in memory, where the machine has room for that. */
async function stateFolder(): Promise<string> {
  try {
    const { bavail, bsize } = await statfs(MEMORY_DISK);
    if (bavail * bsize >= MIN_MEMORY_DISK_BYTES) return MEMORY_DISK;
  } catch {
    // There is none.
  }
  return tmpdir();
}

function countBy<Key extends string>(keys: readonly Key[]): Record<Key, number> {
  // `fromEntries` does not know the keys.
  return Object.fromEntries(keys.map((key) => [key, 0])) as Record<Key, number>;
}
