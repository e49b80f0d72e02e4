import { setTimeout } from "node:timers/promises";
import { LoadClient } from "../posts/load-client.ts";

const OUTSTANDING = 16;
const BODY_CHARS = 100;
const WARM_UP_MS = 1_500;

/** Has every user post to a room, as fast as messages are acknowledged. @returns messages a second */
export async function measureAppendRate(
  tokens: readonly string[],
  { port, rooms, seconds }: { readonly port: number; readonly rooms: number; readonly seconds: number },
): Promise<number> {
  const load = new LoadClient();
  try {
    const job = { port, tokens, rooms, outstanding: OUTSTANDING, bodyChars: BODY_CHARS };
    await load.ask({ kind: "start", job }, "posting");
    await setTimeout(WARM_UP_MS);
    await load.ask({ kind: "measure" }, "measuring");
    await setTimeout(seconds * 1_000);
    const { load: measured } = await load.ask({ kind: "stop-measuring" }, "measured");
    return measured.acknowledged / (measured.elapsedMs / 1_000);
  } finally {
    load.stop();
    // The server has to finish what was sent last before its next measurement.
    await setTimeout(WARM_UP_MS / 3);
  }
}
