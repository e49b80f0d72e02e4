import { stat } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { createData } from "./data/create-data.ts";
import { FULL_DATA, SMALL_DATA } from "./data/plan.ts";
import { integerOption, parseOrExit } from "./report/options.ts";

const { values } = parseOrExit(() =>
  parseArgs({
    options: {
      messages: { type: "string" },
      rooms: { type: "string" },
      largest: { type: "string" },
      users: { type: "string" },
      seed: { type: "string" },
      quick: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  }),
);

if (values.help) {
  console.log(
    [
      "npm run bench:data -- [--messages 1000000] [--rooms 1000] [--largest 300000] [--users 40] [--seed 1] [--quick]",
      "",
      "Creates a large database below .cache/bench-data/, by the operations of the store, with replies, mentions, reactions,",
      "edits, deletions and the index of the search. The same options give the same texts. bench:reading measures on it.",
      "",
      "--messages  in all rooms; from 100 to 10000000",
      "--rooms     a fifth of them open, the others private; from 5 to 10000",
      "--largest   messages of the largest room; the others share the rest unevenly",
      "--users     accounts; from 10 to 1000",
      "--seed      of the random generator",
      "--quick     20,000 messages in 100 rooms",
    ].join("\n"),
  );
  process.exit(0);
}

const plan = parseOrExit(() => {
  const defaults = values.quick ? SMALL_DATA : FULL_DATA;
  const messages = integerOption("messages", values.messages ?? String(defaults.messages), 100, 10_000_000);
  return {
    messages,
    rooms: integerOption("rooms", values.rooms ?? String(defaults.rooms), 5, 10_000),
    largest: integerOption("largest", values.largest ?? String(Math.min(defaults.largest, messages)), 1, messages),
    users: integerOption("users", values.users ?? String(defaults.users), 10, 1_000),
    seed: integerOption("seed", values.seed ?? String(defaults.seed), 0, 4_294_967_295),
  };
});

const startedAt = performance.now();
const dataDir = await createData(plan, (line) => console.log(line));
const { size } = await stat(join(dataDir, "multichat.db"));
const seconds = Math.round((performance.now() - startedAt) / 1_000);
console.log(`${dataDir}: ${Math.round(size / 1e6).toLocaleString("en")} MB, after ${seconds} s`);
