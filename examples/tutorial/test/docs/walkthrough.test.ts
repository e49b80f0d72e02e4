import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { GoldenClient } from "../golden/golden-client.ts";
import { runSteps, type Step } from "../golden/run-steps.ts";
import { tutorialListings, tutorialPages } from "./tutorial-pages.ts";

const repository = fileURLToPath(new URL("../../../../", import.meta.url));
let folder: string;
let program: ChildProcess | undefined;

/** Follows the pages, from the empty folder on. */
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "multichat-tutorial-"));
  const run = (command: string, args: readonly string[], cwd = folder): string =>
    execFileSync(command, args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });

  const commands = tutorialPages()
    .flatMap(({ text }) => /^```sh\n(npm init.*?)\n```/ms.exec(text)?.[1] ?? [])
    .flatMap((block) => block.split("\n"));
  expect(commands).toHaveLength(3);
  const [init, module, install] = commands.map((line) => line.split(" ").slice(1));
  run("npm", init ?? []);
  run("npm", module ?? []);

  // Installs the packages as the registry would provide them: packed, but by file instead of by name.
  run(process.execPath, ["node_modules/typescript-7/bin/tsc", "-b", "packages/channels-redis"], repository);
  const packed = ["channels", "channels-redis"].map((name) => {
    const args = ["pack", "--json", "--ignore-scripts", "--pack-destination", folder, "-w", `@multichat/${name}`];
    const output = JSON.parse(run("npm", args, repository)) as
      | readonly { filename: string }[]
      | Readonly<Record<string, { filename: string }>>;
    const [first] = Object.values(output);
    return `./${first?.filename}`;
  });
  const { dependencies } = JSON.parse(readFileSync(join(repository, "examples/tutorial/package.json"), "utf8")) as {
    dependencies: Record<string, string>;
  };
  const names = (install ?? []).filter((word) => word !== "install" && !word.startsWith("@multichat/"));
  const others = names.map((name) => `${name}@${dependencies[name]}`);
  run("npm", ["install", "--no-audit", "--no-fund", "--ignore-scripts", ...packed, ...others]);

  for (const { file, text } of tutorialListings()) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
  }
});

afterAll(async () => {
  await stopProgram();
  rmSync(folder, { recursive: true, force: true });
});

async function stopProgram(): Promise<void> {
  if (program === undefined || program.exitCode !== null) return;
  const exited = once(program, "exit");
  program.kill("SIGTERM");
  await exited;
}

/** Starts a program of the reader's folder. Resolves with the address that it prints. */
async function startProgram(file: string, env: Readonly<Record<string, string>> = {}): Promise<string> {
  await stopProgram();
  const { REDIS_URL: _, ...clean } = process.env;
  program = spawn(process.execPath, [file], {
    cwd: folder,
    env: { ...clean, ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const { stdout } = program;
  if (stdout === null) throw new Error("expected a pipe");
  for await (const line of createInterface({ input: stdout })) {
    const address = /(?:ws|http):\/\/\S+/.exec(line)?.[0];
    if (address !== undefined) return address;
  }
  throw new Error(`Expected ${file} to print an address before it exited.`);
}

it("runs the consumer of the first lesson alone", async () => {
  const file = join(folder, "src/try.ts");
  writeFileSync(file, readFileSync(file, "utf8").replace("port: 8000", "port: 0"));
  const client = new GoldenClient(await startProgram("src/try.ts"));
  await client.opened();
  client.send("hello");
  expect(await client.received(2)).toEqual(["🔧 System: Connection established!", "🔧 System Echo: hello"]);
  client.terminate();
});

it("behaves as recorded at the end of the tutorial", async () => {
  const url = await startProgram("src/main.ts", { PORT: "0" });
  const page = await (await fetch(url)).text();
  expect(page).toContain("<title>Channels tutorial</title>");
  const recorded = JSON.parse(readFileSync(new URL("../golden/roomchat.json", import.meta.url), "utf8")) as {
    keep: readonly { case: string; steps: readonly Step[] }[];
  };
  const caseNames = [
    "system: greeting and echo",
    "room: join notice, message, leave notice",
    "chat: join, message, leave",
    "reliable: connect, message, leave",
    "notifications: connect, message, close",
    "backgroundjob: translate known word",
  ];
  for (const name of caseNames) {
    const recordedCase = recorded.keep.find((candidate) => candidate.case === name);
    expect(recordedCase, name).toBeDefined();
    await runSteps(url, recordedCase?.steps ?? []);
  }
});
