import { once } from "node:events";
import { loadConfig } from "../../src/config/config.ts";
import { serveUntilStopped } from "../../src/main.ts";

// Loaded, and waiting for the word: what the parent kills and starts again is the server, not the loading of its modules.
if (process.env.WAIT_FOR_WORD === "yes") await once(process, "message");
// The parent is there to be listened to, not to be waited for.
process.channel?.unref();

try {
  await serveUntilStopped(loadConfig());
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
