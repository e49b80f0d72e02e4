import { load } from "./load.ts";
import type { Dialect, Step } from "./plan.ts";

// The load client's process: gets one job, asks its parent to look at the server's CPU around the measured time.
process.once("message", async ({ port, dialect, step }: { port: number; dialect: Dialect; step: Step }) => {
  const told = (word: "begin" | "end"): Promise<void> => {
    const { promise, resolve } = Promise.withResolvers<void>();
    process.once("message", () => resolve());
    process.send?.({ word });
    return promise;
  };
  const result = await load(port, dialect, step, { begin: () => told("begin"), end: () => told("end") });
  process.send?.({ result });
  process.disconnect();
});
