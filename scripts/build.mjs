// `npm run build`: builds what `npm start` builds, without serving it.
import { readWords } from "./lib/arguments.mjs";
import { build } from "./lib/build.mjs";
import { install } from "./lib/install.mjs";
import { withLock } from "./lib/lock.mjs";
import { checkMachine } from "./lib/machine.mjs";
import { reportFailure } from "./lib/progress.mjs";

readWords(`npm run build

Installs the packages, and builds the server and the web client into the folders dist, as npm start does before it serves.
What is installed and built already stays as it is.`);

try {
  checkMachine();
  await withLock(async () => build((await install()).path));
  console.log("Built.");
} catch (failure) {
  reportFailure(failure);
  process.exitCode = 1;
}
