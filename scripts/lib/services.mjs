// The services of the tests: a Redis and a Postgres of our own, on spare ports, in a temporary folder, gone afterwards.
// Whatever runs on the machine already is left alone.
import { spawn, spawnSync } from "node:child_process";
import { chownSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findOrInstall } from "./debian.mjs";
import { ScriptError } from "./machine.mjs";

/** How long a service may take to answer on its port. */
const READY_MS = 30_000;

/** @typedef {{ env: Record<string, string>, stop: () => Promise<void>, summary: string }} Services */

/** Finds the programs, starts the services. @returns {Promise<Services>} */
export async function startServices() {
  const programs = await findOrInstall();
  const folder = mkdtempSync(join(tmpdir(), "multichat-services-"));
  /** @type {import("node:child_process").ChildProcess[]} */
  const running = [];
  const killAll = () => {
    for (const child of running) child.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  };
  process.once("exit", killAll);
  const stop = async () => {
    process.off("exit", killAll);
    await Promise.all(running.map(end));
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const redisPort = await startRedis(programs.redis, folder, running);
    const postgresPort = await startPostgres(programs.postgres, folder, running);
    return {
      env: {
        MULTICHAT_TEST_CHROMIUM: programs.chromium,
        MULTICHAT_TEST_REDIS_SERVER: programs.redis,
        MULTICHAT_TEST_REDIS_URL: `redis://127.0.0.1:${redisPort}`,
        MULTICHAT_TEST_POSTGRES_URL: `postgres://postgres@127.0.0.1:${postgresPort}/postgres`,
        MULTICHAT_TEST_PYTHON: programs.python,
      },
      stop,
      summary: `Redis on ${redisPort}, Postgres on ${postgresPort}${programs.installed.length > 0 ? `; installed ${programs.installed.join(", ")}` : ""}`,
    };
  } catch (failure) {
    await stop();
    throw failure;
  }
}

/** @param {string} program @param {string} folder @param {import("node:child_process").ChildProcess[]} running */
async function startRedis(program, folder, running) {
  const port = await sparePort();
  const args = ["--port", String(port), "--bind", "127.0.0.1", "--dir", folder, "--save", "", "--appendonly", "no"];
  await startOnPort("Redis", port, running, () => spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] }));
  return port;
}

/** @param {string} bin @param {string} folder @param {import("node:child_process").ChildProcess[]} running */
async function startPostgres(bin, folder, running) {
  const port = await sparePort();
  const data = join(folder, "postgres");
  mkdirSync(data);
  const who = asPostgres();
  if (who.uid !== undefined) {
    // mkdtemp's folder is closed to others; Postgres, which refuses to run as root, has to pass through it.
    chownSync(folder, who.uid, who.gid);
    chownSync(data, who.uid, who.gid);
  }
  const init = ["-D", data, "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"];
  const made = spawnSync(join(bin, "initdb"), init, { ...who, cwd: folder, encoding: "utf8" });
  if (made.status !== 0) {
    throw new ScriptError(`Postgres could not be set up in ${data}:`, [made.stderr || String(made.error)]);
  }
  const args = ["-D", data, "-p", String(port), "-c", "listen_addresses=127.0.0.1", "-k", folder, "-c", "fsync=off"];
  await startOnPort("Postgres", port, running, () =>
    spawn(join(bin, "postgres"), args, { ...who, cwd: folder, stdio: ["ignore", "pipe", "pipe"] }),
  );
  return port;
}

/** As root: the account that Debian makes for Postgres. */
function asPostgres() {
  if (process.getuid?.() !== 0) return {};
  const id = (/** @type {string} */ flag) => Number(spawnSync("id", [flag, "postgres"], { encoding: "utf8" }).stdout);
  const [uid, gid] = [id("-u"), id("-g")];
  if (!uid || !gid) throw new ScriptError("Postgres does not run as root, and there is no account named postgres.");
  return { uid, gid };
}

/**
 * @param {string} name
 * @param {number} port
 * @param {import("node:child_process").ChildProcess[]} running
 * @param {() => import("node:child_process").ChildProcess} start
 */
async function startOnPort(name, port, running, start) {
  const child = start();
  running.push(child);
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on("data", (text) => {
      said = (said + text).slice(-4000);
    });
  }
  child.on("error", (failure) => {
    said += failure.message;
  });
  const deadline = Date.now() + READY_MS;
  while (!(await answers(port))) {
    if (child.exitCode !== null || child.signalCode !== null || Date.now() > deadline) {
      throw new ScriptError(`${name} did not come up on port ${port}. It said:`, said.trimEnd().split("\n"));
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** @param {number} port @returns {Promise<boolean>} */
function answers(port) {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.on("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", () => resolve(false));
  });
}

/** @returns {Promise<number>} */
function sparePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}

/** @param {import("node:child_process").ChildProcess} child @returns {Promise<void>} */
function end(child) {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    const late = setTimeout(() => child.kill("SIGKILL"), 5000);
    child.on("exit", () => {
      clearTimeout(late);
      resolve();
    });
    // For Postgres SIGINT is the fast shutdown: it does not wait for connections that a test left open.
    child.kill("SIGINT");
  });
}
