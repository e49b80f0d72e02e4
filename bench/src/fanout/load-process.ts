import { runLoad } from "./load.ts";
import type { Step, WireFormat } from "./plan.ts";

// The process of the load clients. It runs one job, and has its parent read the server's CPU before and after measuring.
process.once("message", async ({ port, wireFormat, step }: { port: number; wireFormat: WireFormat; step: Step }) => {
  const notifyParent = (phase: "begin" | "end"): Promise<void> => {
    const { promise, resolve } = Promise.withResolvers<void>();
    process.once("message", () => resolve());
    process.send?.({ phase });
    return promise;
  };
  const phases = { begin: () => notifyParent("begin"), end: () => notifyParent("end") };
  const result = await runLoad(port, wireFormat, step, phases);
  process.send?.({ result });
  process.disconnect();
});
