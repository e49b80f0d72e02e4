import { readFile } from "node:fs/promises";

/**
 * Each process may have so many files and sockets open; what it starts inherits that.
 * @throws when they are fewer than that, saying how to have more
 */
export async function needOpenFiles(count: number): Promise<void> {
  const limits = await readFile("/proc/self/limits", "utf8").catch(() => {
    throw new Error("Expected Linux, which tells a process's limits in /proc/self/limits.");
  });
  const [, soft, hard] = /^Max open files\s+(\S+)\s+(\S+)/m.exec(limits) ?? [];
  const most = soft === "unlimited" ? Number.POSITIVE_INFINITY : Number(soft);
  if (most >= count) return;
  throw new Error(
    `Expected to be able to open ${count} files and sockets, the limit is ${soft} (up to ${hard} without being root). Run \`ulimit -n ${count}\` in this shell first, or ask for fewer connections by an option.`,
  );
}
