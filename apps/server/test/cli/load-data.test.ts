import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openSqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
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
  test("creates users and rooms in order, starting with room 1", async () => {
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

  test("creates no duplicates when loaded again, whatever the case of the names", async () => {
    await load(DATA);
    const before = [await people(), await rooms()];
    const again = await load({
      ...DATA,
      users: DATA.users.map((user) => ({ ...user, username: user.username.toUpperCase() })),
    });
    expect(again.stdout).toBe("users: 0 created, 0 changed, 3 unchanged\nrooms: 0 created, 0 changed, 3 unchanged\n");
    expect([await people(), await rooms()]).toEqual(before);
  });

  test("sets the flags of existing users and rooms, and adds new ones", async () => {
    await load(DATA);
    const second = await load({
      users: [
        { username: "alice", password: "something else", staff: true },
        { username: "carol", password: "the password of carol" },
      ],
      rooms: [{ title: "General", staffOnly: true, topic: "Closed" }, { title: "New" }],
    });
    expect(second.stdout).toBe("users: 1 created, 1 changed, 0 unchanged\nrooms: 1 created, 1 changed, 0 unchanged\n");
    expect(await people()).toMatchObject([{}, { username: "alice", staff: true }, {}, { username: "carol" }]);
    expect(await rooms()).toMatchObject([{ staffOnly: true, topic: "Closed" }, {}, {}, { number: 4, title: "New" }]);
  });

  test("reads stdin, and a file with a byte order mark", async () => {
    expect(await shell.must(["loaddata", "-"], JSON.stringify({ rooms: [{ title: "General" }] }))).toContain(
      "1 created",
    );
    expect(await load(`\uFEFF${JSON.stringify({ users: [DATA.users[1]] })}`)).toMatchObject({ code: 0 });
  });

  test("accepts an empty object", async () => {
    expect(await load({})).toMatchObject({ code: 0 });
  });

  describe("passwords of new users are checked as everywhere else", () => {
    test.each([
      ["pw", "expected at least 8 characters"],
      ["1234567", "expected at least 8 characters"],
      ["password", "lists of stolen passwords"],
      ["P4ssw0rd1!", "lists of stolen passwords"],
      ["qwertyuiop", "lists of stolen passwords"],
      ["aliceali", "username"],
      ["ALICEALICE", "username"],
      ["multichat", "name of this product"],
      ["aaaaaaaaaaaa", "repeats"],
      ["abcdefghijk", "counts"],
      ["98765432", "lists of stolen passwords|counts"],
    ])("%s", async (password, reason) => {
      const username = password === "aliceali" ? "aliceali" : "alice";
      const { code, stdout, stderr } = await load({ ...DATA, users: [DATA.users[0], { username, password }] });
      expect([code, stdout]).toEqual([1, ""]);
      expect(stderr).toMatch(/^multichat: data\.json is invalid, nothing was written:\n {2}users\[1\]\.password: /);
      expect(stderr).toMatch(new RegExp(reason));
      expect(stderr).toContain("--allow-weak-passwords");
      if (password.length > 4) expect(stderr).not.toContain(`"${password}"`);
      expect([await people(), await rooms()]).toEqual([[], []]);
    });

    test("those of existing users do not matter", async () => {
      await load(DATA);
      expect(await load({ users: DATA.users.map((user) => ({ ...user, password: "pw" })) })).toMatchObject({ code: 0 });
    });

    test("weak ones are accepted on request, with a warning, and have to be changed", async () => {
      await writeFile(
        join(shell.cwd, "data.json"),
        JSON.stringify({ users: [{ username: "carol", password: "pw" }, DATA.users[1]] }),
      );
      const { code, stderr } = await shell.run(["loaddata", "data.json", "--allow-weak-passwords"]);
      expect([code, stderr]).toEqual([
        0,
        "warning: weak passwords, to be changed after the first sign-in: 1 (carol)\n",
      ]);
      const store = await openSqliteStore({ file: join(shell.cwd, "data", "multichat.db") });
      try {
        expect(await store.people.find({ idOrUsername: "carol" })).toMatchObject({ passwordChangeRequired: true });
        expect(await store.people.find({ idOrUsername: "alice" })).toMatchObject({ passwordChangeRequired: false });
      } finally {
        await store.close();
      }
    });
  });

  describe("bytes that are not UTF-8 are refused, and nothing is written", () => {
    const file = (text: string) => `{"users":[{"username":"alice","password":"the password of al${text}"}],"rooms":[]}`;
    const bytes: [string, Buffer][] = [
      ["Latin-1", Buffer.from(file("é"), "latin1")],
      ["Windows-1252", Buffer.concat([Buffer.from(file("")), Buffer.from([0x80])])],
      [
        "half of a character",
        Buffer.concat([Buffer.from('{"rooms":[{"title":"'), Buffer.from([0xe2, 0x82]), Buffer.from('"}]}')]),
      ],
      [
        "an overlong form",
        Buffer.concat([Buffer.from('{"rooms":[{"title":"'), Buffer.from([0xc0, 0xaf]), Buffer.from('"}]}')]),
      ],
      [
        "a surrogate",
        Buffer.concat([Buffer.from('{"rooms":[{"title":"'), Buffer.from([0xed, 0xa0, 0x80]), Buffer.from('"}]}')]),
      ],
      ["UTF-16", Buffer.from(`\uFEFF${file("é")}`, "utf16le")],
      ["a replaced character", Buffer.from(file("\uFFFD"))],
      ["a replaced character as an escape", Buffer.from(file("\\ufffd"))],
      ["half of a pair", Buffer.from(file("\\ud800"))],
      ["a replaced character in a title", Buffer.from('{"rooms":[{"title":"Caf\\uFFFD"}]}')],
      ["a replaced character in a topic", Buffer.from('{"rooms":[{"title":"A","topic":"Caf\\uFFFD"}]}')],
      [
        "a replaced character in a name",
        Buffer.from('{"users":[{"username":"al\\uFFFD","password":"a long password"}]}'),
      ],
    ];
    test.each(bytes)("%s, in a file and on stdin", async (_what, content) => {
      await writeFile(join(shell.cwd, "data.json"), content);
      for (const run of [await shell.run(["loaddata", "data.json"]), await shell.run(["loaddata", "-"], content)]) {
        expect([run.code, run.stdout]).toEqual([1, ""]);
        expect(run.stderr).toMatch(/UTF-8|U\+FFFD|expected letters|well-formed/);
      }
      expect(existsSync(join(shell.cwd, "data"))).toBe(false);
    });
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
  ])("rejects %j completely, before anything is written", async (data, message) => {
    const content = typeof data === "object" && !Array.isArray(data) ? { ...DATA, ...data } : data;
    const { code, stderr, stdout } = await load(content);
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/at .*\.ts/);
    // The database was not even opened.
    expect(existsSync(join(shell.cwd, "data"))).toBe(false);
  });

  test("shows the first twenty problems and the number of the others", async () => {
    const { stderr } = await load({ rooms: Array.from({ length: 30 }, () => ({ title: "" })) });
    expect(stderr.split("\n").filter((line) => line.includes("title:"))).toHaveLength(20);
    expect(stderr).toContain("and 10 more");
  });

  test("fails with 1 for a missing file", async () => {
    expect(await shell.run(["loaddata", "none.json"])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("none.json"),
    });
  });

  test("reports the progress of a large file on stderr", async () => {
    const { code, stderr } = await load({ rooms: Array.from({ length: 100 }, (_, n) => ({ title: `Room ${n}` })) });
    expect(code).toBe(0);
    expect(stderr.split("\n").slice(0, -1)).toEqual(Array.from({ length: 10 }, (_, n) => `${(n + 1) * 10} of 100`));
  });
});
