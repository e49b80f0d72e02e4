import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort } from "./free-port.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const PROGRAM = join(ROOT, "apps/server/bin/multichat.mjs");
const WEB = join(ROOT, "apps/web/dist/index.html");
/** Generous: a busy machine starts slowly, and what is measured here is not that. */
const READY_TIMEOUT_MS = 120_000;

export interface Fixture {
  readonly users: readonly { username: string; password: string; staff?: boolean; superuser?: boolean }[];
  readonly rooms: readonly { title: string; staffOnly?: boolean }[];
}

/** The real server as a process of its own, on a spare port and a temporary folder: what an operator runs. */
export interface ChatServer {
  readonly url: string;
  /** Its database file. Only to be opened while it is stopped. */
  readonly database: string;
  /** The address of the first run that it printed. */
  readonly setupAddress: () => Promise<string>;
  /** Ends the process at once, as a power cut would. */
  readonly kill: () => Promise<void>;
  /** Ends it as an operator does; resolves to its exit code. */
  readonly stop: () => Promise<number | null>;
  /** Starts it again, on the same port and data. */
  readonly start: () => Promise<void>;
  /** Runs one command of the CLI on the same data; resolves to what it printed. */
  readonly cli: (args: readonly string[], input?: string) => Promise<string>;
  /** Stops it and removes its data. */
  readonly dispose: () => Promise<void>;
}

export async function startChatServer(
  options: { readonly fixture?: Fixture; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<ChatServer> {
  for (const needed of [PROGRAM, WEB]) {
    if (!existsSync(needed)) throw new Error(`${needed} is missing; build first: npm run build`);
  }
  const folder = mkdtempSync(join(tmpdir(), "multichat-e2e-"));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const env = {
    ...withoutServerSettings(process.env),
    HOST: "127.0.0.1",
    PORT: String(port),
    DATA_DIR: join(folder, "data"),
    // Compiled code is shared with `npm start` and between the many starts of the tests.
    NODE_COMPILE_CACHE: join(ROOT, ".cache", "compile"),
    LOG_LEVEL: "warn",
    // One address signs everybody in here.
    LIMIT_SIGN_IN_PER_MINUTE: "1000",
    ...options.env,
  };
  let output = "";
  let server: ChildProcess | undefined;

  const launch = (args: readonly string[]): ChildProcess => {
    const child = spawn(process.execPath, [PROGRAM, ...args], { cwd: folder, env, stdio: ["pipe", "pipe", "pipe"] });
    child.stdout.setEncoding("utf8");
    child.stderr.setEncoding("utf8");
    return child;
  };

  const cli: ChatServer["cli"] = (args, input = "") =>
    new Promise((resolve, reject) => {
      const child = launch(args);
      let printed = "";
      for (const stream of [child.stdout, child.stderr]) stream?.on("data", (text: string) => (printed += text));
      child.on("error", reject);
      child.on("close", (code) => {
        if (code === 0) resolve(printed);
        else reject(new Error(`multichat ${args.join(" ")} ended with ${code}: ${printed}`));
      });
      child.stdin?.end(input);
    });

  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    const child = server;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return child?.exitCode ?? null;
    const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
    child.kill(signal);
    return ended;
  };

  const start = async (): Promise<void> => {
    const child = launch(["serve"]);
    server = child;
    for (const stream of [child.stdout, child.stderr]) stream?.on("data", (text: string) => (output += text));
    const deadline = Date.now() + READY_TIMEOUT_MS;
    while (!(await isReady(url))) {
      if (child.exitCode !== null || Date.now() > deadline)
        throw new Error(`The server did not come up (exit code ${child.exitCode}). It said:\n${output}`);
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
        const printed = /http:\S+\/setup\?token=\S+/.exec(output)?.[0];
        if (printed !== undefined) return printed;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      throw new Error(`The server printed no set-up address. It said:\n${output}`);
    },
    kill: async () => {
      await end("SIGKILL");
    },
    stop: () => end("SIGTERM"),
    start,
    cli,
    dispose: async () => {
      await end("SIGKILL");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Settings of the one who runs the tests are not settings of the servers in them. */
function withoutServerSettings(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const ours =
    /^(LIMIT_|ADMIN_|LOG_|MULTICHAT_CONFIG|DATABASE_URL|REDIS_URL|PUBLIC_URL|ALLOWED_ORIGINS|TRUST_PROXY|NOTIFY_|METRICS_)/;
  return Object.fromEntries(Object.entries(env).filter(([name]) => !ours.test(name)));
}

async function isReady(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/readyz`)).ok;
  } catch {
    return false;
  }
}
