// Runs in a package's folder before npm packs it: compiles the package and those that it needs, so that a tarball of a clean
// clone contains code, and puts the license beside it.
import { copyFileSync } from "node:fs";
import { join, relative } from "node:path";
import { readWords } from "./lib/arguments.mjs";
import { removeOrphans, TSC } from "./lib/build.mjs";
import { withLock } from "./lib/lock.mjs";
import { ROOT, ScriptError } from "./lib/machine.mjs";
import { reportFailure, run } from "./lib/progress.mjs";

readWords(`node scripts/prepack.mjs

Prepares the package in the current folder for npm pack and npm publish, which run it.`);

try {
  const folder = process.cwd();
  const name = relative(join(ROOT, "packages"), folder);
  if (name.includes("/") || name.startsWith("..")) {
    throw new ScriptError(`expected a folder of ${join(ROOT, "packages")}, got ${folder}`);
  }
  await withLock(() => run(`prepack-${name}`, process.execPath, [TSC, "-b", folder]));
  removeOrphans(folder);
  copyFileSync(join(ROOT, "LICENSE"), join(folder, "LICENSE"));
} catch (failure) {
  reportFailure(failure);
  process.exitCode = 1;
}
