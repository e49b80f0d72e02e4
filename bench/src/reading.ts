import { mkdir, writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { createData } from "./data/create-data.ts";
import { FULL_DATA, SMALL_DATA } from "./data/plan.ts";
import { type Figure, FULL_PLAN, PARTS, QUICK_PLAN } from "./reading/plan.ts";
import { readingTable } from "./reading/report.ts";
import { runReading } from "./reading/run.ts";
import { parseOrExit, selectionOption } from "./report/options.ts";
import { writeSection } from "./report/section.ts";

const { values } = parseOrExit(() =>
  parseArgs({
    options: {
      quick: { type: "boolean", default: false },
      only: { type: "string" },
      profile: { type: "string" },
      json: { type: "string" },
      document: { type: "boolean", default: false },
      note: { type: "string" },
      help: { type: "boolean", default: false },
    },
  }),
);

if (values.help) {
  console.log(
    [
      "npm run build && npm run bench:reading -- [--quick] [--only start,history,lists,…] [--profile FOLDER] [--json FILE]",
      "",
      "Measures how the chat reads with a million messages in a thousand rooms, one of them with 300,000, started as npm start",
      "starts it: its start, pages of the history, lists of rooms, resumes, searches while messages are posted, appending at the",
      "end, an online backup, and the migration of the previous version's database. Creates the database the first time, which",
      "takes some minutes (npm run bench:data), and measures on copies of it.",
      "",
      `--only      some of ${PARTS.join(",")}`,
      "--quick     20,000 messages in 100 rooms, and fewer calls",
      "--profile   a folder for CPU profiles of the server's threads during the reads",
      "--json      a file for the results",
      "--document  writes the table into docs/benchmarks.md",
      "--note      a sentence about this run for the document, such as what else the machine was doing",
    ].join("\n"),
  );
  process.exit(0);
}

const parts = parseOrExit(() => selectionOption("only", values.only, PARTS));
const data = values.quick ? SMALL_DATA : FULL_DATA;
const plan = values.quick ? QUICK_PLAN : FULL_PLAN;
if (values.profile !== undefined) await mkdir(values.profile, { recursive: true });
const dataDir = await createData(data, (line) => console.log(line));
const figures: Figure[] = [];
await runReading({
  plan,
  parts,
  dataDir,
  users: data.users,
  profileDir: values.profile,
  onFigure: (figure) => {
    figures.push(figure);
    console.log(`${figure.name}: ${[figure.p50, figure.p99, figure.max].filter(Boolean).join(", ")}  ${figure.limit}`);
  },
});
console.log(`\n${readingTable(figures)}`);
if (values.document) {
  const date = new Date().toISOString().slice(0, 10);
  const size = `${data.messages.toLocaleString("en")} messages in ${data.rooms.toLocaleString("en")} rooms`;
  const note = values.note === undefined ? [] : [values.note];
  await writeSection(
    {
      document: new URL("../../docs/benchmarks.md", import.meta.url),
      name: "reading",
      command: "npm run bench:reading -- --document",
    },
    [[`Measured on ${date}, Node ${process.versions.node}, ${size}.`, ...note].join(" "), "", readingTable(figures)],
  );
}
if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify(figures, undefined, 2)}\n`);
