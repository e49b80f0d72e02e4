import { mkdir, writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import type { PostsPlan, PostsResult } from "./posts/plan.ts";
import { postsTable } from "./posts/report.ts";
import { runPosts } from "./posts/run.ts";
import { integerListOption, integerOption, parseOrExit } from "./report/options.ts";
import { writeSection } from "./report/section.ts";

const { values } = parseOrExit(() =>
  parseArgs({
    options: {
      connections: { type: "string", default: "50" },
      rooms: { type: "string", default: "50" },
      outstanding: { type: "string", default: "32" },
      "body-chars": { type: "string", default: "100" },
      "warm-up": { type: "string", default: "3" },
      seconds: { type: "string", default: "10" },
      cores: { type: "string", default: "2,1" },
      "no-audit": { type: "boolean", default: false },
      postgres: { type: "string" },
      profile: { type: "string" },
      json: { type: "string" },
      document: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  }),
);

if (values.help) {
  console.log(
    [
      "npm run build && npm run bench:posts -- [--connections 50] [--rooms 50] [--outstanding 32] [--seconds 10] …",
      "",
      "Measures how many messages a second the chat takes: started as npm start starts it, with accounts, permissions and a",
      "synced commit before each acknowledgement. The connections post in a closed loop from a process of their own. At the",
      "end the server is killed with kill -9 while they post, started again, and every acknowledged message is looked for.",
      "The only setting that differs from the default is LIMIT_COMMANDS_PER_SECOND.",
      "",
      "--connections  signed-in connections, each of its own account, that post; from 1 to 1000",
      "--rooms        rooms; the n-th connection joins one of them and posts there; from 1 to 1000",
      "--outstanding  posts of a connection that wait for their acknowledgement at once; from 1 to 64",
      "--body-chars   characters of a message; from 1 to 4000",
      "--warm-up      seconds before the measurement; from 0 to 600",
      "--seconds      of the measurement; from 1 to 3600",
      "--cores        of the server, one run for each: 2 shares both cores with the load, 1 gives each a core (taskset)",
      "--no-audit     leaves the search for the acknowledged messages out",
      "--postgres     the URL of a PostgreSQL database to run on, in a schema of its own",
      "--profile      a folder for the CPU profiles of the server's threads; its server is stopped, not killed",
      "--json         a file for the results",
      "--document     writes the table into docs/benchmarks.md",
    ].join("\n"),
  );
  process.exit(0);
}

const plans = parseOrExit((): readonly PostsPlan[] =>
  integerListOption("cores", values.cores, 1, 2).map((cores) => ({
    connections: integerOption("connections", values.connections, 1, 1_000),
    rooms: integerOption("rooms", values.rooms, 1, 1_000),
    outstanding: integerOption("outstanding", values.outstanding, 1, 64),
    bodyChars: integerOption("body-chars", values["body-chars"], 1, 4_000),
    warmUpSeconds: integerOption("warm-up", values["warm-up"], 0, 600),
    seconds: integerOption("seconds", values.seconds, 1, 3_600),
    cores: cores === 1 ? 1 : 2,
    audited: !values["no-audit"],
    postgresUrl: values.postgres,
    profileDir: values.profile,
  })),
);

if (values.profile !== undefined) await mkdir(values.profile, { recursive: true });
const results: PostsResult[] = [];
for (const plan of plans) results.push(await runPosts(plan));
console.log(postsTable(results));
if (values.document) {
  await writeSection(
    {
      document: new URL("../../docs/benchmarks.md", import.meta.url),
      name: "posts",
      command: "npm run bench:posts -- --document",
    },
    [`Measured on ${new Date().toISOString().slice(0, 10)}, Node ${process.versions.node}:`, "", postsTable(results)],
  );
}
if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify(results, undefined, 2)}\n`);
const findings = results.flatMap(({ audit }) => audit?.findings ?? []);
for (const finding of findings) console.error(finding);
if (findings.length > 0) process.exitCode = 1;
