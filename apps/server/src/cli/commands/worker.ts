import type { Command } from "commander";
import { type Terminal, UsageError } from "../terminal.ts";
import { readConfig } from "../with-chat.ts";

const MAX_CONCURRENCY = 100;

export function addWorkerCommand(program: Command, terminal: Terminal): void {
  program
    .command("worker")
    .description("process messages that other programs send over Redis, until SIGTERM or Ctrl+C")
    .option("--channels <names>", "comma-separated channels to process (default: all)")
    .option(
      "--concurrency <number>",
      `messages of one channel processed at the same time, 1 to ${MAX_CONCURRENCY}`,
      "1",
    )
    .addHelpText(
      "after",
      `
Channels:
  multichat.notices   { type: "notice.post", room, kind, text, id } posts a notice; a repeated id posts nothing

Needs REDIS_URL and the database of the servers. A message is acknowledged after it is processed: if its worker dies, another
one processes it; if it fails, it is retried; if it is invalid, it is set aside with the reason. Workers share the messages.

Examples:
  REDIS_URL=redis://127.0.0.1:6379 multichat worker
  multichat worker --channels multichat.notices --concurrency 4`,
    )
    .action(async ({ channels, concurrency }: { channels?: string; concurrency: string }) => {
      const parsed = /^\d{1,3}$/.test(concurrency) ? Number(concurrency) : 0;
      if (parsed < 1 || parsed > MAX_CONCURRENCY) {
        throw new UsageError(
          `--concurrency: expected a whole number from 1 to ${MAX_CONCURRENCY}; got ${JSON.stringify(concurrency)}`,
        );
      }
      const names = channels
        ?.split(",")
        .map((name) => name.trim())
        .filter((name) => name !== "");
      const config = readConfig(terminal);
      // Imported here, so that the other commands start without loading the worker.
      const { runWorkerUntilStopped } = await import("../../main/worker.ts");
      await runWorkerUntilStopped(config, { channels: names, concurrency: parsed });
    });
}
