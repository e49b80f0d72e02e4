import {
  AUDIT_ACTIONS,
  AUDIT_OUTCOMES,
  type AuditAction,
  type AuditEntry,
  type AuditFilter,
  type AuditOutcome,
} from "@multichat/protocol";
import { type Command, Option } from "commander";
import { OPERATOR } from "../../access/operator.ts";
import { readAuditLog } from "../../audit/index.ts";
import type { Context } from "../../context.ts";
import { CommandFailed, print, printJson, type Terminal, UsageError, writeAndWait } from "../terminal.ts";
import { withChat } from "../with-chat.ts";
import { AUDIT_FORMATS, type AuditFormat, formatAuditEntry, formatAuditHead } from "./audit-formats.ts";

/** Read at a time, so that the memory does not grow with the log. */
const PAGE_ENTRIES = 500;

interface ExportOptions {
  readonly format: AuditFormat;
  readonly since?: string;
  readonly until?: string;
  readonly actor?: string;
  readonly action?: AuditAction;
  readonly outcome?: AuditOutcome;
  readonly target?: string;
}

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
  multichat audit export --since 2026-08-01 --action sign-in > audit.jsonl
  multichat audit export --format csv --target alice > alice.csv`,
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
    .description("print the entries, newest first")
    .addOption(new Option("--format <format>", "JSON lines or CSV").choices(AUDIT_FORMATS).default("jsonl"))
    .option("--since <time>", "only entries at or after this time, such as 2026-08-01 or 2026-08-01T12:00:00Z")
    .option("--until <time>", "only entries before this time")
    .option("--actor <account>", "only entries of this account, by id or username; operator: the command line")
    .addOption(new Option("--action <action>", "only entries of this action").choices(AUDIT_ACTIONS))
    .addOption(new Option("--outcome <outcome>", "only entries with this outcome").choices(AUDIT_OUTCOMES))
    .option("--target <target>", "only entries about this username, id, route or file")
    .action((options: ExportOptions) => {
      const [since, until] = [parseTime("--since", options.since), parseTime("--until", options.until)];
      if (since !== undefined && until !== undefined && since >= until) {
        throw new UsageError(`--until: expected a time after --since, got ${options.until}`);
      }
      const { actor, action, outcome, target } = options;
      return withChat(terminal, ({ context }) =>
        exportEntries(terminal, context, options.format, { actor, action, outcome, target, since, until }),
      );
    });
}

async function exportEntries(
  terminal: Terminal,
  context: Context,
  format: AuditFormat,
  filter: AuditFilter,
): Promise<void> {
  let isReading = await writeAndWait(terminal, formatAuditHead(format));
  let before: number | undefined;
  while (isReading) {
    const entries: readonly AuditEntry[] = await readAuditLog(context, OPERATOR, {
      ...filter,
      before,
      limit: PAGE_ENTRIES,
    });
    isReading = await writeAndWait(terminal, entries.map((entry) => formatAuditEntry(format, entry)).join(""));
    before = entries.at(-1)?.n;
    if (entries.length < PAGE_ENTRIES) return;
  }
}

const TIME = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})?)?$/;

function parseTime(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const time = TIME.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(time)) {
    throw new UsageError(
      `${option}: expected a time such as 2026-08-01 or 2026-08-01T12:00:00Z, got ${JSON.stringify(text)}`,
    );
  }
  return time;
}
