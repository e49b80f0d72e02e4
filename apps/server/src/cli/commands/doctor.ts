import type { Command } from "commander";
import { CommandFailed, print, printJson, type Terminal } from "../terminal.ts";
import { type Finding, runChecks } from "./doctor-checks.ts";

const LABELS = { ok: "ok  ", warn: "warn", fail: "FAIL" } as const;

export function addDoctorCommand(program: Command, terminal: Terminal): void {
  program
    .command("doctor")
    .description(
      "check configuration, descriptors, disk, database, clock, names, layer, port, proxy and web client, and suggest fixes",
    )
    .option("--json", "print JSON")
    .addHelpText(
      "after",
      `
Changes nothing, except that it writes and removes a file in DATA_DIR. Can run while the server is running.
The exit code is 1 if a check fails; warnings do not count.

Examples:
  multichat doctor
  multichat doctor --json`,
    )
    .action(async ({ json }: { json?: boolean }) => {
      const found: Finding[] = [];
      for await (const finding of runChecks(terminal)) {
        found.push(finding);
        if (!json) printFinding(terminal, finding);
      }
      if (json) printJson(terminal, found);
      const failed = found.filter(({ status }) => status === "fail").length;
      if (failed > 0) throw new CommandFailed(`${failed} of ${found.length} checks failed`);
    });
}

function printFinding(terminal: Terminal, { status, check, message, advice }: Finding): void {
  print(terminal, `${LABELS[status]}  ${check.padEnd(14)} ${message}`);
  if (advice !== undefined) print(terminal, `${" ".repeat(21)}-> ${advice}`);
}
