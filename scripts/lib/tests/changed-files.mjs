// Which files differ from a base, for `npm test -- --changed`.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { ROOT, ScriptError } from "../machine.mjs";

/** @param {readonly string[]} args */
function git(args) {
  const { status, stdout, stderr, error } = spawnSync("git", args, { cwd: ROOT, encoding: "utf8" });
  if (status !== 0) throw new ScriptError(`git ${args.join(" ")} failed: ${stderr?.trim() || error?.message}`);
  return stdout.split("\n").filter((line) => line !== "");
}

/**
 * Lists existing files that differ from where this branch left `base`: committed since, uncommitted, or untracked.
 * @param {string} base a branch, tag or commit
 */
export function changedFiles(base) {
  const [since = base] = git(["merge-base", base, "HEAD"]);
  const files = [
    ...git(["diff", "--name-only", "--no-renames", since]),
    ...git(["ls-files", "--others", "--exclude-standard"]),
  ];
  return [...new Set(files)].filter((file) => existsSync(join(ROOT, file))).sort();
}
