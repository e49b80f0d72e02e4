import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

it("a closed server lets its process exit (L12)", async () => {
  const file = fileURLToPath(new URL("./serve-once.ts", import.meta.url));
  const output = await new Promise<string>((resolve, reject) => {
    const args = ["--conditions=@multichat/source", file];
    execFile(process.execPath, args, (error, stdout) => (error ? reject(error) : resolve(stdout)));
  });
  expect(output).toBe("hello");
});
