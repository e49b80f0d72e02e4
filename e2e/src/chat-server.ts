import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort } from "../../scripts/lib/free-port.mjs";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const PROGRAM = join(ROOT, "apps/server/bin/multichat.mjs");
const WEB = join(ROOT, "apps/web/dist/index.html");
/** This bound only catches a hang, however busy the machine is. */
const READY_TIMEOUT_MS = 600_000;

export interface Fixture {
  readonly users: readonly { username: string; password: string; staff?: boolean; superuser?: boolean }[];
  readonly rooms: readonly { title: string; staffOnly?: boolean }[];
}

/** The real server as an operator runs it: a process of its own on a free port and a temporary folder. */
export interface ChatServer {
  readonly url: string;
  /** The database file. Open it only while the server is stopped. */
  readonly database: string;
  /** Waits for the printed setup address. */
  readonly setupAddress: () => Promise<string>;
  /** Kills the process, as a power cut would. */
  readonly kill: () => Promise<void>;
  /** Stops the process as an operator does and resolves to its exit code. */
  readonly stop: () => Promise<number | null>;
  /** Starts the server again on the same port and data. */
  readonly start: () => Promise<void>;
  /** Runs a CLI command on the same data and resolves to its output. */
  readonly cli: (args: readonly string[], input?: string) => Promise<string>;
  /** Stops the server and removes its data. */
  readonly dispose: () => Promise<void>;
}

export async function startChatServer(
  options: { readonly fixture?: Fixture; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<ChatServer> {
  for (const file of [PROGRAM, WEB]) {
    if (!existsSync(file)) throw new Error(`${file} is missing; build first: npm run build`);
  }
  const folder = mkdtempSync(join(tmpdir(), "multichat-e2e-"));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const env = {
    ...withoutServerSettings(process.env),
    HOST: "127.0.0.1",
    PORT: String(port),
    DATA_DIR: join(folder, "data"),
    // Every start of the tests reuses the code that an earlier one compiled.
    NODE_COMPILE_CACHE: join(ROOT, ".cache", "compile"),
    LOG_LEVEL: "warn",
    // All users sign in from one address.
    LIMIT_SIGN_IN_PER_MINUTE: "1000",
    ...options.env,
  };
  let output = "";
  let server: ChildProcess | undefined;

  const spawnProgram = (args: readonly string[]): ChildProcess => {
    const child = spawn(process.execPath, [PROGRAM, ...args], { cwd: folder, env, stdio: ["pipe", "pipe", "pipe"] });
    child.stdout.setEncoding("utf8");
    child.stderr.setEncoding("utf8");
    return child;
  };

  const cli: ChatServer["cli"] = (args, input = "") =>
    new Promise((resolve, reject) => {
      const child = spawnProgram(args);
      let cliOutput = "";
      for (const stream of [child.stdout, child.stderr]) stream?.on("data", (text: string) => (cliOutput += text));
      child.on("error", reject);
      child.on("close", (code) => {
        if (code === 0) resolve(cliOutput);
        else reject(new Error(`multichat ${args.join(" ")} failed with code ${code}: ${cliOutput}`));
      });
      child.stdin?.end(input);
    });

  const stopWith = async (signal: NodeJS.Signals): Promise<number | null> => {
    const child = server;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return child?.exitCode ?? null;
    const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
    child.kill(signal);
    return ended;
  };

  const start = async (): Promise<void> => {
    const child = spawnProgram(["serve"]);
    server = child;
    for (const stream of [child.stdout, child.stderr]) stream?.on("data", (text: string) => (output += text));
    const deadline = Date.now() + READY_TIMEOUT_MS;
    while (!(await isReady(url))) {
      if (child.exitCode !== null || Date.now() > deadline)
        throw new Error(`expected the server to be ready (exit code ${child.exitCode}); its output:\n${output}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };

  if (options.fixture !== undefined) {
    const file = join(folder, "fixture.json");
    writeFileSync(file, JSON.stringify(options.fixture));
    await cli(["loaddata", file]);
  }
  await start();
  return {
    url,
    database: join(env.DATA_DIR, "multichat.db"),
    setupAddress: async () => {
      const deadline = Date.now() + READY_TIMEOUT_MS;
      while (Date.now() < deadline) {
        const address = /http:\S+\/setup#token=\S+/.exec(output)?.[0];
        if (address !== undefined) return address;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      throw new Error(`expected the server to print a setup address; its output:\n${output}`);
    },
    kill: async () => {
      await stopWith("SIGKILL");
    },
    stop: () => stopWith("SIGTERM"),
    start,
    cli,
    dispose: async () => {
      await stopWith("SIGKILL");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Removes the developer's own server settings from the environment of the tests. */
function withoutServerSettings(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const settings =
    /^(LIMIT_|ADMIN_|LOG_|MULTICHAT_CONFIG|DATABASE_URL|REDIS_URL|PUBLIC_URL|ALLOWED_ORIGINS|TRUST_PROXY|NOTIFY_|METRICS_)/;
  return Object.fromEntries(Object.entries(env).filter(([name]) => !settings.test(name)));
}

async function isReady(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/readyz`)).ok;
  } catch {
    return false;
  }
}
