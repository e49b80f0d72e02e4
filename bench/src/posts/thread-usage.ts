import { readdir, readFile } from "node:fs/promises";

const TICKS_PER_SECOND = 100;

/** Returns the CPU that the threads of a process have used so far, in microseconds by name; threads of one name are summed. */
export async function threadUsageOf(pid: number): Promise<ReadonlyMap<string, number>> {
  const folder = `/proc/${pid}/task`;
  const usage = new Map<string, number>();
  for (const thread of await readdir(folder)) {
    // A thread may end between the two reads.
    const stat = await readFile(`${folder}/${thread}/stat`, "utf8").catch(() => undefined);
    if (stat === undefined) continue;
    const name = stat.slice(stat.indexOf("(") + 1, stat.lastIndexOf(")"));
    // The fields after the name, which may contain spaces: utime and stime are the 14th and 15th of all.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const micros = ((Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND) * 1e6;
    usage.set(name, (usage.get(name) ?? 0) + micros);
  }
  return usage;
}
