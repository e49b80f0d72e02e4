// Runs a command with the services of the tests.
import { spawn } from "node:child_process";
import { toolEnv } from "./lib/machine.mjs";
import { reportFailure, stopOnSignals } from "./lib/progress.mjs";
import { startServices } from "./lib/services.mjs";

const HELP = `node scripts/services.mjs COMMAND [ARGUMENT ...]

Starts Redis and Postgres on free ports, runs the command with MULTICHAT_TEST_… set, and stops them. A command that is only
asked for its --help runs without them.

For example: node scripts/services.mjs npx vitest run packages/channels-redis`;

const [command, ...args] = process.argv.slice(2);
if (command === "--help" || command === "-h") {
  console.log(HELP);
} else if (command === undefined || command.startsWith("-")) {
  console.error(`Expected a command to run, got ${command === undefined ? "nothing" : command}.\n\n${HELP}`);
  process.exitCode = 2;
} else {
  try {
    stopOnSignals();
    const services = args.includes("--help") ? undefined : await startServices();
    if (services !== undefined) console.log(services.summary);
    const child = spawn(command, args, { stdio: "inherit", env: toolEnv(services?.env) });
    process.once("exit", () => child.kill());
    process.exitCode = await new Promise((resolve) => {
      child.on("error", (failure) => {
        console.error(failure.message);
        resolve(127);
      });
      child.on("exit", (code) => resolve(code ?? 1));
    });
    await services?.stop();
  } catch (failure) {
    reportFailure(failure);
    process.exitCode = 1;
  }
}
