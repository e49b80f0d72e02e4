import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Where the build puts the web client: beside this package in the clone and in the image; from `src` and `dist` alike. */
export const WEB_DIR = fileURLToPath(new URL("../../../../web/dist", import.meta.url));

export function isWebClientBuilt(webDir: string): boolean {
  return existsSync(join(webDir, "index.html"));
}
