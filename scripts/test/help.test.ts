import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "../..");

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function run(args: readonly string[]): Promise<Outcome> {
  return new Promise((resolve) => {
    execFile(process.execPath, args, { cwd: ROOT }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}

interface Program {
  readonly name: string;
  /** The arguments of Node. */
  readonly args: readonly string[];
  /** The script of package.json that starts it; undefined: none. */
  readonly script: string | undefined;
}

/** Returns the programs of the root's scripts that are ours. */
function listPrograms(): readonly Program[] {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
    scripts: Record<string, string>;
  };
  /** By program, the first script that starts it. */
  const programs = new Map<string, string | undefined>();
  for (const [script, command] of Object.entries(scripts)) {
    const program = /^(?:exec )?node (.+)$/.exec(command)?.[1];
    // The options of `check` and `e2e` are those of `test`, and those of `chaos:cluster` those of `chaos`.
    const own = program?.replace(/ --(?:only|servers) .*/, "").replace("scripts/services.mjs node ", "");
    if (own !== undefined && !programs.has(own)) programs.set(own, script);
  }
  const others = readdirSync(join(ROOT, "scripts")).filter((file) => file.endsWith(".mjs"));
  for (const program of [
    ...others.map((file) => `scripts/${file}`),
    "apps/web/scripts/size.mjs",
    "--conditions=@multichat/source packages/client/test/model/main.ts",
  ]) {
    if (!programs.has(program)) programs.set(program, undefined);
  }
  // It needs its condition.
  programs.delete("scripts/tutorial.mjs");
  return [...programs].map(([program, script]) => {
    const args = program.split(" ");
    return { name: args.at(-1) ?? "", args, script };
  });
}

/** Passes its options on to `multichat serve`, which refuses unknown ones. */
const PASSES_OPTIONS_ON = "scripts/start.mjs";

test.each(listPrograms())(
  "$name answers --help, and refuses an option that it does not have",
  async ({ name, args, script }) => {
    const help = await run([...args, "--help"]);
    expect(help).toMatchObject({ code: 0, stderr: "" });
    // What to type, and what it does.
    const typed = script === undefined ? "(npm run \\S+|node scripts/)" : `(npm run build && )?npm (run )?${script}\\b`;
    expect(help.stdout).toMatch(new RegExp(`^${typed}`));
    expect(help.stdout.split("\n\n").length).toBeGreaterThan(1);
    if (name === PASSES_OPTIONS_ON) return;
    const refused = await run([...args, "--no-such-option"]);
    expect([1, 2]).toContain(refused.code);
    expect(refused.stdout + refused.stderr).toContain("no-such-option");
  },
);

test("services.mjs expects a command", async () => {
  expect(await run(["scripts/services.mjs"])).toMatchObject({ code: 2, stdout: "" });
});
