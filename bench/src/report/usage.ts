import { readdir, readFile } from "node:fs/promises";

const TICKS_PER_SECOND = 100;
const PAGE_BYTES = 4_096;

/** What a process has used so far. */
export interface Usage {
  readonly cpuMicros: number;
  readonly rssBytes: number;
}

/** Reads the kernel's counters of a process, which work while it is busy. Only Linux has these files. */
export async function usageOf(pid: number): Promise<Usage> {
  const [stat, statm] = await Promise.all([
    readFile(`/proc/${pid}/stat`, "utf8"),
    readFile(`/proc/${pid}/statm`, "utf8"),
  ]);
  // The second field is the name, in parentheses, and may contain spaces: count from after it. utime and stime are 14 and 15.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const ticks = Number(fields[11]) + Number(fields[12]);
  return { cpuMicros: (ticks / TICKS_PER_SECOND) * 1e6, rssBytes: Number(statm.split(" ")[1]) * PAGE_BYTES };
}

/** Reads the processor time of a process's threads, to the nanosecond: `stat` counts in hundredths of a second. */
export async function cpuMicrosOf(pid: number): Promise<number> {
  const threads = await readdir(`/proc/${pid}/task`);
  const nanos = await Promise.all(
    threads.map(async (thread) =>
      Number((await readFile(`/proc/${pid}/task/${thread}/schedstat`, "utf8")).split(" ")[0]),
    ),
  );
  return nanos.reduce((sum, value) => sum + value, 0) / 1_000;
}
