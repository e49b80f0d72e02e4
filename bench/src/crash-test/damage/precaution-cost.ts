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
const POSTS_AT_ONCE = 50;
const READS_AT_ONCE = 5;
const WORDS = ["quick", "wizards", "potions", "n11", "mix"];

const KINDS = ["opening, and first reads", "posts", "history pages", "searches"] as const;
export type WorkKind = (typeof KINDS)[number];

/** Of one kind of work, the least of the rounds in milliseconds of processor time: what else the machine does only adds to it. */
export interface PrecautionCost {
  readonly kind: WorkKind;
  readonly withoutMs: number;
  readonly withMs: number;
}

type Work = Readonly<Record<WorkKind, (round: number) => Promise<void>>>;

/** Does a few milliseconds of each kind of work with and without the precautions in turn, as often as `rounds` says. */
export async function measurePrecautionCost(rounds: number): Promise<readonly PrecautionCost[]> {
  const folder = await mkdtemp(join(tmpdir(), "multichat-precautions-"));
  const exec = DatabaseSync.prototype.exec;
  let isOn = true;
  DatabaseSync.prototype.exec = function (this: DatabaseSync, sql: string) {
    if (isOn || !PRECAUTIONS.test(sql)) exec.call(this, sql);
  };
  const closing: OpenDatabase[] = [];
  try {
    const intact = await createIntactDatabase(join(folder, "intact.db"), new Random(1));
    const open = async (name: string): Promise<Work> => {
      const [file, reopened] = [join(folder, `${name}.db`), join(folder, `${name}-reopened.db`)];
      for (const copy of [file, reopened]) await copyFile(intact.file, copy);
      const database = await openDatabase(file, "one thread");
      closing.push(database);
      return { ...(await workOn(database)), "opening, and first reads": () => openAndRead(reopened) };
    };
    const sides: { readonly isOn: boolean; readonly work: Work; readonly took: Record<WorkKind, number[]> }[] = [];
    for (isOn of [true, false]) {
      const took = { "opening, and first reads": [], posts: [], "history pages": [], searches: [] };
      sides.push({ isOn, work: await open(isOn ? "with" : "without"), took });
    }
    for (let round = 0; round < rounds; round += 1) {
      for (const kind of KINDS) {
        for (const side of round % 2 === 0 ? sides : sides.toReversed()) {
          ({ isOn } = side);
          side.took[kind].push(await cpuMsOf(() => side.work[kind](round)));
        }
      }
    }
    const least = (isOnThere: boolean, kind: WorkKind) =>
      spreadOf(sides.find((side) => side.isOn === isOnThere)?.took[kind] ?? []).min;
    return KINDS.map((kind) => ({ kind, withoutMs: least(false, kind), withMs: least(true, kind) }));
  } finally {
    for (const database of closing) await database.close();
    DatabaseSync.prototype.exec = exec;
    await rm(folder, { recursive: true, force: true });
  }
}

async function openAndRead(file: string): Promise<void> {
  const database = await openDatabase(file, "one thread");
  const work = await workOn(database);
  await work["history pages"](0);
  await work.searches(0);
  await database.close();
}

async function workOn({ operations }: OpenDatabase): Promise<Omit<Work, "opening, and first reads">> {
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
  return {
    posts: async (round) => {
      const first = round * POSTS_AT_ONCE;
      await Promise.all(Array.from({ length: POSTS_AT_ONCE }, (_, index) => post(first + index)));
      while ((await operations.maintenance.indexSome({ maxMessages: 200, maxChars: 100_000 })).hasMore);
    },
    "history pages": async () => {
      for (let page = 1; page <= READS_AT_ONCE; page += 1) {
        await operations.messages.readHistory({ room: id, before: page * 80, limit: 100, viewer: AUTHOR.id });
      }
    },
    searches: async () => {
      for (const text of WORDS.slice(0, READS_AT_ONCE)) {
        await operations.search.find({ rooms: [id], limit: 50, viewer: AUTHOR.id, terms: [{ kind: "word", text }] });
      }
    },
  };
}

async function cpuMsOf(work: () => Promise<void>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}
