import type { Command } from "commander";
import { CommandFailed, print, printJson, type Terminal, UsageError } from "../terminal.ts";
import { withChat } from "../with-chat.ts";

const PAGE_ENTRIES = 500;

export function addAuditCommands(program: Command, terminal: Terminal): void {
  const audit = program
    .command("audit")
    .description("verify and export the audit log")
    .addHelpText(
      "after",
      `
Examples:
  multichat audit verify
  multichat audit verify --expect 120:5f3c…
  multichat audit export --since 2026-08-01 --action sign-in > audit.jsonl`,
    );

  audit
    .command("verify")
    .description("check that no entry was changed, removed or moved")
    .option("--expect <head>", "the head that an earlier verification or the server's log gave, such as 120:5f3c…")
    .option("--json", "print JSON")
    .action(({ expect, json }: { expect?: string; json?: boolean }) =>
      withChat(terminal, async ({ context }) => {
        if (expect !== undefined && !/^[1-9]\d*:[0-9a-f]{64}$/.test(expect)) {
          throw new UsageError("--expect: expected a number, a colon and 64 hexadecimal digits");
        }
        const result = await context.store.audit.verify({ expectedHead: expect });
        if (json) printJson(terminal, result);
        if (result.damage !== undefined) {
          throw new CommandFailed(
            `the audit log is damaged at entry ${result.damage.n}: ${result.damage.reason}. Compare it with a backup and the server's log.`,
          );
        }
        if (!json) print(terminal, `${result.entries} entries, head ${result.head ?? "none"}`);
      }),
    );

  audit
    .command("export")
    .description("print the entries as JSON lines, newest first")
    .option("--since <time>", "only entries at or after this time, such as 2026-08-01 or 2026-08-01T12:00:00Z")
    .option("--until <time>", "only entries before this time")
    .option("--actor <account>", "only entries of this account, by id or username")
    .option("--action <action>", "only entries of this action, such as sign-in")
    .action((options: { since?: string; until?: string; actor?: string; action?: string }) =>
      withChat(terminal, async ({ context }) => {
        const { actor, action } = options;
        const [since, until] = [parseTime("--since", options.since), parseTime("--until", options.until)];
        let before: number | undefined;
        for (;;) {
          const entries = await context.store.audit.read({ before, actor, action, since, until, limit: PAGE_ENTRIES });
          for (const entry of entries) print(terminal, JSON.stringify(entry));
          before = entries.at(-1)?.n;
          if (entries.length < PAGE_ENTRIES) return;
        }
      }),
    );
}

function parseTime(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const time = Date.parse(text);
  if (Number.isNaN(time))
    throw new UsageError(`${option}: expected a time such as 2026-08-01, got ${JSON.stringify(text)}`);
  return time;
}
