import { readFile } from "node:fs/promises";
import type { ServerMemory } from "./plan.ts";

/** Reads the memory of a server that listens at `url`, from the kernel and from its own metrics. */
export async function readMemory(pid: number, url: string): Promise<ServerMemory> {
  // The kernel first: answering the metrics takes memory.
  const rollup = await readFile(`/proc/${pid}/smaps_rollup`, "utf8");
  const kilobytes = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(rollup)?.[1]) * 1_024;
  const response = await fetch(`${url}/metrics`, { headers: { connection: "close" } });
  if (!response.ok) throw new Error(`Expected the metrics of the server, got status ${response.status}.`);
  const metrics = await response.text();
  const metric = (name: string): number =>
    Number(new RegExp(`^multichat_nodejs_${name} (\\d+)`, "m").exec(metrics)?.[1]);
  return {
    rssBytes: kilobytes("Rss"),
    anonymousBytes: kilobytes("Anonymous"),
    heapUsedBytes: metric("heap_size_used_bytes"),
    heapTotalBytes: metric("heap_size_total_bytes"),
    externalBytes: metric("external_memory_bytes"),
  };
}
