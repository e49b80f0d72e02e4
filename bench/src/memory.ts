import { mkdir, writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import type { MemoryPlan, MemoryResult } from "./memory/plan.ts";
import { classTable, memoryTable } from "./memory/report.ts";
import { OTHER_DESCRIPTORS, runMemory } from "./memory/run.ts";
import { requireOpenFiles } from "./report/open-files.ts";
import { integerListOption, integerOption, parseOrExit } from "./report/options.ts";

const { values } = parseOrExit(() =>
  parseArgs({
    options: {
      connections: { type: "string", default: "1000,10000" },
      rooms: { type: "string", default: "50" },
      idle: { type: "string", default: "20" },
      profile: { type: "string" },
      json: { type: "string" },
      help: { type: "boolean", default: false },
    },
  }),
);

if (values.help) {
  console.log(
    [
      "npm run bench:memory -- [--connections 1000,10000] [--rooms 50] [--idle 20] [--profile FOLDER] [--json FILE]",
      "",
      "Measures the memory of the chat, built and started as npm start starts it (npm run build first): at rest, and for each",
      "idle, signed-in connection that has joined five rooms. Every connection has an account of its own. The settings that",
      "differ from the default are limits: LIMIT_COMMANDS_PER_SECOND, LIMIT_WEBSOCKETS and LIMIT_HTTP_CONNECTIONS.",
      "",
      "--connections  one run for each number; from 1 to 200000. More than about 19,000 need a higher ulimit -n",
      "--rooms        rooms, of which every connection joins five; from 5 to 10000",
      "--idle         seconds without work before the memory is read; from 1 to 600",
      "--profile      a folder for heap snapshots; prints the classes of the objects that a connection adds",
      "--json         a file for the results",
    ].join("\n"),
  );
  process.exit(0);
}

const plans = parseOrExit((): readonly MemoryPlan[] =>
  integerListOption("connections", values.connections, 1, 200_000).map((connections) => ({
    connections,
    rooms: integerOption("rooms", values.rooms, 5, 10_000),
    idleSeconds: integerOption("idle", values.idle, 1, 600),
    profileDir: values.profile,
  })),
);

await requireOpenFiles(Math.max(...plans.map(({ connections }) => connections)) + OTHER_DESCRIPTORS);
if (values.profile !== undefined) await mkdir(values.profile, { recursive: true });
const results: MemoryResult[] = [];
for (const plan of plans) {
  const result = await runMemory(plan);
  results.push(result);
  if (result.classes !== undefined) console.log(`${classTable(result.classes, plan.connections)}\n`);
}
console.log(memoryTable(results));
if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify(results, undefined, 2)}\n`);
