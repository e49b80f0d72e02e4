// Writes the reports of the packages' public API, or checks that they are what the declarations say.
import { readWords } from "./lib/arguments.mjs";
import { TSC } from "./lib/build.mjs";
import { withLock } from "./lib/lock.mjs";
import { findNode, ScriptError } from "./lib/machine.mjs";
import { findChanged, makeReports, writeReports } from "./lib/packaging/api-report.mjs";
import { PACKAGES } from "./lib/packaging/tarballs.mjs";
import { reportFailure, run } from "./lib/progress.mjs";

const [mode] = readWords(
  `npm run api [check]

Writes what each package exports to packages/*/api, so that a change of the public API is seen in a commit.

  check   write nothing; fail if the files there differ. The same as: npm test -- --only api`,
  { maxWords: 1 },
);
if (mode !== undefined && mode !== "check") {
  console.error(`Expected "check" or nothing; got ${JSON.stringify(mode)}. See: npm run api -- --help`);
  process.exit(2);
}

try {
  const node = findNode()?.path ?? process.execPath;
  await withLock(() => run("api", node, [TSC, "-b", ...PACKAGES.map((name) => `packages/${name}`)]));
  const reports = await makeReports();
  const changed = findChanged(reports);
  if (mode === "check" && changed.length > 0) {
    throw new ScriptError("The public API is not what these files say:", [
      ...changed,
      "If the change is meant, run npm run api, look at the difference, and add a line to CHANGELOG.md.",
    ]);
  }
  if (mode === undefined) writeReports(reports);
  console.log(`${reports.length} entry points, ${mode === "check" ? "as committed" : `${changed.length} changed`}`);
} catch (failure) {
  reportFailure(failure);
  process.exitCode = 1;
}
