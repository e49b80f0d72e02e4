import { readdirSync, readFileSync } from "node:fs";

/** The descriptors of this process: how many it can have, and how many are open. */
export interface Descriptors {
  readonly limit: number;
  readonly open: number;
}

/** Returns the descriptors of this process; undefined where the system does not say (no `/proc`), or sets no limit. */
export function readDescriptors(): Descriptors | undefined {
  try {
    const limit = parseDescriptorLimit(readFileSync("/proc/self/limits", "utf8"));
    return limit === undefined ? undefined : { limit, open: readdirSync("/proc/self/fd").length };
  } catch {
    return undefined;
  }
}

/** Returns the soft limit of open files in the text of `/proc/self/limits`; undefined: there is none. */
export function parseDescriptorLimit(text: string): number | undefined {
  const soft = /^Max open files\s+(?<soft>\d+)\s/m.exec(text)?.groups?.soft;
  return soft === undefined ? undefined : Number(soft);
}
