// Progress for a person to follow: one line for each step with its duration. A tool's output goes to a log file and is
// shown only if the tool fails.
import { spawn } from "node:child_process";
import { createWriteStream, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { ROOT, ScriptError, toolEnv } from "./machine.mjs";

const LOGS = join(ROOT, ".cache", "logs");
/** How often a long step reports that it is still running, without a terminal. */
const HEARTBEAT_MS = 30_000;
/** How much of a failed tool's output is repeated on the screen; the log file has all of it. */
const TAIL_LINES = 200;

/** Running tools, which must not outlive this process. @type {Set<import("node:child_process").ChildProcess>} */
const tools = new Set();
process.on("exit", () => {
  for (const child of tools) child.kill("SIGTERM");
});

/** Makes signals end this process through `exit`, so that what it started is stopped. */
export function stopOnSignals() {
  for (const [signal, code] of /** @type {const} */ ([
    ["SIGINT", 130],
    ["SIGTERM", 143],
    ["SIGHUP", 129],
  ])) {
    process.once(signal, () => process.exit(code));
  }
}

const isInteractive = process.stdout.isTTY === true && !process.env.CI;

/** @param {number} startedAt */
export function secondsSince(startedAt) {
  return `${((Date.now() - startedAt) / 1000).toFixed(1)} s`;
}

/** Running steps in the order of their start. @type {Set<{ name: string, startedAt: number }>} */
const running = new Set();
/** @type {NodeJS.Timeout | undefined} */
let ticker;

function describeRunning() {
  return [...running].map(({ name, startedAt }) => `${name} (${secondsSince(startedAt)})`).join(", ");
}

function clearStatusLine() {
  if (isInteractive && running.size > 0) process.stdout.write("\r\u001b[2K");
}

function drawStatusLine() {
  if (isInteractive && running.size > 0) {
    process.stdout.write(`\r\u001b[2K${`  ${describeRunning()} …`.slice(0, (process.stdout.columns ?? 80) - 1)}`);
  }
}

/** @param {unknown} text */
function printLine(text) {
  clearStatusLine();
  console.log(text);
  drawStatusLine();
}

function updateTicker() {
  if (running.size === 0) {
    clearInterval(ticker);
    ticker = undefined;
    return;
  }
  ticker ??= isInteractive
    ? setInterval(drawStatusLine, 1000)
    : setInterval(() => console.log(`  still running: ${describeRunning()}`), HEARTBEAT_MS);
}

/**
 * Runs a named step and prints its line. Steps may run side by side. A string that `work` returns is printed after the
 * step's name.
 * @template T
 * @param {string} name
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function step(name, work) {
  const entry = { name, startedAt: Date.now() };
  if (!isInteractive) console.log(`  ${name} …`);
  running.add(entry);
  updateTicker();
  drawStatusLine();
  const finish = (/** @type {string} */ mark, /** @type {string} */ summary) => {
    clearStatusLine();
    running.delete(entry);
    updateTicker();
    printLine(`${mark} ${name}${summary === "" ? "" : `: ${summary}`} (${secondsSince(entry.startedAt)})`);
  };
  try {
    const result = await work();
    finish("✓", typeof result === "string" ? result : "");
    return result;
  } catch (failure) {
    finish("✗", "failed");
    throw failure;
  }
}

/**
 * Prints a failure: a ScriptError as its message and advice, anything else with its stack.
 * @param {unknown} failure
 * @param {(text: unknown) => void} [print]
 */
export function reportFailure(failure, print = console.error) {
  clearStatusLine();
  if (failure instanceof ScriptError) {
    print(`\n${failure.message}`);
    for (const line of failure.advice) print(`  ${line}`);
  } else {
    print(failure);
  }
  drawStatusLine();
}

/**
 * Runs a tool to its end with its output in `.cache/logs/<log>.log` and resolves to the output.
 * @param {string} log
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, advice?: string[], accept?: (code: number) => boolean }} [options]
 * @returns {Promise<string>}
 * @throws {ScriptError} with the last lines of the output if the tool fails
 */
export function run(log, command, args, options = {}) {
  const path = join(LOGS, `${log}.log`);
  mkdirSync(dirname(path), { recursive: true });
  const file = createWriteStream(path);
  const child = spawn(command, args, {
    cwd: options.cwd ?? ROOT,
    // Colors are noise in a log file.
    env: { ...(options.env ?? toolEnv()), NO_COLOR: "1", FORCE_COLOR: undefined },
    stdio: ["ignore", "pipe", "pipe"],
  });
  tools.add(child);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8");
    stream.on("data", (text) => {
      output += text;
      file.write(text);
    });
  }
  return new Promise((resolve, reject) => {
    child.on("error", (failure) => {
      tools.delete(child);
      reject(new ScriptError(`Could not start ${command}: ${failure.message}`, options.advice));
    });
    child.on("close", (code, signal) => {
      tools.delete(child);
      file.end();
      if (code !== null && (options.accept?.(code) ?? code === 0)) {
        resolve(output);
        return;
      }
      const reason = code === null ? `was ended by ${signal}` : `failed with code ${code}`;
      const tail = output.trimEnd().split("\n").slice(-TAIL_LINES).join("\n");
      reject(
        new ScriptError(
          `${[command, ...args].join(" ")} ${reason}${tail === "" ? "" : `:\n\n${tail}\n`}`,
          options.advice ?? [`Full output: ${path}`],
        ),
      );
    });
  });
}
