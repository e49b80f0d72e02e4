// Runs a command with the services of the tests: node scripts/services.mjs npx vitest run packages/channels-redis
import { spawn } from "node:child_process";
import { toolEnv } from "./lib/machine.mjs";
import { reportFailure, stopOnSignals } from "./lib/progress.mjs";
import { startServices } from "./lib/services.mjs";

const [command, ...args] = process.argv.slice(2);
if (command === undefined || command === "--help") {
  console.log("node scripts/services.mjs COMMAND [ARGUMENT ...]");
  console.log("Starts Redis and Postgres on free ports, runs the command with MULTICHAT_TEST_… set, and stops them.");
} else {
  try {
    stopOnSignals();
    const services = await startServices();
    console.log(services.summary);
    const child = spawn(command, args, { stdio: "inherit", env: toolEnv(services.env) });
    process.once("exit", () => child.kill());
    process.exitCode = await new Promise((resolve) => {
      child.on("error", (failure) => {
        console.error(failure.message);
        resolve(127);
      });
      child.on("exit", (code) => resolve(code ?? 1));
    });
    await services.stop();
  } catch (failure) {
    reportFailure(failure);
    process.exitCode = 1;
  }
}
