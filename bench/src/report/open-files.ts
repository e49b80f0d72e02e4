import { readFile } from "node:fs/promises";

/**
 * Checks the limit of open files and sockets, which child processes inherit.
 * @throws when it is lower than `count`, with how to raise it
 */
export async function requireOpenFiles(count: number): Promise<void> {
  const limits = await readFile("/proc/self/limits", "utf8").catch(() => {
    throw new Error("Expected Linux: the limit of open files is read from /proc/self/limits.");
  });
  const [, soft, hard] = /^Max open files\s+(\S+)\s+(\S+)/m.exec(limits) ?? [];
  const limit = soft === "unlimited" ? Number.POSITIVE_INFINITY : Number(soft);
  if (limit >= count) return;
  throw new Error(
    `Expected a limit of at least ${count} open files and sockets, got ${soft} (up to ${hard} without root). Run \`ulimit -n ${count}\` in this shell first, or choose fewer connections.`,
  );
}
