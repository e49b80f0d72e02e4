// Progress that a person can follow: one line a step, with its seconds; what a tool printed is kept and shown only when
// the step fails.
import { spawn } from "node:child_process";
import { createWriteStream, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { ROOT, Trouble, toolEnv } from "./machine.mjs";

const LOGS = join(ROOT, ".cache", "logs");
/** Without a terminal a long step says this often that it is alive. */
const SIGN_OF_LIFE_MS = 30_000;
/** How much of a failed tool's output is repeated on the screen; all of it is in the log file. */
const TAIL_LINES = 200;

/** Tools under way: none of them outlives this process. @type {Set<import("node:child_process").ChildProcess>} */
const tools = new Set();
process.on("exit", () => {
  for (const child of tools) child.kill("SIGTERM");
});

/** Ends this process by way of `exit`, on the signals that would end it without: what it started is stopped. */
export function stopOnSignals() {
  for (const [signal, code] of /** @type {const} */ ([
    ["SIGINT", 130],
    ["SIGTERM", 143],
    ["SIGHUP", 129],
  ])) {
    process.once(signal, () => process.exit(code));
  }
}

const live = process.stdout.isTTY === true && !process.env.CI;

/** @param {number} since */
export function seconds(since) {
  return `${((Date.now() - since) / 1000).toFixed(1)} s`;
}

/**
 * Runs one named step and prints its line. A string that `work` returns is printed behind the step's name.
 * @template T
 * @param {string} name
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function step(name, work) {
  const began = Date.now();
  if (live) process.stdout.write(`  ${name} …`);
  else console.log(`  ${name} …`);
  const timer = live
    ? setInterval(() => process.stdout.write(`\r  ${name} … ${seconds(began)}`), 1000)
    : setInterval(() => console.log(`  ${name}: still at it after ${seconds(began)}`), SIGN_OF_LIFE_MS);
  const end = (/** @type {string} */ mark, /** @type {string} */ remark) => {
    clearInterval(timer);
    if (live) process.stdout.write("\r\u001b[2K");
    console.log(`${mark} ${name}${remark === "" ? "" : `: ${remark}`} (${seconds(began)})`);
  };
  try {
    const result = await work();
    end("✓", typeof result === "string" ? result : "");
    return result;
  } catch (failure) {
    end("✗", "failed");
    throw failure;
  }
}

/**
 * Prints a failure: trouble plainly, with what to do; anything else with its stack.
 * @param {unknown} failure
 * @param {(text: unknown) => void} [print]
 */
export function report(failure, print = console.error) {
  if (!(failure instanceof Trouble)) {
    print(failure);
    return;
  }
  print(`\n${failure.message}`);
  for (const line of failure.advice) print(`  ${line}`);
}

/**
 * Runs a tool to its end, its output into `.cache/logs/<log>.log`. Resolves to the output; a tool that fails is Trouble
 * that carries the last lines.
 * @param {string} log
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, advice?: string[], echo?: boolean, accept?: (code: number) => boolean }} [options]
 * @returns {Promise<string>}
 */
export function run(log, command, args, options = {}) {
  const path = join(LOGS, `${log}.log`);
  mkdirSync(dirname(path), { recursive: true });
  const file = createWriteStream(path);
  const child = spawn(command, args, {
    cwd: options.cwd ?? ROOT,
    // Kept in files and shown later, where colours are noise.
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
      if (options.echo) process.stdout.write(text);
    });
  }
  return new Promise((resolve, reject) => {
    child.on("error", (failure) =>
      reject(new Trouble(`${command} could not be started: ${failure.message}`, options.advice)),
    );
    child.on("close", (code, signal) => {
      tools.delete(child);
      file.end();
      if (code !== null && (options.accept?.(code) ?? code === 0)) {
        resolve(output);
        return;
      }
      const lines = output.trimEnd().split("\n");
      const tail = options.echo ? [] : lines.slice(-TAIL_LINES);
      const how = code === null ? `was ended by ${signal}` : `failed with code ${code}`;
      const said = tail.length === 0 ? "" : `:\n\n${tail.join("\n")}\n`;
      reject(
        new Trouble(`${[command, ...args].join(" ")} ${how}${said}`, options.advice ?? [`All of its output: ${path}`]),
      );
    });
  });
}
