import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";

const run = promisify(execFile);
const file = (name: string) => fileURLToPath(new URL(`../src/${name}`, import.meta.url));

/** Runs a command of the benchmarks as npm does, and gives what it printed. */
async function printed(name: string, ...args: readonly string[]): Promise<string> {
  const { stdout } = await run(process.execPath, ["--conditions=@multichat/source", file(name), ...args]);
  return stdout;
}

/** The cell beside a title in a table of two columns. */
function cell(output: string, title: string): string | undefined {
  return new RegExp(`\\| +${title} \\| +(.*?) \\|`).exec(output)?.[1];
}

describe("small runs of the big ones", () => {
  it("chaos loses nothing, with cuts and a kill", async () => {
    const size = ["--clients", "12", "--rooms", "3", "--minutes", "0.12", "--kills", "1"];
    const output = await printed("chaos.ts", ...size, "--act-every", "1", "--fault-every", "4", "--seed", "4");
    for (const title of ["lost", "doubled", "out of order", "other than in the database"]) {
      expect(cell(output, title), title).toBe("0");
    }
    const sent = Number(cell(output, "messages sent"));
    expect(sent).toBeGreaterThan(10);
    expect(cell(output, "acknowledged")).toBe(String(sent));
    expect(Number(cell(output, "connections cut"))).toBeGreaterThan(0);
    expect(cell(output, "kill -9 of the server")).toBe("1");
  });

  it("jitter finds everything delivered by the chat and by Socket.IO's recovery, and losses without it", async () => {
    const output = await printed("jitter.ts", "--connections", "20", "--phases", "wave", "--away", "0.5");
    const rows = output.split("\n").filter((line) => line.startsWith("| ") && line.includes("%"));
    expect(rows).toHaveLength(3);
    for (const row of rows) {
      const [, , contestant, , delivered] = row.split("|").map((text) => text.trim());
      if (contestant === "socket.io") expect(delivered).not.toBe("100.000 %");
      else expect(delivered, contestant).toBe("100.000 %");
    }
  });

  it("deploy brings everybody back, with everything, after SIGTERM and after kill -9", async () => {
    const output = await printed("deploy.ts", "--connections", "30", "--rooms", "3", "--steady", "1");
    expect(output).toMatch(/\| +SIGTERM \| +30 \| +0 \|/);
    expect(output).toMatch(/\| +kill -9 \| +30 \| +0 \|/);
    expect(output).toContain("lost 0, doubled 0, out of order 0, other than in the database 0.");
  });

  it.each(["chaos", "jitter", "deploy", "page", "fanout", "layers"])("%s says how it is used", async (name) => {
    expect(await printed(`${name}.ts`, "--help")).toMatch(new RegExp(`^npm run (bench:)?${name} -- \\[--`));
  });

  it.each([
    ["chaos", "--kills", "many", "Expected --kills to be a whole number from 0 to 1000"],
    ["jitter", "--phases", "tide", "Expected --phases to name some of jitter, wave"],
    ["deploy", "--only", "SIGHUP", "Expected --only to name some of SIGTERM, kill -9"],
    ["page", "--slowdown", "0", "Expected --slowdown to be a number above 0"],
    ["fanout", "--rates", "20,,100", "Expected --rates to be a whole number from 1 to 100000"],
    ["layers", "--nothing", "1", "Unknown option '--nothing'"],
  ])("%s %s %s is refused with what was expected", async (name, option, value, expected) => {
    await expect(printed(`${name}.ts`, option, value)).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringContaining(expected),
    });
  });
});
