// Starts a Redis and a Postgres for the tests on free ports in a temporary folder, and removes them afterwards. Services that
// already run on the machine are left alone.
import { spawn, spawnSync } from "node:child_process";
import { chownSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "./free-port.mjs";
import { ScriptError } from "./machine.mjs";
import { findOrInstall } from "./programs.mjs";

/** How long a service may take to answer on its port before it counts as hanging. */
const READY_TIMEOUT_MS = 120_000;
/** How long a service may take to stop before it is killed. */
const STOP_TIMEOUT_MS = 30_000;

/** @typedef {{ env: Record<string, string>, stop: () => Promise<void>, summary: string }} Services */

/** Finds or installs the programs and starts the services. @returns {Promise<Services>} */
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
    await Promise.all(running.map(stopProcess));
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
        MULTICHAT_TEST_POSTGRES_BIN: programs.postgres,
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
  const port = await freePort();
  const args = ["--port", String(port), "--bind", "127.0.0.1", "--dir", folder, "--save", "", "--appendonly", "no"];
  await startOnPort("Redis", port, running, () => spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] }));
  return port;
}

/** Each store has a pool of its own, and several test files run at a time. */
const MAX_POSTGRES_CONNECTIONS = 400;

/** @param {string} bin @param {string} folder @param {import("node:child_process").ChildProcess[]} running */
async function startPostgres(bin, folder, running) {
  const port = await freePort();
  const data = join(folder, "postgres");
  mkdirSync(data);
  const account = postgresAccount();
  if (account.uid !== undefined) {
    // Postgres refuses to run as root, and the folder of mkdtemp is closed to every other account.
    chownSync(folder, account.uid, account.gid);
    chownSync(data, account.uid, account.gid);
  }
  const init = ["-D", data, "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"];
  const initdb = spawnSync(join(bin, "initdb"), init, { ...account, cwd: folder, encoding: "utf8" });
  if (initdb.status !== 0) {
    throw new ScriptError(`initdb failed in ${data}:`, [initdb.stderr || String(initdb.error)]);
  }
  const options = [
    "listen_addresses=127.0.0.1",
    `max_connections=${MAX_POSTGRES_CONNECTIONS}`,
    // The tests create and drop some thousand tables, which nobody needs after a crash of the machine.
    ...["fsync=off", "full_page_writes=off", "wal_level=minimal", "max_wal_senders=0", "autovacuum=off", "jit=off"],
  ];
  const args = ["-D", data, "-p", String(port), "-k", folder, ...options.flatMap((option) => ["-c", option])];
  await startOnPort("Postgres", port, running, () =>
    spawn(join(bin, "postgres"), args, { ...account, cwd: folder, stdio: ["ignore", "pipe", "pipe"] }),
  );
  return port;
}

/** Returns the account that Debian creates for Postgres, if this process is root. */
function postgresAccount() {
  if (process.getuid?.() !== 0) return {};
  const id = (/** @type {string} */ flag) => Number(spawnSync("id", [flag, "postgres"], { encoding: "utf8" }).stdout);
  const [uid, gid] = [id("-u"), id("-g")];
  if (!uid || !gid)
    throw new ScriptError("Postgres does not run as root, and there is no account named postgres to run it.");
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
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on("data", (text) => {
      output = (output + text).slice(-4000);
    });
  }
  child.on("error", (failure) => {
    output += failure.message;
  });
  const deadline = Date.now() + READY_TIMEOUT_MS;
  while (!(await isListening(port))) {
    if (child.exitCode !== null || child.signalCode !== null || Date.now() > deadline) {
      throw new ScriptError(`${name} did not answer on port ${port}. Its output:`, output.trimEnd().split("\n"));
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** @param {number} port @returns {Promise<boolean>} */
function isListening(port) {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.on("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", () => resolve(false));
  });
}

/** @param {import("node:child_process").ChildProcess} child @returns {Promise<void>} */
function stopProcess(child) {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(() => child.kill("SIGKILL"), STOP_TIMEOUT_MS);
    child.on("exit", () => {
      clearTimeout(timer);
      resolve();
    });
    // For Postgres, SIGINT is the fast shutdown, which does not wait for connections that a test left open.
    child.kill("SIGINT");
  });
}
