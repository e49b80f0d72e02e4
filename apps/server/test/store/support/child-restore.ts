import { existsSync, statSync } from "node:fs";
import promises from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { basename } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { restoreDatabase } from "../../../src/main/backups.ts";

// A process that restores a backup, and waits before each change of a name until it is allowed; `restore-process.ts` is its other end.

const [, , backup = "", file = "", fault = ""] = process.argv;

/** Waits for the other end, which may kill this process instead. */
async function reach(step: string): Promise<void> {
  const allowed = new Promise((resolve) => process.once("message", resolve));
  process.send?.({ step });
  await allowed;
}

const { link, rename, rm } = promises;
promises.link = async (from, to) => {
  await reach(`link ${basename(String(from))}`);
  if (fault === "no links") throw Object.assign(new Error("EPERM: operation not permitted"), { code: "EPERM" });
  await link(from, to);
};
promises.rename = async (from, to) => {
  await reach(`rename ${basename(String(from))}`);
  await rename(from, to);
};
promises.rm = async (path, options) => {
  if (existsSync(path)) await reach(`rm ${basename(String(path))}`);
  await rm(path, options);
};
syncBuiltinESMExports();

if (fault === "killed with a log") {
  const { close } = DatabaseSync.prototype;
  DatabaseSync.prototype.close = function () {
    const log = `${this.location()}-wal`;
    if (log.endsWith(".restored-wal") && existsSync(log) && statSync(log).size > 0)
      process.kill(process.pid, "SIGKILL");
    close.call(this);
  };
}

await restoreDatabase({ backup, file, replaceExisting: true });
process.disconnect();
