import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { freePort } from "../../../scripts/lib/free-port.mjs";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));

let folder = "";
let running: ChildProcess | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "multichat-start-"));
});
afterEach(async () => {
  const child = running;
  if (child !== undefined && child.exitCode === null && child.signalCode === null) {
    // SIGKILL would end npm and leave its server running.
    child.kill("SIGTERM");
    await new Promise((resolve) => child.once("exit", resolve));
  }
  rmSync(folder, { recursive: true, force: true });
});

/** `npm start` on data of its own, once it answers. */
async function npmStart(): Promise<{ url: string; output: () => string; ended: Promise<number | null> }> {
  const port = await freePort();
  const env = { ...process.env, PORT: String(port), HOST: "127.0.0.1", DATA_DIR: join(folder, "data") };
  const child = spawn("npm", ["start"], { cwd: ROOT, env, stdio: ["ignore", "pipe", "pipe"] });
  running = child;
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (output += text));
  const ended = new Promise<number | null>((resolve) => child.on("exit", resolve));
  const url = `http://127.0.0.1:${port}`;
  for (;;) {
    // Until it listens, the connection is refused.
    const answer = await fetch(`${url}/readyz`).catch(() => undefined);
    if (answer?.ok) break;
    if (child.exitCode !== null) throw new Error(`npm start ended with ${child.exitCode}:\n${output}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return { url, output: () => output, ended };
}

test("npm start, with everything built, serves without installing or building, and stops cleanly", async () => {
  const first = await npmStart();
  running?.kill("SIGTERM");
  expect(await first.ended).toBe(0);
  expect(first.output()).not.toContain("Install packages");
  const second = await npmStart();
  expect(second.output()).not.toContain("Install packages");
  expect(second.output()).not.toContain("Build the");
  running?.kill("SIGINT");
  expect(await second.ended).toBe(0);
});

test("npm start prints where it serves and, while there are no accounts, the setup address", async () => {
  const { url, output } = await npmStart();
  await expect.poll(output).toContain(`${url}/setup#token=`);
});
