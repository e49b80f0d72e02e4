import { spawnSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { availableParallelism } from "node:os";

/** The core of a server, and that of its load. */
export const SERVER_CORE = 0;
export const CLIENT_CORE = 1;

/** Whether a server and its load can each have a core. */
export const hasTwoCores: boolean = availableParallelism() > 1 && spawnSync("taskset", ["-V"]).status === 0;

/** Returns a command that runs on one core, where the machine has two. */
export function onCore(core: number, command: readonly string[]): readonly string[] {
  return hasTwoCores ? ["taskset", "-c", String(core), ...command] : command;
}

/** Binds all threads of a process to one core. @throws where that fails. */
export function bindToCore(pid: number, core: number): void {
  const { status, stderr } = spawnSync("taskset", ["-a", "-c", "-p", String(core), String(pid)], { encoding: "utf8" });
  if (status !== 0) throw new Error(`Expected taskset to bind process ${pid} to core ${core}: ${stderr}`);
}

/** What the cores have done since the machine started, in its ticks. */
export type CoreTimes = readonly { readonly busy: number; readonly total: number }[];

export async function readCoreTimes(): Promise<CoreTimes> {
  const stat = await readFile("/proc/stat", "utf8");
  return [...stat.matchAll(/^cpu\d+ (.*)$/gm)].map(([, fields = ""]) => {
    const [user = 0, nice = 0, system = 0, idle = 0, ioWait = 0, irq = 0, softIrq = 0, steal = 0] = fields
      .split(" ")
      .map(Number);
    const busy = user + nice + system + irq + softIrq + steal;
    return { busy, total: busy + idle + ioWait };
  });
}

/** Returns the share of the time between two readings in which a core was busy, whatever ran on it. */
export function busyShare(core: number, before: CoreTimes, after: CoreTimes): number {
  const [from, to] = [before[core], after[core]];
  if (from === undefined || to === undefined || to.total === from.total) return 0;
  return (to.busy - from.busy) / (to.total - from.total);
}
