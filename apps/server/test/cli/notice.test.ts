import { afterEach, beforeEach, expect, test } from "vitest";
import { TestShell } from "./test-terminal.ts";

let shell: TestShell;
beforeEach(async () => {
  shell = await TestShell.open();
  await shell.must(["room", "create", "General"]);
});
afterEach(() => shell[Symbol.asyncDispose]());

const lastSeq = async () => (await shell.json(["room", "list"]))[0].lastSeq;

test("a notice has its place in the room's log, once for each of its names", async () => {
  expect(await shell.must(["notice", "--room", "1", "Tea is ready"])).toBe(
    "placed in room 1 (General) as number 2 of its log\n",
  );
  const named = ["notice", "--room", "1", "--kind", "muted", "--id", "backup-7", "Backup done"];
  expect(await shell.must(named)).toContain("as number 3");
  expect(await shell.must(named)).toContain("as number 3");
  expect(await lastSeq()).toBe(3);
});

test.each([
  [["--room", "9", "x"], 1, "There is no such room."],
  [["--room", "1", "--kind", "loud", "x"], 2, "warning, alert, muted"],
  [["--room", "1", ""], 2, "text: expected text"],
  [["--room", "1", "--id", "a b", "x"], 2, "--id: expected"],
  [["x"], 2, "--room"],
])("%j is refused, and places nothing", async (args, code, said) => {
  expect(await shell.run(["notice", ...args])).toMatchObject({ code, stderr: expect.stringContaining(said) });
  expect(await lastSeq()).toBe(1);
});

test("an archived room takes none", async () => {
  await shell.must(["room", "archive", "1"]);
  const { code, stderr } = await shell.run(["notice", "--room", "1", "x"]);
  expect([code, stderr]).toEqual([1, expect.stringContaining("archived")]);
});
