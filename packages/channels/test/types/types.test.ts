import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const compiler = fileURLToPath(new URL("bin/tsc", import.meta.resolve("typescript-7/package.json")));
const project = fileURLToPath(new URL("../../tsconfig.test.json", import.meta.url));

describe("types", () => {
  it("accept and reject the programs in this folder as their comments state", async () => {
    const output = await new Promise<string>((resolve) => {
      execFile(process.execPath, [compiler, "--noEmit", "-p", project], (_error, stdout, stderr) =>
        resolve(stdout + stderr),
      );
    });
    expect(output).toBe("");
  });
});
