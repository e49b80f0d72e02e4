import { existsSync } from "node:fs";
import { join } from "node:path";
import { PACKAGE_FOLDER } from "../../process/package-folder.ts";

/** The folder of the built web client, beside this package in a clone and in the Docker image. */
export const WEB_DIR = join(PACKAGE_FOLDER, "../web/dist");

export function isWebClientBuilt(webDir: string): boolean {
  return existsSync(join(webDir, "index.html"));
}
