import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { Random } from "../../clients/random.ts";
import { spreadOf } from "../../report/spread.ts";
import { createIntactDatabase } from "./intact-database.ts";
import { type OpenDatabase, openDatabase } from "./open-database.ts";
import { AUTHOR } from "./use-database.ts";

// What the precautions against damaged files cost (see `sqlite-database.ts`): the writer and the readers of a server do the same
// work with and without them, and their processor time is compared.

/** How every connection begins, with the precautions. */
const PRECAUTIONS = /^pragma cell_size_check/;
const POSTS = 4_000;
/** Posts that share a transaction. */
const POSTS_AT_ONCE = 50;
const PAGES = 150;
const SEARCHES = 150;
const WORDS = ["quick", "wizards", "potions", "n11", "mix"];

const KINDS = ["opening", "posts", "history pages", "searches"] as const;
export type WorkKind = (typeof KINDS)[number];

/** Of one kind of work, the least of the rounds in milliseconds of processor time: what else the machine does only adds to it. */
export interface PrecautionCost {
  readonly kind: WorkKind;
  readonly withoutMs: number;
  readonly withMs: number;
}

type Round = Readonly<Record<WorkKind, number>>;

/** @param rounds with and without; one more of each comes first and is not counted */
export async function measurePrecautionCost(rounds: number): Promise<readonly PrecautionCost[]> {
  const folder = await mkdtemp(join(tmpdir(), "multichat-precautions-"));
  const exec = DatabaseSync.prototype.exec;
  let isOn = true;
  DatabaseSync.prototype.exec = function (this: DatabaseSync, sql: string) {
    if (isOn || !PRECAUTIONS.test(sql)) exec.call(this, sql);
  };
  try {
    const intact = await createIntactDatabase(join(folder, "intact.db"), new Random(1));
    const measured: { readonly with: Round[]; readonly without: Round[] } = { with: [], without: [] };
    for (let round = 0; round <= rounds; round += 1) {
      // In turn, and in turn the first: what the machine does meanwhile meets both.
      const order = round % 2 === 0 ? (["with", "without"] as const) : (["without", "with"] as const);
      for (const side of order) {
        isOn = side === "with";
        const result = await runRound(intact.file, join(folder, `${side}-${round}.db`));
        if (round > 0) measured[side].push(result);
      }
    }
    return KINDS.map((kind) => ({
      kind,
      withoutMs: spreadOf(measured.without.map((round) => round[kind])).min,
      withMs: spreadOf(measured.with.map((round) => round[kind])).min,
    }));
  } finally {
    DatabaseSync.prototype.exec = exec;
    await rm(folder, { recursive: true, force: true });
  }
}

async function runRound(intact: string, file: string): Promise<Round> {
  await copyFile(intact, file);
  let database: OpenDatabase | undefined;
  const opening = await cpuMsOf(async () => {
    database = await openDatabase(file, "one thread");
  });
  if (database === undefined) throw new Error("Expected an open database.");
  const { operations } = database;
  const [room] = await operations.roomLoads.list();
  if (room === undefined) throw new Error("Expected a room.");
  const { id, accessVersion } = room;
  const post = (index: number) =>
    operations.messages.append({
      room: id,
      accessVersion,
      author: AUTHOR,
      clientId: `cost-${index}`,
      kind: "message",
      body: `message ${index} of the quick wizards, who mix potions`,
    });
  const posts = await cpuMsOf(async () => {
    for (let from = 0; from < POSTS; from += POSTS_AT_ONCE) {
      await Promise.all(Array.from({ length: POSTS_AT_ONCE }, (_, index) => post(from + index)));
    }
    while ((await operations.maintenance.indexSome({ maxMessages: 200, maxChars: 100_000 })).hasMore);
  });
  const pages = await cpuMsOf(async () => {
    for (let page = 0; page < PAGES; page += 1) {
      const before = ((page * 7_919) % POSTS) + 1;
      await operations.messages.readHistory({ room: id, before, limit: 100, viewer: AUTHOR.id });
    }
  });
  const searches = await cpuMsOf(async () => {
    for (let search = 0; search < SEARCHES; search += 1) {
      const text = WORDS[search % WORDS.length] ?? "";
      await operations.search.find({ rooms: [id], limit: 50, viewer: AUTHOR.id, terms: [{ kind: "word", text }] });
    }
  });
  await database.close();
  return { opening, posts, "history pages": pages, searches };
}

async function cpuMsOf(work: () => Promise<void>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}
