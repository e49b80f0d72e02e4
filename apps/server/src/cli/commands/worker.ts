import type { Command } from "commander";
import { type Terminal, UsageError } from "../terminal.ts";
import { readConfig } from "../with-chat.ts";

const MAX_CONCURRENCY = 100;

export function addWorkerCommand(program: Command, terminal: Terminal): void {
  program
    .command("worker")
    .description("do what other programs ask for over Redis, until it is told to stop (SIGTERM, Ctrl+C)")
    .option("--channels <names>", "only these, separated by commas (default: all that there are)")
    .option("--concurrency <number>", `messages of one channel at work at once, 1 to ${MAX_CONCURRENCY}`, "1")
    .addHelpText(
      "after",
      `
Channels:
  multichat.notices   { type: "notice.post", room, kind, text, id } places a notice; the same id again places nothing

Needs REDIS_URL, and the database of the servers. A message is acknowledged when it is done: one whose worker dies is done by
another, one that fails is tried again, one that cannot be used is put aside with the reason. Several workers share the work.

Examples:
  REDIS_URL=redis://127.0.0.1:6379 multichat worker
  multichat worker --channels multichat.notices --concurrency 4`,
    )
    .action(async ({ channels, concurrency }: { channels?: string; concurrency: string }) => {
      const atOnce = /^\d{1,3}$/.test(concurrency) ? Number(concurrency) : 0;
      if (atOnce < 1 || atOnce > MAX_CONCURRENCY) {
        throw new UsageError(
          `--concurrency: expected a whole number from 1 to ${MAX_CONCURRENCY}; got ${JSON.stringify(concurrency)}`,
        );
      }
      const names = channels
        ?.split(",")
        .map((name) => name.trim())
        .filter((name) => name !== "");
      const config = readConfig(terminal);
      // Loaded here alone, as the doors are.
      const { runWorkerUntilStopped } = await import("../../main-worker.ts");
      await runWorkerUntilStopped(config, { channels: names, concurrency: atOnce });
    });
}
