import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import type { ClassGrowth } from "./plan.ts";

const TIMEOUT_MS = 120_000;
const POLL_MS = 250;

/** The part of V8's format that is read: all nodes are in one array, `fields.length` numbers each. */
interface Snapshot {
  readonly snapshot: {
    readonly meta: { readonly node_fields: readonly string[]; readonly node_types: readonly [readonly string[]] };
  };
  readonly nodes: readonly number[];
  readonly strings: readonly string[];
}

type Classes = ReadonlyMap<string, { count: number; bytes: number }>;

/** The options with which a server writes a heap snapshot of its main thread at SIGUSR2. */
export function snapshotOptions(folder: string): string {
  return `--heapsnapshot-signal=SIGUSR2 --diagnostic-dir=${folder}`;
}

/** Makes a server write a heap snapshot, and returns the objects in it by class. */
export async function takeSnapshot(pid: number, folder: string): Promise<Classes> {
  const before = new Set(await readdir(folder));
  process.kill(pid, "SIGUSR2");
  const deadline = performance.now() + TIMEOUT_MS;
  while (performance.now() < deadline) {
    await setTimeout(POLL_MS);
    const file = (await readdir(folder)).find((name) => name.endsWith(".heapsnapshot") && !before.has(name));
    const snapshot = file === undefined ? undefined : parse(await readFile(join(folder, file), "utf8"));
    if (snapshot !== undefined) return countClasses(snapshot);
  }
  throw new Error(`Expected a heap snapshot in ${folder} within ${TIMEOUT_MS / 1_000} s.`);
}

/** Returns what was added between two snapshots, the largest first. */
export function growthBetween(before: Classes, after: Classes): readonly ClassGrowth[] {
  const growth = [...after].map(([name, { count, bytes }]) => {
    const previous = before.get(name) ?? { count: 0, bytes: 0 };
    return { name, count: count - previous.count, bytes: bytes - previous.bytes };
  });
  return growth.filter(({ bytes }) => bytes > 0).sort((a, b) => b.bytes - a.bytes);
}

/** Returns undefined while the file is being written. */
function parse(text: string): Snapshot | undefined {
  try {
    // The cast holds: V8 writes the file.
    return JSON.parse(text) as Snapshot;
  } catch {
    return undefined;
  }
}

function countClasses({ snapshot: { meta }, nodes, strings }: Snapshot): Classes {
  const fields = meta.node_fields;
  const [typeAt, nameAt, sizeAt] = ["type", "name", "self_size"].map((field) => fields.indexOf(field)) as [
    number,
    number,
    number,
  ];
  const [types] = meta.node_types;
  const classes = new Map<string, { count: number; bytes: number }>();
  for (let at = 0; at < nodes.length; at += fields.length) {
    const type = types[nodes[at + typeAt] ?? 0] ?? "unknown";
    const name = nameOf(type, strings[nodes[at + nameAt] ?? 0] ?? "");
    const entry = classes.get(name) ?? { count: 0, bytes: 0 };
    entry.count += 1;
    entry.bytes += nodes[at + sizeAt] ?? 0;
    classes.set(name, entry);
  }
  return classes;
}

/** Strings, numbers and code are counted by their kind: their names are their contents. */
function nameOf(type: string, name: string): string {
  if (type === "object" || type === "native") return name;
  if (type === "hidden" || type === "array" || type === "closure" || type === "object shape")
    return `(${type}) ${name}`;
  return `(${type})`;
}
