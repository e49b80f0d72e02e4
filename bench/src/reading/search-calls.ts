import { setTimeout } from "node:timers/promises";
import { MEMBER_OF_ALL } from "../data/plan.ts";
import { RARE_WORD, wordOf } from "../data/texts.ts";
import { credentialsOf } from "../multichat/users.ts";
import { distributionOf } from "../report/quantile.ts";
import type { Connection } from "../stall/connection.ts";
import { timesFigure } from "./figure.ts";
import { type MeasuredServer, timeEach } from "./measured-server.ts";
import { PacedPosts } from "./paced-posts.ts";
import type { Figure, ReadingPlan } from "./plan.ts";
import { describeThreads } from "./thread-micros.ts";

const GOAL = { ms: 50, of: "p99" } as const;

/** Searches of every kind: frequent and rare words, beginnings of words, phrases, and filters. */
const QUERIES: readonly ((index: number) => string)[] = [
  () => RARE_WORD,
  () => wordOf(0),
  (n) => wordOf(n % 50),
  (n) => wordOf(100 + n),
  (n) => wordOf(10_000 + n),
  (n) => `${wordOf(n % 20)} ${wordOf(20 + (n % 20))}`,
  (n) => `${wordOf(0)} ${wordOf(15_000 + n)}`,
  (n) => `${wordOf(n % 300)}*`,
  (n) => `"${wordOf(n % 5)} ${wordOf((n + 1) % 5)}"`,
  (n) => `"${wordOf(500 + n)} ${wordOf(700 + n)}"`,
  (n) => `${wordOf(n % 100)} from:${credentialsOf(2 + (n % 8)).username}`,
  (n) => `${wordOf(1_000 + n)} in:${1 + (n % 90)}`,
  () => `from:${credentialsOf(3).username}`,
  (n) => `quark${n % 1_000}`,
];

const search = (connection: Connection, query: string) => connection.do("message.search", { query });

/** Searches one after another, alone and while messages are posted. */
export async function measureSearch(
  server: MeasuredServer,
  tokens: readonly string[],
  plan: ReadingPlan,
): Promise<readonly Figure[]> {
  const connection = await server.connect(tokens[MEMBER_OF_ALL] ?? "");
  const run = (index: number) =>
    search(connection, QUERIES[index % QUERIES.length]?.(Math.floor(index / QUERIES.length)) ?? RARE_WORD);
  const alone = await server.measureCommands(plan.searches, connection, run);
  const posts = await PacedPosts.start(server, tokens.slice(2), plan.postsPerSecond);
  const before = await server.threadMicros();
  const times = await timeEach(plan.searches, run);
  const limit = describeThreads(before, await server.threadMicros(), plan.searches);
  const acknowledged = distributionOf(posts.take());
  posts.stop();
  connection.close();
  const rate = `${plan.postsPerSecond} posts/s`;
  return [
    timesFigure("search", "search, nothing is posted", alone),
    timesFigure("search", `search, ${rate}`, { ...distributionOf(times), limit }, GOAL),
    timesFigure("search", `post, ${rate}, while searches run`, { ...acknowledged, limit: "" }),
  ];
}

/** After the first user has connected, who has to enter what to search for. */
const FIRST_SEARCH_AFTER_MS = 1_000;

/** The first search of a server that has just started, by a client that has listed its rooms. */
export async function measureFirstSearch(server: MeasuredServer, tokens: readonly string[]): Promise<number> {
  const connection = await server.connect(tokens[MEMBER_OF_ALL] ?? "");
  await connection.do("room.list", {});
  await setTimeout(FIRST_SEARCH_AFTER_MS);
  const [ms = Number.NaN] = await timeEach(1, () => search(connection, `${wordOf(3)} ${wordOf(30)}`));
  connection.close();
  return ms;
}
