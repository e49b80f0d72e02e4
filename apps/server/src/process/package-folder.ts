import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

/** The folder of this package, found from this file: how deep it lies differs between the sources, `dist` and the bundle. */
export const PACKAGE_FOLDER = findPackageFolder(import.meta.dirname);

function findPackageFolder(folder: string): string {
  if (existsSync(join(folder, "package.json"))) return folder;
  if (folder === dirname(folder)) throw new Error("Expected a package.json in a folder above the server's code.");
  return findPackageFolder(dirname(folder));
}
