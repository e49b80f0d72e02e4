import { Command, CommanderError } from "commander";
import { Refusal } from "../access/refusal.ts";
import { ConfigError } from "../config/config.ts";
import { isUserFacing } from "../main/offline.ts";
import { redactText } from "../observability/redact-text.ts";
import { isDamaged } from "../process/utf8.ts";
import { version } from "../process/version.ts";
import { addAuditCommands } from "./commands/audit-commands.ts";
import { addBackupCommands, addRestoreDrillCommand } from "./commands/backup.ts";
import { addCreateSuperuserCommand } from "./commands/create-superuser.ts";
import { addDoctorCommand } from "./commands/doctor.ts";
import { addInvitationCommands } from "./commands/invitation-commands.ts";
import { addLoadDataCommand } from "./commands/load-data.ts";
import { addMigrateCommand } from "./commands/migrate.ts";
import { addMigrateDatabaseCommand } from "./commands/migrate-database.ts";
import { addNoticeCommand } from "./commands/notice.ts";
import { addRoomCommands } from "./commands/room-commands.ts";
import { addServeCommand } from "./commands/serve.ts";
import { addUserCommands } from "./commands/user-commands.ts";
import { addWorkerCommand } from "./commands/worker.ts";
import { CommandFailed, type ExitCode, printError, type Terminal, UsageError } from "./terminal.ts";

/** Creates the command line program for a terminal. */
export function createProgram(terminal: Terminal): Command {
  const program = new Command("multichat")
    .description("A self-hosted multi-room chat.")
    .version(version)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.stdout.write(text),
      writeErr: (text) => terminal.stderr.write(text),
      getOutHelpWidth: () => terminal.stdout.columns ?? 100,
      getErrHelpWidth: () => 100,
    })
    .showHelpAfterError("(see --help)")
    .addHelpText(
      "after",
      `
Examples:
  multichat serve
  multichat createsuperuser
  multichat room create General
  multichat doctor

Exit codes: 0 success, 1 failure, 2 wrong usage. All commands except restore and migrate-database can run while a server is
running on the same DATA_DIR; it applies every change within a second. Variables: multichat serve --help`,
    );
  addServeCommand(program, terminal);
  addWorkerCommand(program, terminal);
  addMigrateCommand(program, terminal);
  addMigrateDatabaseCommand(program, terminal);
  addCreateSuperuserCommand(program, terminal);
  addLoadDataCommand(program, terminal);
  addUserCommands(program, terminal);
  addInvitationCommands(program, terminal);
  addRoomCommands(program, terminal);
  addNoticeCommand(program, terminal);
  addBackupCommands(program, terminal);
  addRestoreDrillCommand(program, terminal);
  addAuditCommands(program, terminal);
  addDoctorCommand(program, terminal);
  return program;
}

/** Runs a command line. Never throws; errors are printed on stderr. @param args Without node and the script. */
export async function runCommandLine(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  try {
    assertUtf8(args);
    await createProgram(terminal).parseAsync([...args], { from: "user" });
    return 0;
  } catch (error) {
    return reportError(error, terminal);
  }
}

/** Node replaces what is no UTF-8 in an argument; the command would store the replacement. @throws UsageError */
function assertUtf8(args: readonly string[]): void {
  const damaged = args.find(isDamaged);
  if (damaged === undefined) return;
  throw new UsageError(
    `expected arguments in UTF-8, got other bytes in ${JSON.stringify(damaged)}: use a UTF-8 locale, or convert them, for example with iconv`,
  );
}

function reportError(error: unknown, terminal: Terminal): ExitCode {
  // Commander has printed the error already; requested help has exit code 0.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof UsageError) {
    printError(terminal, `multichat: ${error.message} (see --help)`);
    return 2;
  }
  if (
    error instanceof CommandFailed ||
    error instanceof Refusal ||
    error instanceof ConfigError ||
    isUserFacing(error)
  ) {
    printError(terminal, `multichat: ${error.message}`);
    return 1;
  }
  const description = error instanceof Error ? (error.stack ?? error.message) : String(error);
  printError(terminal, `multichat: unexpected error: ${redactText(description)}`);
  return 1;
}
