import { Load } from "./load.ts";
import type { FromLoad, ToLoad } from "./plan.ts";

// The process of the load. Its parent says when the measured time begins and ends.
const send = (message: FromLoad): void => {
  process.send?.(message);
};
let load: Load | undefined;

process.on("message", (message: ToLoad) => {
  handle(message).catch((error: unknown) => send({ kind: "failed", message: String(error) }));
});

// Its parent has ended.
process.once("disconnect", () => process.exit());

async function handle(message: ToLoad): Promise<void> {
  switch (message.kind) {
    case "start":
      load = new Load(message.job, (reason) => send({ kind: "failed", message: reason }));
      await load.start();
      return send({ kind: "posting" });
    case "measure":
      load?.measure();
      return send({ kind: "measuring" });
    case "stop-measuring":
      if (load !== undefined) send({ kind: "measured", load: load.stopMeasuring() });
      return;
    case "record":
      send({ kind: "recorded", records: load?.records() ?? [] });
  }
}
