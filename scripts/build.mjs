// `npm run build`: builds what `npm start` builds, without serving it.
import { readWords } from "./lib/arguments.mjs";
import { build, listStaleParts } from "./lib/build.mjs";
import { install } from "./lib/install.mjs";
import { withLock } from "./lib/lock.mjs";
import { checkMachine } from "./lib/machine.mjs";
import { reportFailure } from "./lib/progress.mjs";

const options = readWords(
  `npm run build [-- --check]

Installs the packages, and builds the server and the web client into the folders dist, as npm start does before it serves.
What is installed and built already stays as it is.

--check  builds nothing, and exits with 1 where something was not built from its current sources`,
  { options: ["--check"] },
);

if (options.includes("--check")) {
  const stale = listStaleParts();
  if (stale.length > 0) console.error(`Not built from the current sources: ${stale.join(", ")}. Run: npm run build`);
  process.exitCode = stale.length > 0 ? 1 : 0;
} else {
  try {
    checkMachine();
    await withLock(async () => build((await install()).path));
    console.log("Built.");
  } catch (failure) {
    reportFailure(failure);
    process.exitCode = 1;
  }
}
