import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createProgram } from "../../src/cli/program.ts";
import { openOffline } from "../../src/main/offline.ts";
import { TestShell } from "./test-terminal.ts";

let shell: TestShell;
beforeEach(async () => {
  shell = await TestShell.open();
});
afterEach(() => shell[Symbol.asyncDispose]());

const PASSWORD = "a long password";

describe("help and usage errors", () => {
  test("shows help for every command, with examples for top-level commands", async () => {
    const program = createProgram({ ...silentTerminal(), cwd: shell.cwd });
    const all = program.commands.flatMap((command) => [
      [command.name()],
      ...command.commands.map((sub) => [command.name(), sub.name()]),
    ]);
    expect(all).toContainEqual(["room", "staff-only"]);
    for (const args of all) {
      const { code, stdout, stderr } = await shell.run([...args, "--help"]);
      expect([args, code, stderr]).toEqual([args, 0, ""]);
      expect(stdout).toContain(`Usage: multichat ${args.join(" ")}`);
      if (args.length === 1) expect(stdout).toContain("Examples:");
    }
    expect(await shell.must(["--help"])).toContain("Examples:");
    expect(await shell.must(["--version"])).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  test("lists the configuration variables in serve --help", async () => {
    expect(await shell.must(["serve", "--help"])).toContain("NOTIFY_USERS_ON_ENTER_OR_LEAVE_ROOMS (true)");
  });

  test.each([
    [["nothing"], /unknown command 'nothing'/],
    [["user", "nothing"], /unknown command/],
    [["user", "create"], /missing required argument 'username'/],
    [["user", "list", "--nothing"], /unknown option/],
    [["user", "staff", "alice", "perhaps"], /expected on or off, got "perhaps"/],
    [["user", "create", "two words", "--password-stdin"], /username: expected letters/],
    [["room", "create", " "], /title: expected text/],
    [["user", "create", "alice"], /expected --password-stdin/],
    [["createsuperuser"], /expected --username: there is no terminal/],
    [["createsuperuser", "--username", "alice"], /expected --password-stdin/],
    [["createsuperuser", "--username", "alice", "--email", "nowhere", "--password-stdin"], /--email: /],
  ])("%j is a usage error with exit code 2 and empty stdout", async (args, message) => {
    const { code, stdout, stderr } = await shell.run(args, PASSWORD);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(message);
    expect(stderr).toContain("--help");
  });

  test("exits with 1 on an invalid configuration, with the variable and without a stack", async () => {
    const broken = await TestShell.open({ PORT: "nowhere" });
    for (const args of [["user", "list"], ["migrate"], ["serve"]]) {
      const { code, stderr } = await broken.run(args);
      expect(code).toBe(1);
      expect(stderr).toMatch(/PORT: expected a whole number/);
      expect(stderr).not.toMatch(/at .*\.ts/);
    }
    await broken[Symbol.asyncDispose]();
  });

  test("exits with 1 on a file that is not a database, with a hint", async () => {
    const file = join(shell.cwd, "broken.db");
    await writeFile(file, "this is not a database, however long it is ".repeat(100));
    shell.env.DATABASE_URL = `file:${file}`;
    const { code, stderr } = await shell.run(["user", "list"]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/not a database/);
    expect(stderr).not.toMatch(/unexpected error/);
  });
});

describe("migrate", () => {
  test("creates the database, and changes nothing when run again", async () => {
    const first = await shell.json(["migrate"]);
    expect(first).toMatchObject({ database: join(shell.cwd, "data", "multichat.db"), from: 0 });
    expect(first.to).toBeGreaterThan(0);
    expect(await shell.json(["migrate"])).toMatchObject({ from: first.to, to: first.to });
    expect(await shell.must(["migrate"])).toMatch(/already/);
  });
});

describe("createsuperuser", () => {
  test("creates a superuser from options and a password on stdin", async () => {
    const args = ["createsuperuser", "--username", "root", "--email", "root@example.org", "--password-stdin"];
    expect(await shell.must(args, `${PASSWORD}\n`)).toBe("created the superuser root\n");
    expect(await shell.json(["user", "list"])).toMatchObject([
      { username: "root", email: "root@example.org", staff: true, superuser: true, active: true },
    ]);
  });

  test("rejects a taken username and a short password, and creates nothing", async () => {
    const args = ["createsuperuser", "--username", "root", "--password-stdin"];
    expect(await shell.run(args, "short")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("at least 8 characters; got 5"),
    });
    expect(await shell.json(["user", "list"])).toEqual([]);
    await shell.must(args, PASSWORD);
    expect(await shell.run(["createsuperuser", "--username", "ROOT", "--password-stdin"], PASSWORD)).toMatchObject({
      code: 1,
      stderr: "multichat: This username is already taken.\n",
    });
    expect(await shell.json(["user", "list"])).toHaveLength(1);
  });

  test("accepts no password argument, which every user of the machine could read", async () => {
    const { code, stderr } = await shell.run(["createsuperuser", "--username", "root", "--password", PASSWORD]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/unknown option/);
  });
});

describe("user", () => {
  const flags = async (username: string) =>
    (await shell.json(["user", "list"])).find((person: { username: string }) => person.username === username);

  test("is created, gets and loses flags, is deactivated and reactivated", async () => {
    await shell.must(["user", "create", "root", "--superuser", "--password-stdin"], PASSWORD);
    expect(await flags("root")).toMatchObject({ staff: true, superuser: true });
    await shell.must(["user", "create", "alice", "--password-stdin", "--email", "alice@example.org"], PASSWORD);
    expect(await flags("alice")).toMatchObject({
      staff: false,
      superuser: false,
      active: true,
      email: "alice@example.org",
    });
    const steps: [string[], string][] = [
      [["staff", "alice"], "alice is staff"],
      [["staff", "alice", "off"], "alice is not staff"],
      [["superuser", "ALICE", "on"], "alice is a superuser"],
      [["deactivate", "alice"], "alice is deactivated"],
    ];
    for (const [args, output] of steps) expect(await shell.must(["user", ...args])).toBe(`${output}\n`);
    expect(await flags("alice")).toMatchObject({ staff: true, superuser: true, active: false });
    const undoSteps: [string[], string][] = [
      [["superuser", "alice", "off"], "alice is not a superuser"],
      [["activate", "alice"], "alice is active"],
      [["sign-out", "alice"], "alice is signed out everywhere"],
    ];
    for (const [args, output] of undoSteps) expect(await shell.must(["user", ...args])).toBe(`${output}\n`);
    expect(await flags("alice")).toMatchObject({ superuser: false, active: true });
    expect(await shell.must(["user", "password", "alice", "--password-stdin"], "another long one")).toBe(
      "changed the password of alice\n",
    );
  });

  test("is listed in a table", async () => {
    await shell.must(["user", "create", "root", "--superuser", "--password-stdin"], PASSWORD);
    const [head, row] = (await shell.must(["user", "list"])).split("\n");
    expect(head).toMatch(/^USERNAME +EMAIL +STAFF +SUPERUSER +ACTIVE +SINCE$/);
    expect(row).toMatch(/^root +yes +yes +yes +\d{4}-\d{2}-\d{2}$/);
  });

  test("fails with 1 for an unknown user and for the last superuser", async () => {
    await shell.must(["user", "create", "root", "--superuser", "--password-stdin"], PASSWORD);
    for (const verb of ["staff", "deactivate", "sign-out"]) {
      expect(await shell.run(["user", verb, "nobody"])).toMatchObject({
        code: 1,
        stderr: "multichat: There is no such person.\n",
      });
    }
    for (const args of [
      ["deactivate", "root"],
      ["superuser", "root", "off"],
    ]) {
      expect(await shell.run(["user", ...args])).toMatchObject({
        code: 1,
        stderr: expect.stringContaining("last active superuser"),
      });
    }
  });
});

describe("room", () => {
  const rooms = () => shell.json(["room", "list"]);

  test("is created, renamed, restricted, archived and deleted, by number and by id", async () => {
    expect(await shell.must(["room", "create", "General", "--topic", "Everything"])).toBe("created room 1: General\n");
    await shell.must(["room", "create", "Office", "--staff-only"]);
    expect(await rooms()).toMatchObject([
      { number: 1, title: "General", topic: "Everything", staffOnly: false, archived: false },
      { number: 2, title: "Office", staffOnly: true },
    ]);
    const [{ id }] = await rooms();
    const steps: [string[], string][] = [
      [["rename", id, "Lobby"], "room 1 is now called Lobby"],
      [["topic", "1", "Something"], "room 1 has a new topic"],
      [["staff-only", "1"], "room 1 (Lobby) is for staff only"],
      [["archive", "1"], "room 1 (Lobby) is archived"],
    ];
    for (const [args, output] of steps) expect(await shell.must(["room", ...args])).toBe(`${output}\n`);
    expect((await rooms())[0]).toMatchObject({ title: "Lobby", topic: "Something", staffOnly: true, archived: true });
    const undoSteps: [string[], string][] = [
      [["topic", "1", ""], "room 1 has no topic"],
      [["staff-only", "1", "off"], "room 1 (Lobby) is open to everyone"],
      [["unarchive", "1"], "room 1 (Lobby) is no longer archived"],
    ];
    for (const [args, output] of undoSteps) expect(await shell.must(["room", ...args])).toBe(`${output}\n`);
    expect((await rooms())[0]).toMatchObject({ topic: "", staffOnly: false, archived: false });
    expect(await shell.must(["room", "delete", "1", "--yes"])).toBe("deleted room 1 (Lobby)\n");
    expect((await rooms()).map(({ number }: { number: number }) => number)).toEqual([2]);
    await shell.must(["room", "create", "Next"]);
    expect((await rooms()).map(({ number }: { number: number }) => number)).toEqual([2, 3]);
  });

  test("is not deleted without --yes when there is no terminal to ask on", async () => {
    await shell.must(["room", "create", "General"]);
    expect(await shell.run(["room", "delete", "1"])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("--yes"),
    });
    expect(await rooms()).toHaveLength(1);
  });

  test("fails with 1 for an unknown room", async () => {
    for (const args of [
      ["rename", "9", "x"],
      ["archive", "9"],
      ["delete", "9", "--yes"],
    ]) {
      expect(await shell.run(["room", ...args])).toMatchObject({
        code: 1,
        stderr: "multichat: There is no such room.\n",
      });
    }
  });
});

