import { readdir, readFile } from "node:fs/promises";

/** Returns the processor time of a process's threads so far, in microseconds by name; threads of one name are summed. */
export async function threadMicrosOf(pid: number): Promise<ReadonlyMap<string, number>> {
  const folder = `/proc/${pid}/task`;
  const micros = new Map<string, number>();
  for (const thread of await readdir(folder)) {
    // A thread may end between the reads.
    const [name, times] = await Promise.all(
      ["comm", "schedstat"].map((file) => readFile(`${folder}/${thread}/${file}`, "utf8").catch(() => "")),
    );
    const key = nameOf(name?.trim() ?? "");
    micros.set(key, (micros.get(key) ?? 0) + Number(times?.split(" ")[0] ?? 0) / 1_000);
  }
  return micros;
}

/** The kernel cuts names off after 15 characters. */
function nameOf(comm: string): string {
  if (comm === "MainThread" || comm === "node" || comm === "node-MainThread") return "main";
  return comm.startsWith("database ") ? comm.slice("database ".length) : "other";
}

/** Describes what a number of calls took of each thread, the most first. */
export function describeThreads(
  before: ReadonlyMap<string, number>,
  after: ReadonlyMap<string, number>,
  calls: number,
): string {
  const spent = [...after].map(([name, micros]) => [name, (micros - (before.get(name) ?? 0)) / 1_000 / calls] as const);
  const shown = spent.filter(([, ms]) => ms >= 0.01).toSorted(([, a], [, b]) => b - a);
  return shown
    .slice(0, 3)
    .map(([name, ms]) => `${name} ${ms.toFixed(2)} ms`)
    .join(", ");
}
