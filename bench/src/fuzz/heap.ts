import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** Returns the megabytes that are still in use after a full garbage collection. */
export async function usedHeapMb(): Promise<number> {
  for (let round = 0; round < 3; round += 1) {
    collectGarbage();
    // Finalizers and closed handles release what they hold in a later turn.
    await new Promise((resolve) => setImmediate(resolve));
  }
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 1024 / 1024;
}
