import { createHash } from "node:crypto";
import { lstat, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { DiskState } from "./storage.ts";

/** SQLite maps this index into memory and builds it again; it is not recorded. */
const INDEX_SUFFIX = "-shm";

/** Writes a state into a folder, which is created. A file whose folder is missing is lost with it. */
export async function writeState(state: DiskState, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const present = new Set(["."]);
  for (const path of state.folders) {
    if (!present.has(dirname(path))) continue;
    present.add(path);
    await mkdir(join(folder, path));
  }
  for (const [path, content] of state.files) {
    if (present.has(dirname(path))) await writeFile(join(folder, path), content, { mode: 0o600 });
  }
}

/** Returns a fingerprint, to know equal states. */
export function fingerprint(state: DiskState): string {
  const hash = createHash("sha1");
  for (const path of state.folders) hash.update(`${path}/\n`);
  for (const [path, content] of [...state.files].sort(([a], [b]) => (a < b ? -1 : 1))) {
    hash.update(`${path}\n${content.length}\n`).update(content);
  }
  return hash.digest("hex");
}

/**
 * Compares a folder with what the record of its changes says, byte by byte. A difference means that something changed a file
 * past the record, so that no state computed from it would be worth anything.
 *
 * @returns what differs
 */
export async function compareWithFolder(state: DiskState, folder: string): Promise<readonly string[]> {
  const differences: string[] = [];
  const found = new Set<string>();
  for (const path of await readdir(folder, { recursive: true })) {
    const stats = await lstat(join(folder, path));
    if (stats.isSocket() || path.endsWith(INDEX_SUFFIX)) continue;
    found.add(path);
    if (stats.isDirectory()) {
      if (!state.folders.includes(path)) differences.push(`${path}: a folder that is not recorded`);
      continue;
    }
    const recorded = state.files.get(path);
    if (recorded === undefined) {
      differences.push(`${path}: a file that is not recorded`);
      continue;
    }
    const content = await readFile(join(folder, path));
    if (content.equals(recorded)) continue;
    const at = content.findIndex((byte, index) => byte !== recorded[index]);
    differences.push(
      `${path}: ${content.length} bytes, recorded ${recorded.length}; the first difference is at ${at === -1 ? Math.min(content.length, recorded.length) : at}`,
    );
  }
  for (const path of [...state.folders, ...state.files.keys()]) {
    if (!found.has(path)) differences.push(`${path}: recorded, but not there`);
  }
  return differences;
}
