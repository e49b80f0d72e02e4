import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder of the built web client; the path is the same from `src` and `dist`, in a clone and in the Docker image. */
export const WEB_DIR = fileURLToPath(new URL("../../../../web/dist", import.meta.url));

export function isWebClientBuilt(webDir: string): boolean {
  return existsSync(join(webDir, "index.html"));
}
