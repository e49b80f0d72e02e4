import { type ChildProcess, spawn } from "node:child_process";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { SOURCE_VARIABLES } from "../support/source-arguments.ts";

const LAUNCHER = fileURLToPath(new URL("../../bin/multichat.mjs", import.meta.url));
const ROOT = fileURLToPath(new URL("../../../..", import.meta.url));

let folder: string;
const started: ChildProcess[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "multichat-launch-"));
});
afterEach(async () => {
  for (const child of started.splice(0)) if (child.exitCode === null) child.kill("SIGKILL");
  await rm(folder, { recursive: true, force: true });
});

class Process {
  output = "";
  readonly child: ChildProcess;
  readonly ended: Promise<number | null>;
  #watch: (() => void) | undefined;

  constructor(command: string, args: readonly string[], env: Record<string, string> = {}) {
    this.child = spawn(command, args, {
      cwd: folder,
      // Always runs the sources, whether there is a build or not.
      env: {
        PATH: process.env.PATH,
        ...SOURCE_VARIABLES,
        HOME: folder,
        TERM: "xterm",
        HOST: "127.0.0.1",
        PORT: "0",
        ...env,
      },
    });
    started.push(this.child);
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.on("data", (chunk: Buffer) => {
        this.output += chunk.toString();
        this.#watch?.();
      });
    }
    this.ended = new Promise((resolve) => this.child.on("close", resolve));
  }

  /** Resolves with the output since the last call once it matches. @throws if the process ends before. */
  async until(pattern: RegExp): Promise<string> {
    const found = new Promise<string>((resolve) => {
      this.#watch = () => {
        if (!pattern.test(this.output)) return;
        const { output } = this;
        this.output = "";
        resolve(output);
      };
      this.#watch();
    });
    const ended = this.ended.then((code) => {
      throw new Error(`expected ${pattern}, but it ended with ${code}: ${this.output}`);
    });
    // Where the pattern is found first, nothing waits for the end.
    ended.catch(() => {});
    return Promise.race([found, ended]);
  }
}

const launch = (args: readonly string[], env?: Record<string, string>) =>
  new Process(process.execPath, [LAUNCHER, ...args], env);

