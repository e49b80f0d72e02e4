import { once } from "node:events";
import { loadConfig } from "../../src/config/config.ts";
import { serveUntilStopped } from "../../src/main.ts";

// The modules are loaded before the parent needs the server, so that a restart takes no longer than the server itself does.
if (process.env.WAIT_FOR_MESSAGE === "yes") await once(process, "message");
// The channel to the parent must not keep the process alive.
process.channel?.unref();

try {
  await serveUntilStopped(loadConfig(), { replace: process.env.REPLACE === "yes" });
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
