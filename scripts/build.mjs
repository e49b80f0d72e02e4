// `npm run build`: what `npm start` builds, without serving it.
import { build } from "./lib/build.mjs";
import { install } from "./lib/install.mjs";
import { alone } from "./lib/lock.mjs";
import { checkMachine } from "./lib/machine.mjs";
import { report } from "./lib/progress.mjs";

try {
  checkMachine();
  await alone(async () => build((await install()).path));
  console.log("Built.");
} catch (failure) {
  report(failure);
  process.exitCode = 1;
}
