import { makeSchemas, type Schemas } from "@multichat/protocol/schemas";
import { type Config, loadConfig } from "../config/config.ts";
import type { Context } from "../context.ts";
import type { Terminal } from "./terminal.ts";

export interface Chat {
  readonly config: Config;
  readonly context: Context;
  readonly schemas: Schemas;
}

/** Reads the configuration from the terminal's environment and working directory. @throws ConfigError. */
export function readConfig({ env, cwd }: Terminal): Config {
  return loadConfig({ env, cwd });
}

/** Opens the chat's database for a command and closes it afterwards. A server can be running on it. */
export async function withChat<T>(terminal: Terminal, work: (chat: Chat) => Promise<T>): Promise<T> {
  const config = readConfig(terminal);
  const { context, close } = await terminal.openChat(config);
  try {
    return await work({ config, context, schemas: makeSchemas(config.limits) });
  } finally {
    await close();
  }
}