function silentTerminal() {
  return { stdin: process.stdin, stdout: process.stdout, stderr: process.stderr, env: {}, openChat: openOffline };
}

describe("links by which people get into accounts", () => {
  test("an invitation is created, printed once with its link, listed and revoked", async () => {
    await shell.must(["room", "create", "General"]);
    const link = await shell.must(["invitation", "create", "--uses", "20", "--expires", "4w", "--room", "1"]);
    expect(link).toMatch(/^http:\/\/localhost:8000\/invite#token=[\w-]{32}\n$/);
    const [listed] = JSON.parse(await shell.must(["invitation", "list", "--json"]));
    expect(listed).toMatchObject({ state: "open", maxUses: 20, uses: 0, by: null, rooms: [{ number: 1 }] });
    expect(Math.round((listed.expiresAt - listed.createdAt) / 3_600_000)).toBe(28 * 24);
    expect(await shell.must(["invitation", "list"])).toMatch(/open +0\/20/);
    await shell.must(["invitation", "revoke", listed.id]);
    expect(await shell.must(["invitation", "list"])).toMatch(/revoked/);
    const forever = ["invitation", "create", "--uses", "any", "--expires", "never", "--staff", "--json"];
    const created = JSON.parse(await shell.must(forever));
    expect(created).toMatchObject({ maxUses: null, expiresAt: null, staff: true, link: expect.any(String) });
  });

  test.each([
    [["--uses", "0"], /--uses: expected a number from 1 to 10000, or any, got 0/],
    [["--expires", "7"], /--expires: expected hours, days or weeks such as 12h, 7d or 4w, or never, got 7/],
    [["--expires", "100w"], /expected/],
  ])("%j is a usage error", async (options, message) => {
    const { code, stderr } = await shell.run(["invitation", "create", ...options]);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
  });

  test("a room or an invitation that does not exist is refused", async () => {
    expect((await shell.run(["invitation", "create", "--room", "9"])).stderr).toMatch(/no such room/);
    expect((await shell.run(["invitation", "revoke", "nothing"])).stderr).toMatch(/no such invitation/);
  });

  test("a link to reset a password is printed, below the path of PUBLIC_URL", async () => {
    await shell.must(["user", "create", "bob", "--password-stdin"], PASSWORD);
    shell.env.PUBLIC_URL = "https://example.org/chat/";
    expect(await shell.must(["user", "reset-link", "bob"])).toMatch(
      /^https:\/\/example\.org\/chat\/reset#token=[\w-]{32}\n$/,
    );
    expect((await shell.run(["user", "reset-link", "carol"])).stderr).toMatch(/no such person/);
  });
});
