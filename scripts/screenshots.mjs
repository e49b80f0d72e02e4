// `npm run screenshots`: redraws docs/screenshots from the current web client.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { readWords } from "./lib/arguments.mjs";
import { build } from "./lib/build.mjs";
import { install } from "./lib/install.mjs";
import { withLock } from "./lib/lock.mjs";
import { checkMachine, ROOT, toolEnv } from "./lib/machine.mjs";
import { findOrInstall } from "./lib/programs.mjs";
import { reportFailure } from "./lib/progress.mjs";

const names = readWords(
  `npm run screenshots [-- NAME ...]

Installs, builds, and redraws the screens of the web client into docs/screenshots, at three widths in both color schemes.

  NAME   draws only the screens whose names contain one of these, and leaves the other files (default: all)

For example: npm run screenshots -- room search`,
  { maxWords: Number.POSITIVE_INFINITY },
);

try {
  checkMachine();
  const node = await withLock(async () => {
    const found = await install();
    await build(found.path);
    return found.path;
  });
  const { chromium } = await findOrInstall();
  const child = spawn(node, [join(ROOT, "e2e/src/screenshots.ts"), ...names], {
    stdio: "inherit",
    env: toolEnv({ MULTICHAT_TEST_CHROMIUM: chromium }),
  });
  process.exitCode = await new Promise((resolve) => child.on("exit", (code) => resolve(code ?? 1)));
} catch (failure) {
  reportFailure(failure);
  process.exitCode = 1;
}
