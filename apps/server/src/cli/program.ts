import { Command, CommanderError } from "commander";
import { Refusal } from "../access/refusal.ts";
import { ConfigError } from "../config/config.ts";
import { isUserFacing } from "../main-offline.ts";
import { version } from "../process/version.ts";
import { backupCommands } from "./commands/backup.ts";
import { createSuperuserCommand } from "./commands/create-superuser.ts";
import { doctorCommand } from "./commands/doctor.ts";
import { loadDataCommand } from "./commands/load-data.ts";
import { migrateCommand } from "./commands/migrate.ts";
import { noticeCommand } from "./commands/notice.ts";
import { roomCommands } from "./commands/room-commands.ts";
import { serveCommand } from "./commands/serve.ts";
import { userCommands } from "./commands/user-commands.ts";
import { workerCommand } from "./commands/worker.ts";
import { CalledWrongly, CommandFailed, type ExitCode, type Terminal, warn } from "./terminal.ts";

/** The whole command line, on a terminal. */
export function makeProgram(terminal: Terminal): Command {
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

Exit codes: 0 done, 1 failed, 2 called wrongly. Commands, but restore, may be run while a server is running on the same DATA_DIR:
it hears of every change at once. Variables: multichat serve --help`,
    );
  serveCommand(program, terminal);
  workerCommand(program, terminal);
  migrateCommand(program, terminal);
  createSuperuserCommand(program, terminal);
  loadDataCommand(program, terminal);
  userCommands(program, terminal);
  roomCommands(program, terminal);
  noticeCommand(program, terminal);
  backupCommands(program, terminal);
  doctorCommand(program, terminal);
  return program;
}

/** Runs one command line. Never throws: what went wrong stands on stderr. @param args Without node and the script. */
export async function runCommandLine(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  try {
    await makeProgram(terminal).parseAsync([...args], { from: "user" });
    return 0;
  } catch (error) {
    return explain(error, terminal);
  }
}

function explain(error: unknown, terminal: Terminal): ExitCode {
  // Commander has said it already, and help that was asked for is no error.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof CalledWrongly) {
    warn(terminal, `multichat: ${error.message} (see --help)`);
    return 2;
  }
  if (
    error instanceof CommandFailed ||
    error instanceof Refusal ||
    error instanceof ConfigError ||
    isUserFacing(error)
  ) {
    warn(terminal, `multichat: ${error.message}`);
    return 1;
  }
  warn(terminal, `multichat: this should not happen: ${error instanceof Error ? error.stack : String(error)}`);
  return 1;
}
