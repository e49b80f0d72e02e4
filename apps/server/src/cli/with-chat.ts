import { makeSchemas, type Schemas } from "@multichat/protocol/schemas";
import { type Config, loadConfig } from "../config/config.ts";
import type { Context } from "../context.ts";
import type { Terminal } from "./terminal.ts";

export interface Chat {
  readonly config: Config;
  readonly context: Context;
  readonly schemas: Schemas;
}

/** The configuration of this terminal. @throws ConfigError. */
export function readConfig({ env, cwd }: Terminal): Config {
  return loadConfig({ env, cwd });
}

/** Opens the chat's database for one command and closes it again, also while a server is running on it. */
export async function withChat<T>(terminal: Terminal, work: (chat: Chat) => Promise<T>): Promise<T> {
  const config = readConfig(terminal);
  const { context, close } = await terminal.openChat(config);
  try {
    return await work({ config, context, schemas: makeSchemas(config.limits) });
  } finally {
    await close();
  }
}
