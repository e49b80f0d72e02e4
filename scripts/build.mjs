// `npm run build`: builds what `npm start` builds, without serving it.
import { build } from "./lib/build.mjs";
import { install } from "./lib/install.mjs";
import { withLock } from "./lib/lock.mjs";
import { checkMachine } from "./lib/machine.mjs";
import { reportFailure } from "./lib/progress.mjs";

try {
  checkMachine();
  await withLock(async () => build((await install()).path));
  console.log("Built.");
} catch (failure) {
  reportFailure(failure);
  process.exitCode = 1;
}
