import { afterEach, beforeEach, expect, test } from "vitest";
import { TestShell } from "./test-terminal.ts";

let shell: TestShell;
beforeEach(async () => {
  shell = await TestShell.open();
  await shell.must(["room", "create", "General"]);
});
afterEach(() => shell[Symbol.asyncDispose]());

const lastSeq = async () => (await shell.json(["room", "list"]))[0].lastSeq;

test("posts a notice to the room's log, once for each id", async () => {
  expect(await shell.must(["notice", "--room", "1", "Tea is ready"])).toBe("posted in room 1 (General) with seq 2\n");
  const withId = ["notice", "--room", "1", "--kind", "muted", "--id", "backup-7", "Backup done"];
  expect(await shell.must(withId)).toContain("with seq 3");
  expect(await shell.must(withId)).toContain("with seq 3");
  expect(await lastSeq()).toBe(3);
});

test.each([
  [["--room", "9", "x"], 1, "There is no such room."],
  [["--room", "1", "--kind", "loud", "x"], 2, "warning, alert, muted"],
  [["--room", "1", ""], 2, "text: expected text"],
  [["--room", "1", "--id", "a b", "x"], 2, "--id: expected"],
  [["x"], 2, "--room"],
])("rejects %j, and posts nothing", async (args, code, message) => {
  expect(await shell.run(["notice", ...args])).toMatchObject({ code, stderr: expect.stringContaining(message) });
  expect(await lastSeq()).toBe(1);
});

test("rejects a notice for an archived room", async () => {
  await shell.must(["room", "archive", "1"]);
  const { code, stderr } = await shell.run(["notice", "--room", "1", "x"]);
  expect([code, stderr]).toEqual([1, expect.stringContaining("archived")]);
});
