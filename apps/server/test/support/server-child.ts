import { loadConfig } from "../../src/config.ts";
import { serveUntilStopped } from "../../src/main.ts";

try {
  await serveUntilStopped(loadConfig());
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