describe("the command multichat", () => {
  test("forwards arguments, output and exit codes", async () => {
    const version = launch(["--version"]);
    expect([await version.ended, version.output]).toEqual([0, expect.stringMatching(/^\d+\.\d+\.\d+\n$/)]);
    expect(await launch(["nothing"]).ended).toBe(2);
    const failed = launch(["user", "list"], { PORT: "x" });
    expect([await failed.ended, failed.output]).toEqual([1, expect.stringContaining("PORT: expected")]);
  });

  test("is linked in the clone's node_modules, where npx finds it", async () => {
    const linked = new Process(join(ROOT, "node_modules", ".bin", "multichat"), ["--version"]);
    expect(await linked.ended).toBe(0);
  });

  test("uses the clone's Node if the system's is too old, or explains what to install", async () => {
    // A copy of the launcher in a separate clone, run by a Node that reports an old version.
    const bin = join(folder, "apps", "server", "bin");
    await mkdir(bin, { recursive: true });
    await symlink(join(ROOT, "apps", "server", "src"), join(folder, "apps", "server", "src"));
    const copy = join(bin, "multichat.mjs");
    await writeFile(copy, await (await import("node:fs/promises")).readFile(LAUNCHER));
    const old = join(folder, "old.cjs");
    await writeFile(
      old,
      `if (!process.env.MULTICHAT_LAUNCHED) Object.defineProperty(process, "version", { value: "v20.19.2" });`,
    );

    const withoutPinned = new Process(process.execPath, ["--require", old, copy, "--version"]);
    expect(await withoutPinned.ended).toBe(1);
    expect(withoutPinned.output).toBe(
      "multichat: expected Node 22.16 or newer, this is v20.19.2. Run `npm install` in the clone, which includes a newer Node, or install one.\n",
    );

    await mkdir(join(folder, "node_modules", "node", "bin"), { recursive: true });
    const pinned = join(folder, "node_modules", "node", "bin", "node");
    await writeFile(pinned, `#!/bin/sh\necho "pinned: $*"\nexit 7\n`, { mode: 0o755 });
    const withPinned = new Process(process.execPath, ["--require", old, copy, "room", "list"]);
    expect(await withPinned.ended).toBe(7);
    expect(withPinned.output).toMatch(/^pinned: --conditions=@multichat\/source .*multichat\.mjs room list\n$/);
  });

  test("serve prints the setup URL, and exits with 0 on SIGTERM", async () => {
    const serving = launch(["serve"], { LOG_LEVEL: "warn" });
    await serving.until(/\/setup#token=[\w-]{20,}/);
    serving.child.kill("SIGTERM");
    expect(await serving.ended).toBe(0);
  });

  test("a signal at any moment of the start leaves no process behind", async () => {
    for (let delayMs = 0; delayMs < 240; delayMs += 8) {
      const starting = launch(["serve"], { LOG_LEVEL: "warn" });
      await new Promise((resolve) => setTimeout(resolve, delayMs));
      starting.child.kill("SIGTERM");
      // The server has the same output as the launcher: it is closed when both have ended.
      await starting.ended;
    }
  });

  test("serve creates the configured administrator, and then prints no setup URL", async () => {
    const env = { ADMIN_USERNAME: "root", ADMIN_PASSWORD: "a long password", LOG_LEVEL: "warn" };
    const serving = launch(["serve"], env);
    await serving.until(/listens on/);
    serving.child.kill("SIGINT");
    expect(await serving.ended).toBe(0);
    expect(serving.output).not.toContain("/setup");
    const list = launch(["user", "list"]);
    await list.ended;
    expect(list.output).toMatch(/^root +yes +yes +yes/m);
  });
});

/** Runs the command in a pseudo-terminal of script(1). Without a size every character would be on its own line. */
const inTerminal = (args: readonly string[]) => {
  const command = ["stty cols 100 rows 40; exec", process.execPath, LAUNCHER, ...args].join(" ");
  return new Process("script", ["--quiet", "--return", "--command", command, "/dev/null"]);
};

describe("on a terminal", () => {
  const ENTER = "\r";

  test("createsuperuser asks for missing values, repeats after invalid ones, and shows no password", async () => {
    const asking = inTerminal(["createsuperuser"]);
    let seen = "";
    const answer = async (question: RegExp, text: string) => {
      seen += await asking.until(question);
      asking.child.stdin?.write(text + ENTER);
    };
    await answer(/Username/, "a b");
    await answer(/expected letters/, "\u0015root");
    await answer(/Email/, "");
    await answer(/Password/, "short");
    await answer(/at least 8/, "\u0015correct horse");
    await answer(/Repeat password/, "something else");
    await answer(/do not match/, "\u0015correct horse");
    seen += await asking.until(/created the superuser root/);
    expect(await asking.ended).toBe(0);
    expect(seen + asking.output).not.toContain("correct horse");
    const list = launch(["user", "list", "--json"]);
    await list.ended;
    expect(JSON.parse(list.output)).toMatchObject([{ username: "root", email: null, superuser: true }]);
  });

  test("exits with 1 and changes nothing when cancelled", async () => {
    const asking = inTerminal(["createsuperuser"]);
    await asking.until(/Username/);
    asking.child.stdin?.write("\u0003");
    expect(await asking.ended).toBe(1);
    const list = launch(["user", "list", "--json"]);
    await list.ended;
    expect(JSON.parse(list.output)).toEqual([]);
  });

  test("room delete asks for confirmation", async () => {
    await launch(["room", "create", "General"]).ended;
    const no = inTerminal(["room", "delete", "1"]);
    await no.until(/Delete room 1 \(General\)/);
    no.child.stdin?.write(ENTER);
    expect(await no.ended).toBe(1);
    const yes = inTerminal(["room", "delete", "1"]);
    await yes.until(/Delete room 1 \(General\)/);
    yes.child.stdin?.write("y");
    expect(await yes.ended).toBe(0);
    const list = launch(["room", "list", "--json"]);
    await list.ended;
    expect(JSON.parse(list.output)).toEqual([]);
  });
});
