import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { TestShell } from "./test-terminal.ts";

let shell: TestShell;
beforeEach(async () => {
  shell = await TestShell.open();
});
afterEach(() => shell[Symbol.asyncDispose]());

const load = async (data: unknown, name = "data.json") => {
  await writeFile(join(shell.cwd, name), typeof data === "string" ? data : JSON.stringify(data));
  return shell.run(["loaddata", name]);
};
const people = () => shell.json(["user", "list"]);
const rooms = () => shell.json(["room", "list"]);

const DATA = {
  users: [
    { username: "admin", password: "the admin's password", staff: true, superuser: true },
    { username: "alice", password: "the password of alice", staff: false },
    { username: "bob", password: "the password of bob" },
  ],
  rooms: [{ title: "General" }, { title: "Random", staffOnly: false }, { title: "Staff", staffOnly: true }],
};

describe("loaddata", () => {
  test("makes users and rooms, in order: the first room is number 1", async () => {
    expect(await load(DATA)).toMatchObject({ code: 0, stderr: "" });
    expect(await people()).toMatchObject([
      { username: "admin", staff: true, superuser: true },
      { username: "alice", staff: false, superuser: false },
      { username: "bob", staff: false, superuser: false },
    ]);
    expect(await rooms()).toMatchObject([
      { number: 1, title: "General", staffOnly: false },
      { number: 2, title: "Random", staffOnly: false },
      { number: 3, title: "Staff", staffOnly: true },
    ]);
  });

  test("again makes nothing twice, whatever the case of the names", async () => {
    await load(DATA);
    const before = [await people(), await rooms()];
    const again = await load({
      ...DATA,
      users: DATA.users.map((user) => ({ ...user, username: user.username.toUpperCase() })),
    });
    expect(again.stdout).toBe("users: 0 made, 0 changed, 3 as they were\nrooms: 0 made, 0 changed, 3 as they were\n");
    expect([await people(), await rooms()]).toEqual(before);
  });

  test("what is there gets the flags that the file mentions, and more is added", async () => {
    await load(DATA);
    const second = await load({
      users: [
        { username: "alice", password: "something else", staff: true },
        { username: "carol", password: "the password of carol" },
      ],
      rooms: [{ title: "General", staffOnly: true, topic: "Closed" }, { title: "New" }],
    });
    expect(second.stdout).toBe("users: 1 made, 1 changed, 0 as they were\nrooms: 1 made, 1 changed, 0 as they were\n");
    expect(await people()).toMatchObject([{}, { username: "alice", staff: true }, {}, { username: "carol" }]);
    expect(await rooms()).toMatchObject([{ staffOnly: true, topic: "Closed" }, {}, {}, { number: 4, title: "New" }]);
  });

  test("reads stdin, and a file with a byte order mark", async () => {
    expect(await shell.must(["loaddata", "-"], JSON.stringify({ rooms: [{ title: "General" }] }))).toContain("1 made");
    expect(await load(`\uFEFF${JSON.stringify({ users: [DATA.users[1]] })}`)).toMatchObject({ code: 0 });
  });

  test("an empty file of the right form is no mistake", async () => {
    expect(await load({})).toMatchObject({ code: 0 });
  });

  test("a short password is taken from whoever runs the server, with a warning", async () => {
    const { code, stderr } = await load({ users: [{ username: "alice", password: "pw" }] });
    expect([code, stderr]).toEqual([0, "warning: 1 of the passwords is shorter than 8 characters (alice)\n"]);
  });

  test.each([
    ["{", /expected JSON/],
    ["[]", /the file: /],
    [{ people: [] }, /the file: .*people/],
    [{ users: {} }, /users: /],
    [
      { users: [DATA.users[0], { username: "a b", password: "a long password" }] },
      /users\[1\]\.username: expected letters/,
    ],
    [{ users: [{ username: "alice" }] }, /users\[0\]\.password: /],
    [{ users: [{ username: "alice", password: "" }] }, /users\[0\]\.password: expected a password, got none/],
    [{ users: [{ ...DATA.users[0], staff: "yes" }] }, /users\[0\]\.staff: /],
    [{ users: [{ ...DATA.users[0], is_staff: true }] }, /users\[0\]: .*is_staff/],
    [
      { users: [DATA.users[1], { ...DATA.users[1], username: "ALICE" }] },
      /users\[1\]\.username: the same as users\[0\]/,
    ],
    [{ rooms: [{ title: "" }] }, /rooms\[0\]\.title: expected text/],
    [{ rooms: [{ title: "x".repeat(81) }] }, /rooms\[0\]\.title: expected at most 80/],
    [{ rooms: [{ title: "General" }, { title: " General " }] }, /rooms\[1\]\.title: the same as rooms\[0\]/],
  ])("%j is refused whole, before anything is written", async (data, told) => {
    const whole = typeof data === "object" && !Array.isArray(data) ? { ...DATA, ...data } : data;
    const { code, stderr, stdout } = await load(whole);
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(told);
    expect(stderr).not.toMatch(/at .*\.ts/);
    // Not even opened.
    expect(existsSync(join(shell.cwd, "data"))).toBe(false);
  });

  test("of many problems the first twenty are told, and how many more there are", async () => {
    const { stderr } = await load({ rooms: Array.from({ length: 30 }, () => ({ title: "" })) });
    expect(stderr.split("\n").filter((line) => line.includes("title:"))).toHaveLength(20);
    expect(stderr).toContain("and 10 more");
  });

  test("a file that is not there is exit code 1", async () => {
    expect(await shell.run(["loaddata", "none.json"])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("none.json"),
    });
  });

  test("a large file tells how far it is, on stderr", async () => {
    const { code, stderr } = await load({ rooms: Array.from({ length: 100 }, (_, n) => ({ title: `Room ${n}` })) });
    expect(code).toBe(0);
    expect(stderr.split("\n").slice(0, -1)).toEqual(Array.from({ length: 10 }, (_, n) => `${(n + 1) * 10} of 100`));
  });
});
