import { constants } from "node:fs";
import { copyFile, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { freePort, type ServerSettings } from "../multichat/server.ts";
import { createUsersAndRooms, signInAll } from "../multichat/users.ts";
import { distributionOf } from "../report/quantile.ts";
import { measureAppendRate } from "./append-rate.ts";
import { timeCommand } from "./commands.ts";
import { formatMs, timesFigure } from "./figure.ts";
import { MeasuredServer } from "./measured-server.ts";
import { PacedPosts } from "./paced-posts.ts";
import type { Figure, Part, ReadingPlan } from "./plan.ts";
import { undoLastMigration } from "./previous-schema.ts";
import { measureHistory, measureLists, measureResume } from "./read-calls.ts";
import { measureFirstSearch, measureSearch } from "./search-calls.ts";

const STARTS = 5;
/** Until what a start has left to do is done. */
const REST_MS = 5_000;
const APPEND_ROUNDS = 2;
const APPEND_USERS = 10;
const BACKUP_BASELINE_MS = 5_000;

export interface ReadingRun {
  readonly plan: ReadingPlan;
  readonly parts: readonly Part[];
  /** The DATA_DIR with the large database, which is copied. */
  readonly dataDir: string;
  readonly users: number;
  readonly profileDir?: string | undefined;
  readonly onFigure: (figure: Figure) => void;
}

/** Measures on copies of a large database. */
export async function runReading(run: ReadingRun): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "multichat-reading-"));
  try {
    await new Reading(run, folder).measure();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

class Reading {
  readonly #run: ReadingRun;
  readonly #folder: string;

  constructor(run: ReadingRun, folder: string) {
    this.#run = run;
    this.#folder = folder;
  }

  async measure(): Promise<void> {
    const { parts, plan, users, profileDir } = this.#run;
    const has = (part: Part) => parts.includes(part);
    const settings = await this.#copyData("measured");
    if (has("start")) await this.#measureStart(settings);
    // Signing in once: the sessions stay valid over restarts.
    let server = await MeasuredServer.start(settings);
    const tokens = await signInAll(server.server.url, users);
    await server.server.stop();
    if (has("search")) await this.#measureFirstSearches(settings, tokens);
    if (has("history") || has("lists") || has("resume") || has("search")) {
      server = await MeasuredServer.start(settings, profileDir);
      if (has("history")) this.#add(await measureHistory(server, tokens, plan));
      if (has("lists")) this.#add(await measureLists(server, tokens, plan));
      if (has("resume")) this.#add(await measureResume(server, tokens, plan));
      if (has("search")) this.#add(await measureSearch(server, tokens, plan));
      await server.server.stop();
    }
    if (has("backup")) await this.#measureBackup(settings, tokens);
    if (has("append")) await this.#measureAppend(settings, tokens);
    if (has("migration")) await this.#measureMigration();
  }

  #add(figures: readonly Figure[]): void {
    for (const figure of figures) this.#run.onFigure(figure);
  }

  async #copyData(name: string): Promise<ServerSettings> {
    const dataDir = join(this.#folder, name, "data");
    await mkdir(dataDir, { recursive: true });
    const file = "multichat.db";
    await copyFile(join(this.#run.dataDir, file), join(dataDir, file), constants.COPYFILE_FICLONE);
    return { dataDir, port: await freePort() };
  }

  /** Without the file of the times, which a server does not have otherwise. */
  async #measureStart(settings: ServerSettings): Promise<void> {
    const times: number[] = [];
    const rss: number[] = [];
    for (let index = 0; index <= STARTS; index += 1) {
      const server = await MeasuredServer.start({ ...settings, env: { NODE_OPTIONS: "" } });
      if (index === STARTS) await setTimeout(REST_MS);
      const { rssBytes } = await server.server.usage();
      await server.server.stop();
      // The first start has to read the files.
      if (index > 0) times.push(server.readyMs);
      if (index === STARTS) rss.push(rssBytes);
    }
    const megabytes = `${Math.round((rss[0] ?? 0) / 1e6)} MB`;
    this.#add([
      timesFigure("start", "ready", { ...distributionOf(times), limit: "" }),
      { part: "start", name: "memory at rest", p50: megabytes, p99: "", max: "", limit: "" },
    ]);
  }

  async #measureFirstSearches(settings: ServerSettings, tokens: readonly string[]): Promise<void> {
    const times: number[] = [];
    for (let index = 0; index < STARTS; index += 1) {
      const server = await MeasuredServer.start(settings);
      times.push(await measureFirstSearch(server, tokens));
      await server.server.stop();
    }
    const goal = { ms: 50, of: "max" } as const;
    this.#add([timesFigure("search", "first search after a start", { ...distributionOf(times), limit: "" }, goal)]);
  }

  async #measureBackup(settings: ServerSettings, tokens: readonly string[]): Promise<void> {
    const { postsPerSecond } = this.#run.plan;
    const server = await MeasuredServer.start(settings);
    const posts = await PacedPosts.start(server, tokens.slice(2), postsPerSecond);
    await setTimeout(BACKUP_BASELINE_MS / 3);
    posts.take();
    await setTimeout(BACKUP_BASELINE_MS);
    const before = distributionOf(posts.take());
    const { ms } = await timeCommand(["backup", join(this.#folder, "copy.db")], settings);
    const during = distributionOf(posts.take());
    posts.stop();
    await server.server.stop();
    await rm(join(this.#folder, "copy.db"), { force: true });
    const rate = `${postsPerSecond} posts/s`;
    const goal = { ms: before.max + 20, of: "max" } as const;
    this.#add([
      timesFigure("backup", `post, ${rate}, no backup`, { ...before, limit: "" }),
      timesFigure(
        "backup",
        `post, ${rate}, during a backup`,
        { ...during, limit: `a backup of ${formatMs(ms)}` },
        goal,
      ),
    ]);
  }

  /** Posts to an empty database and to the large one, in turn. */
  async #measureAppend(large: ServerSettings, tokens: readonly string[]): Promise<void> {
    const { appendSeconds: seconds } = this.#run.plan;
    const empty = { dataDir: join(this.#folder, "empty", "data"), port: await freePort() };
    await mkdir(empty.dataDir, { recursive: true });
    await createUsersAndRooms(empty, APPEND_USERS, APPEND_USERS);
    const rates = { empty: [] as number[], large: [] as number[] };
    let emptyTokens: readonly string[] | undefined;
    for (let round = 0; round < APPEND_ROUNDS; round += 1) {
      for (const [name, settings] of [
        ["empty", empty],
        ["large", large],
      ] as const) {
        const server = await MeasuredServer.start(settings);
        if (name === "empty") emptyTokens ??= await signInAll(server.server.url, APPEND_USERS);
        const posters = name === "empty" ? (emptyTokens ?? []) : tokens.slice(0, APPEND_USERS);
        const job = { port: settings.port, rooms: APPEND_USERS, seconds };
        rates[name].push(await measureAppendRate(posters, job));
        await server.server.stop();
      }
    }
    const [begin, end] = [Math.max(...rates.empty), Math.max(...rates.large)];
    const perSecond = (rate: number) => `${Math.round(rate).toLocaleString("en")}/s`;
    const spread = (values: readonly number[]) => values.map(perSecond).join(", ");
    this.#add([
      {
        part: "append",
        name: "posts to the large database, to an empty one",
        goal: "ratio 0.95",
        isMet: end / begin >= 0.95,
        p50: perSecond(end),
        p99: perSecond(begin),
        max: (end / begin).toFixed(2),
        limit: `large ${spread(rates.large)}; empty ${spread(rates.empty)}`,
      },
    ]);
  }

  async #measureMigration(): Promise<void> {
    const settings = await this.#copyData("previous");
    const schema = undoLastMigration(join(settings.dataDir, "multichat.db"));
    const { ms, lines } = await timeCommand(["migrate"], settings);
    this.#add([
      {
        part: "migration",
        name: `migration from schema ${schema}`,
        p50: formatMs(ms),
        p99: "",
        max: "",
        limit: `${lines.length} lines: ${lines.map((line) => line.replaceAll(settings.dataDir, "…")).join("; ")}`,
      },
    ]);
  }
}
