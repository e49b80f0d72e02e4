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

/** Returns the programs of the root's scripts that are ours, as the arguments of Node. */
function listPrograms(): { readonly name: string; readonly args: string[] }[] {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
    scripts: Record<string, string>;
  };
  const commands = Object.values(scripts).flatMap((script) => /^(?:exec )?node (.+)$/.exec(script)?.[1] ?? []);
  const others = readdirSync(join(ROOT, "scripts")).filter((file) => file.endsWith(".mjs"));
  const programs = new Set([
    // The options of `check` and `e2e` are those of `test`.
    ...commands.map((command) => command.replace(/ --only .*/, "").replace("scripts/services.mjs node ", "")),
    ...others.map((file) => `scripts/${file}`),
    "apps/web/scripts/size.mjs",
    "--conditions=@multichat/source packages/client/test/model/main.ts",
  ]);
  // It needs its condition.
  programs.delete("scripts/tutorial.mjs");
  return [...programs].map((program) => {
    const args = program.split(" ");
    return { name: args.at(-1) ?? "", args };
  });
}

/** Passes its options on to `multichat serve`, which refuses unknown ones. */
const PASSES_OPTIONS_ON = "scripts/start.mjs";

test.each(listPrograms())(
  "$name answers --help, and refuses an option that it does not have",
  async ({ name, args }) => {
    const help = await run([...args, "--help"]);
    expect(help).toMatchObject({ code: 0, stderr: "" });
    // What to type, and what it does.
    expect(help.stdout).toMatch(/^(npm (run|start|test)|node scripts\/)/);
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
