import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { loadConfig } from "../../src/config/config.ts";
import { isPlainAndPublic } from "../../src/config/plain-http.ts";
import { serve } from "../../src/main.ts";

let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), "multichat-plain-"));
});
afterEach(() => rmSync(dataDir, { recursive: true }));

const configOf = (env: Record<string, string>) =>
  loadConfig({ env: { DATA_DIR: dataDir, PORT: "0", ...env }, cwd: dataDir });

describe("serving plain HTTP on a public address without PUBLIC_URL and TRUST_PROXY", () => {
  test.each([
    {},
    { HOST: "0.0.0.0" },
    { HOST: "::" },
    { HOST: "192.0.2.7" },
    { HOST: "10.1.2.3" },
    { HOST: "2001:db8::1" },
    { HOST: "chat.example.org" },
    { HOST: "localhost.example.org" },
    { HOST: "::ffff:192.0.2.7" },
    { TRUST_PROXY: "off" },
    { ALLOWED_ORIGINS: "https://chat.example.org" },
    { PUBLIC_URL: "", TRUST_PROXY: "0" },
  ])("is noticed with %j", (env: Record<string, string>) => expect(isPlainAndPublic(configOf(env))).toBe(true));

  test.each([
    { HOST: "127.0.0.1" },
    { HOST: "127.1.2.3" },
    { HOST: "localhost" },
    { HOST: "LOCALHOST" },
    { HOST: "chat.localhost" },
    { HOST: "::1" },
    { HOST: "0:0:0:0:0:0:0:1" },
    { HOST: "::ffff:127.0.0.1" },
    { PUBLIC_URL: "https://chat.example.org" },
    // The operator has said so.
    { PUBLIC_URL: "http://chat.example.org" },
    { TRUST_PROXY: "1" },
    { TRUST_PROXY: "10.0.0.0/8" },
  ])("is not the case with %j", (env: Record<string, string>) => expect(isPlainAndPublic(configOf(env))).toBe(false));

  test.each([
    [{ HOST: "0.0.0.0" }, 1],
    [{ HOST: "127.0.0.1" }, 0],
    [{ HOST: "0.0.0.0", PUBLIC_URL: "https://chat.example.org" }, 0],
    [{ HOST: "0.0.0.0", TRUST_PROXY: "1" }, 0],
  ])("is said at start: %j, %d times", async (env, times) => {
    const lines: string[] = [];
    const logger = pino({ level: "warn" }, { write: (line: string) => lines.push(line) });
    const server = await serve(configOf(env), { logger });
    await server.close();
    const warnings = lines.filter((line) => line.includes("serving plain HTTP on a public address"));
    expect(warnings).toHaveLength(times);
    for (const line of warnings) expect(line).toMatch(/TLS.*PUBLIC_URL.*HOST to 127\.0\.0\.1/);
  });
});
