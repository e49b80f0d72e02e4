import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach } from "vitest";
import { type Config, ConfigError, loadConfig } from "../../src/config/config.ts";

type Environment = Readonly<Record<string, string>>;

let cwd: string;

/** The working directory of a server whose configuration a test reads. Each test has a new one. */
export const folder = {
  get path(): string {
    return cwd;
  },
  write(name: string, content: unknown): string {
    const path = join(cwd, name);
    writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
    return path;
  },
};

export function useConfigFolder(): void {
  beforeEach(() => {
    cwd = mkdtempSync(join(tmpdir(), "multichat-config-"));
  });
  afterEach(() => rmSync(cwd, { recursive: true }));
}

export function load(env: Environment = {}): Config {
  return loadConfig({ env, cwd });
}

/** Returns what is wrong with the configuration; nothing if it can be loaded. */
export function problemsOf(env: Environment): readonly string[] {
  try {
    load(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}
