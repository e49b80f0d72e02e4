import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readFile, realpath, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Random } from "../../clients/random.ts";
import { freePort, runCommand, Server, type ServerSettings } from "../../multichat/server.ts";
import { DATA_FOLDER, DATABASE_FILE } from "./check-state.ts";
import { compareWithFolder } from "./disk-state.ts";
import { type Fact, Facts } from "./facts.ts";
import { dataFile, Load } from "./load.ts";
import { Recorder } from "./recorder.ts";
import { Storage } from "./storage.ts";
import { readRecords } from "./storage-record.ts";

/** The most that a sync is prolonged by: on a slower disk more is in flight, and an early reply is noticed. */
const SYNC_MICROSECONDS = 4_000;
/** As high as they go: a client that has to wait changes nothing meanwhile. */
const LIMITS = {
  LIMIT_COMMANDS_PER_SECOND: "100000",
  LIMIT_REQUESTS_PER_MINUTE: "10000000",
  LIMIT_SIGN_IN_PER_MINUTE: "100000",
};

const BACKUP_NAME = "backup.db";
const CHECKPOINT_PROCESS = fileURLToPath(new URL("./checkpoint-process.ts", import.meta.url));
/** Of the time of the work; then the log grows until the server ends. */
const CHECKPOINT_SHARE = 0.7;

/** How the first server of a recording ends; the last one is always killed. */
type Ending = "stopped" | "killed";

/** What a server did to its files, and what its clients know of it. */
export interface Recording {
  readonly log: Buffer;
  readonly logFile: string;
  readonly facts: readonly Fact[];
  readonly factsFile: string;
  readonly ending: Ending;
  /** The token of a session by its key, to ask a server for it. */
  readonly tokens: ReadonlyMap<string, string>;
}

export interface RecordOptions {
  /** An empty folder for everything that the recording leaves. */
  readonly folder: string;
  readonly random: Random;
  /** How long clients work, before the first server ends and after. */
  readonly workMs: number;
  readonly signal: AbortSignal;
}

/**
 * Records a server from its first start on an empty disk: accounts and rooms are loaded, clients work, it is stopped or killed
 * and started again, makes a backup meanwhile, and is killed at the end.
 *
 * @throws where the record and the folder differ in any byte, or the server answers what it should not
 */
export async function recordServer({ folder, random, workMs, signal }: RecordOptions): Promise<Recording> {
  const own = await realpath(folder);
  const recorded = join(own, "recorded");
  await mkdir(recorded);
  const recorder = await Recorder.open(recorded, own, { syncMicroseconds: SYNC_MICROSECONDS });
  const facts = new Facts();
  const position = () => recorder.position();
  const load = new Load({ facts, random: random.fork(1), position });
  const settings: ServerSettings = {
    dataDir: join(recorded, DATA_FOLDER),
    port: await freePort(),
    env: { ...recorder.env, ...LIMITS },
  };
  const ending: Ending = random.chance(0.5) ? "stopped" : "killed";
  let server: Server | undefined;
  const kill = async (): Promise<void> => {
    await recorder.freeze();
    await server?.kill();
    recorder.thaw();
  };
  const work = async (life: number): Promise<void> => {
    const durationMs = Math.round(CHECKPOINT_SHARE * workMs);
    const file = join(settings.dataDir, DATABASE_FILE);
    await Promise.all([
      wait(workMs, undefined, { signal }),
      checkpoint({ file, durationMs, seed: random.fork(life).integerBelow(2 ** 31), env: recorder.env, signal }),
    ]);
  };
  const backUp = async (): Promise<void> => {
    await runCommand(["backup", join(recorded, BACKUP_NAME)], settings);
    facts.add("backups", `backup ${BACKUP_NAME}`, "whole", position());
  };
  try {
    await runCommand(["loaddata", await writeData(own)], settings);
    server = await Server.start(settings);
    await load.start(server.url);
    await work(2);
    if (ending === "stopped") await server.stop();
    else await kill();
    load.stop();
    server = await Server.start(settings);
    await load.start(server.url);
    await Promise.all([work(3), backUp()]);
  } finally {
    await kill();
    recorder.close();
  }
  load.stop();
  const factsFile = join(own, "facts.json");
  await writeFile(factsFile, JSON.stringify(facts.all));
  const log = await readFile(recorder.logFile);
  await assertComplete(log, recorded);
  return { log, logFile: recorder.logFile, facts: facts.all, factsFile, ending, tokens: load.tokens };
}

interface Checkpoints {
  readonly file: string;
  readonly durationMs: number;
  readonly seed: number;
  readonly env: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/** Copies the write-ahead log into the database again and again, from another process. */
async function checkpoint({ file, durationMs, seed, env, signal }: Checkpoints): Promise<void> {
  const args = [CHECKPOINT_PROCESS, file, String(durationMs), String(seed)];
  const child = spawn(process.execPath, args, { env: { ...env }, stdio: ["ignore", "ignore", "inherit"], signal });
  const [code] = await once(child, "exit");
  if (code !== 0) throw new Error(`Expected the process of the checkpoints to end with 0, got ${code}.`);
}

/** Replays the whole record. @throws where the folder is different */
async function assertComplete(log: Buffer, folder: string): Promise<void> {
  const storage = new Storage();
  for (const { record } of readRecords(log)) storage.apply(record);
  const differences = await compareWithFolder(storage.current(), folder);
  if (differences.length === 0) return;
  throw new Error(`Something was changed past the record of the storage:\n${differences.join("\n")}`);
}

async function writeData(folder: string): Promise<string> {
  const file = join(folder, "users.json");
  await writeFile(file, JSON.stringify(dataFile()));
  return file;
}
