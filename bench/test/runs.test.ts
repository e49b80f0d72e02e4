import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";

const run = promisify(execFile);
const file = (name: string) => fileURLToPath(new URL(`../src/${name}`, import.meta.url));

/** The server of the sources loads the bundles that the test runner made of them. */
const NODE_OPTIONS = process.execArgv.filter((argument) => argument.startsWith("--import=")).join(" ");

/** Runs a benchmark command as npm does, and returns its output. Its server runs the sources, which need no build. */
async function outputOf(name: string, ...args: readonly string[]): Promise<string> {
  const env = { ...process.env, MULTICHAT_SOURCE: "1", NODE_OPTIONS };
  const { stdout } = await run(process.execPath, ["--conditions=@multichat/source", file(name), ...args], { env });
  return stdout;
}

/** Returns the cell beside a title in a table of two columns. */
function cell(output: string, title: string): string | undefined {
  return new RegExp(`\\| +${title} \\| +(.*?) \\|`).exec(output)?.[1];
}

describe("small runs of the benchmarks", () => {
  it("chaos loses nothing, with cuts and a kill", async () => {
    const size = ["--clients", "12", "--rooms", "3", "--minutes", "0.12", "--kills", "1"];
    const output = await outputOf("chaos.ts", ...size, "--act-every", "1", "--fault-every", "4", "--seed", "4");
    for (const title of ["lost", "duplicated", "out of order", "different from the database"]) {
      expect(cell(output, title), title).toBe("0");
    }
    const sent = Number(cell(output, "messages sent"));
    expect(sent).toBeGreaterThan(10);
    expect(cell(output, "acknowledged")).toBe(String(sent));
    expect(Number(cell(output, "connections cut"))).toBeGreaterThan(0);
    expect(cell(output, "kill -9 of the server")).toBe("1");
  });

  it("chaos loses nothing on several servers, whose services are killed and cut off", async () => {
    const size = ["--servers", "2", "--clients", "12", "--rooms", "3", "--minutes", "0.2", "--kills", "6"];
    const output = await outputOf("chaos.ts", ...size, "--act-every", "1", "--fault-every", "60", "--seed", "5");
    for (const title of ["lost", "duplicated", "out of order", "different from the database"]) {
      expect(cell(output, title), title).toBe("0");
    }
    const sent = Number(cell(output, "messages sent"));
    expect(sent).toBeGreaterThan(10);
    expect(cell(output, "acknowledged")).toBe(String(sent));
    expect(output).toMatch(/kill -9|crashes|partitions|frozen/);
  });

  it("jitter finds no loss with the chat or Socket.IO's recovery, and losses without it", async () => {
    const output = await outputOf("jitter.ts", "--connections", "20", "--phases", "wave", "--offline", "0.5");
    const rows = output.split("\n").filter((line) => line.startsWith("| ") && line.includes("%"));
    expect(rows).toHaveLength(3);
    for (const row of rows) {
      const [, , subject, , delivered] = row.split("|").map((text) => text.trim());
      if (subject === "socket.io") expect(delivered).not.toBe("100.000 %");
      else expect(delivered, subject).toBe("100.000 %");
    }
  });

  it("deploy recovers every client completely after a replacement, SIGTERM and kill -9", async () => {
    const size = ["--connections", "30", "--rooms", "3", "--steady", "1", "--timeout", "900"];
    const output = await outputOf("deploy.ts", ...size);
    expect(output).toMatch(/\| +replace \| +30 \| +0 \|/);
    expect(output).toMatch(/\| +SIGTERM \| +30 \| +0 \|/);
    expect(output).toMatch(/\| +kill -9 \| +30 \| +0 \|/);
    expect(output).toContain("lost 0, duplicated 0, out of order 0, different from the database 0.");
  });

  it.each(["c", "node"])("product counts what each member receives, with the client in %s", async (client) => {
    const size = ["--members", "6", "--rates", "50", "--rounds", "1", "--warm-up", "0.3", "--seconds", "0.7"];
    const output = await outputOf("product.ts", ...size, "--only", "ws,channels,socket.io", "--client", client);
    for (const subject of ["ws", "channels", "socket.io"]) {
      const [, deliveries, , , , , p50] =
        new RegExp(`\\| +${subject} \\| +([\\d,]+) \\| +(\\d+) %(.*?)\\|(.*?)\\|(.*?)\\| +([\\d.]+) \\|`).exec(
          output,
        ) ?? [];
      expect(Number(deliveries), subject).toBeGreaterThan(50);
      expect(Number(p50), subject).toBeGreaterThan(0);
    }
  });

  it("check finds nothing slower in the results that it compares with", async () => {
    const committed = fileURLToPath(new URL("../../docs/benchmarks/product.json", import.meta.url));
    expect(await outputOf("check.ts", "--measured", committed)).not.toContain("slower");
  });

  it.each([
    ["chaos", "--kills", "many", "Expected --kills to be a whole number from 0 to 1000"],
    ["jitter", "--phases", "tide", "Expected --phases to name some of jitter, wave"],
    ["deploy", "--only", "SIGHUP", "Expected --only to name some of replace, SIGTERM, kill -9"],
    ["page", "--slowdown", "0", "Expected --slowdown to be a number above 0"],
    ["fanout", "--rates", "20,,100", "Expected --rates to be a whole number from 1 to 100000"],
    ["layers", "--nothing", "1", "Unknown option '--nothing'"],
    ["crash-test", "--runs", "0", "Expected --runs to be a whole number from 1 to 1000000"],
    ["data", "--rooms", "1", "Expected --rooms to be a whole number from 5 to 10000"],
    ["reading", "--only", "writing", "Expected --only to name some of start, history"],
    ["commands", "--repeats", "0", "Expected --repeats to be a whole number from 1 to 100000"],
    ["product", "--only", "multichat,http", "Expected --only to name some of multichat, channels"],
    ["product", "--client", "rust", "Expected --client to name some of c, node"],
    ["scaling", "--only", "days", "Expected --only to name some of members, rooms, messages, connections"],
    ["bench", "--only", "speed", "Expected --only to name some of product, scaling"],
    ["check", "--rounds", "none", "Expected --rounds to be a whole number from 1 to 100"],
  ])("%s rejects %s %s with what was expected", async (name, option, value, expected) => {
    await expect(outputOf(`${name}.ts`, option, value)).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringContaining(expected),
    });
  });
});
