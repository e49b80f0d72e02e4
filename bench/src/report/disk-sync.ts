import { open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { quantile } from "./quantile.ts";

const SYNCS = 100;
const BYTES = 4_096;

/** Returns the 99th percentile of the milliseconds that a sync of a small write takes, where the databases are. */
export async function measureDiskSync(): Promise<number> {
  const path = join(tmpdir(), `multichat-sync-${process.pid}`);
  const file = await open(path, "w");
  try {
    const durationsMs: number[] = [];
    for (let index = 0; index < SYNCS; index += 1) {
      await file.write(Buffer.alloc(BYTES, index), 0, BYTES, index * BYTES);
      const startedAt = performance.now();
      await file.datasync();
      durationsMs.push(performance.now() - startedAt);
    }
    return quantile(
      durationsMs.sort((a, b) => a - b),
      0.99,
    );
  } finally {
    await file.close();
    await rm(path, { force: true });
  }
}
