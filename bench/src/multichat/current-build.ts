import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const BUILD = fileURLToPath(new URL("../../../scripts/build.mjs", import.meta.url));

/** Whether servers run the sources instead of the build. Figures of the sources are not those of what `npm start` starts. */
export function runsSources(): boolean {
  return process.env.MULTICHAT_SOURCE === "1";
}

let isChecked = false;

/** Ensures, once in this process, that a measured server would not be an older one. @throws where something has to be built */
export function requireCurrentBuild(): void {
  if (isChecked || runsSources()) return;
  const { status, stderr } = spawnSync(process.execPath, [BUILD, "--check"], { encoding: "utf8" });
  if (status !== 0) throw new Error(stderr.trim());
  isChecked = true;
}
