import { readFile } from "node:fs/promises";

const ticksPerSecond = 100;
const pageBytes = 4_096;

/** What a process has used up to now. */
export interface Usage {
  readonly cpuMicros: number;
  readonly rssBytes: number;
}

/** What the kernel has counted for a process; one that is busy for seconds could not be asked. Linux alone has these files. */
export async function usageOf(pid: number): Promise<Usage> {
  const [stat, statm] = await Promise.all([
    readFile(`/proc/${pid}/stat`, "utf8"),
    readFile(`/proc/${pid}/statm`, "utf8"),
  ]);
  // The second field is the name, in parentheses, and may hold spaces: count from behind it. utime and stime are 14 and 15.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const ticks = Number(fields[11]) + Number(fields[12]);
  return { cpuMicros: (ticks / ticksPerSecond) * 1e6, rssBytes: Number(statm.split(" ")[1]) * pageBytes };
}
