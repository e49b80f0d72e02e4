import type { Command } from "commander";
import { loadConfig } from "../../config/config.ts";
import { variablesForTerminal } from "../../config/reference-page.ts";
import type { Terminal } from "../terminal.ts";

export function addServeCommand(program: Command, terminal: Terminal): void {
  program
    .command("serve")
    .description("run the server until SIGTERM or Ctrl+C")
    .option("--port <number>", "overrides PORT")
    .option("--host <address>", "overrides HOST")
    .option("--replace", "take over from the server that runs on the same port, without an interruption")
    .addHelpText(
      "after",
      `
Examples:
  multichat serve
  multichat serve --replace
  multichat serve --host 127.0.0.1 --port 8001
  PUBLIC_URL=https://chat.example.org TRUST_PROXY=true multichat serve

Variables, from the environment or multichat.config.json (docs/reference/configuration.md):
${variablesForTerminal(terminal.stdout.columns ?? 100)}`,
    )
    .action(async ({ port, host, replace = false }: { port?: string; host?: string; replace?: boolean }) => {
      const env = { ...terminal.env, ...(port && { PORT: port }), ...(host && { HOST: host }) };
      const config = loadConfig({ env, cwd: terminal.cwd });
      // Imported here, so that the other commands start without loading the server.
      const { serveUntilStopped } = await import("../../main.ts");
      await serveUntilStopped(config, { replace });
    });
}
