import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { integerOption, parseOrExit } from "./report/options.ts";
import { distributionOf, formatDuration } from "./report/quantile.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const POLL_MS = 10;

const { values } = parseOrExit(() =>
  parseArgs({
    options: { runs: { type: "string", default: "10" }, help: { type: "boolean", default: false } },
  }),
);

if (values.help) {
  console.log(
    [
      "npm run build && npm run bench:start -- [--runs 10]",
      "",
      "Measures how long `npm start` takes until the server is ready, with everything installed and built.",
      "",
      "--runs  starts on the same data; the first one, which creates the database, is not counted",
    ].join("\n"),
  );
  process.exit(0);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("Expected the address of a port.");
  return address.port;
}

/** Polls until the server is ready. @throws if the process exits first. */
async function untilReady(child: ChildProcess, url: string): Promise<void> {
  // A request fails as long as the server does not listen.
  while (!(await fetch(`${url}/readyz`).catch(() => undefined))?.ok) {
    if (child.exitCode !== null) throw new Error(`Expected npm start to serve, it ended with ${child.exitCode}.`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** Starts and stops the server once; returns the milliseconds until it was ready. */
async function measureStart(dataDir: string): Promise<number> {
  const port = await freePort();
  const env = { ...process.env, PORT: String(port), HOST: "127.0.0.1", DATA_DIR: dataDir, LOG_LEVEL: "warn" };
  const startedAt = performance.now();
  const child = spawn("npm", ["start"], { cwd: ROOT, env, stdio: "ignore" });
  await untilReady(child, `http://127.0.0.1:${port}`);
  const durationMs = performance.now() - startedAt;
  child.kill("SIGTERM");
  if (child.exitCode === null) await once(child, "exit");
  return durationMs;
}

const runs = parseOrExit(() => integerOption("runs", values.runs, 1, 1_000));
const dataDir = await mkdtemp(join(tmpdir(), "multichat-start-"));
try {
  await measureStart(dataDir);
  const durationsMs: number[] = [];
  while (durationsMs.length < runs) durationsMs.push(await measureStart(dataDir));
  const { p50, max } = distributionOf(durationsMs);
  console.log(`npm start, ${runs} starts: ready after ${formatDuration(p50)} (p50), ${formatDuration(max)} (max)`);
} finally {
  await rm(dataDir, { recursive: true, force: true });
}
