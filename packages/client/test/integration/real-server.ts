import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The program itself, not the command that launches it: killing a launcher does not kill what it has launched. */
const PROGRAM = fileURLToPath(new URL("../../../../apps/server/src/cli/main.ts", import.meta.url));
const NODE_FLAGS = [
  "--conditions=@multichat/source",
  // The bundles that the test runner made of the sources.
  ...process.execArgv.filter((argument) => argument.startsWith("--import=")),
  "--experimental-strip-types",
  "--disable-warning=ExperimentalWarning",
];
const READY_TIMEOUT_MS = 600_000;
const PASSWORD = "correct horse battery";

/** The chat's server, run from its sources as a process on a free port, which a test can kill and start again. */
export class RealServer {
  readonly url: string;
  readonly #folder: string;
  readonly #env: NodeJS.ProcessEnv;
  #process: ChildProcess | undefined;
  #output = "";

  private constructor(folder: string, port: number, env: Readonly<Record<string, string>>) {
    this.#folder = folder;
    this.url = `http://127.0.0.1:${port}`;
    this.#env = {
      PATH: process.env.PATH,
      NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
      HOST: "127.0.0.1",
      PORT: String(port),
      DATA_DIR: join(folder, "data"),
      LOG_LEVEL: "warn",
      LIMIT_SIGN_IN_PER_MINUTE: "1000",
      ...env,
    };
  }

  /** Starts a server with these users (the first one is staff) and rooms. */
  static async start(
    usernames: readonly string[],
    rooms: readonly string[],
    env: Readonly<Record<string, string>> = {},
  ): Promise<RealServer> {
    const server = new RealServer(await mkdtemp(join(tmpdir(), "multichat-client-")), await freePort(), env);
    const file = join(server.#folder, "data.json");
    const users = usernames.map((username, i) => ({ username, password: PASSWORD, staff: i === 0 }));
    await writeFile(file, JSON.stringify({ users, rooms: rooms.map((title) => ({ title })) }));
    await server.#run(["loaddata", file]);
    await server.start();
    return server;
  }

  async start(): Promise<void> {
    const child = this.#spawn(["serve"]);
    this.#process = child;
    const deadline = Date.now() + READY_TIMEOUT_MS;
    while (!(await this.#ready())) {
      // Ended by the test before it was ready.
      if (this.#process !== child) return;
      if (hasEnded(child) || Date.now() > deadline) {
        throw new Error(`Expected the server to be ready within ${READY_TIMEOUT_MS} ms; its output:\n${this.#output}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
  }

  /** Ends the server: with SIGKILL as a power failure does, with SIGTERM as an operator does. */
  async end(signal: "SIGKILL" | "SIGTERM"): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (child === undefined || hasEnded(child)) return;
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill(signal);
    await ended;
  }

  async dispose(): Promise<void> {
    await this.end("SIGKILL");
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** Signs in, and returns a token. */
  async signIn(username: string): Promise<string> {
    const response = await fetch(`${this.url}/api/auth/sign-in/username`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ username, password: PASSWORD }),
    });
    if (!response.ok)
      throw new Error(`Expected ${username} to be signed in, got ${response.status}: ${await response.text()}`);
    return ((await response.json()) as { token: string }).token;
  }

  async call(method: string, path: string, token: string, body?: object): Promise<unknown> {
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, ...(body && { "content-type": "application/json" }) },
      ...(body && { body: JSON.stringify(body) }),
    });
    if (!response.ok)
      throw new Error(`Expected ${method} ${path} to succeed, got ${response.status}: ${await response.text()}`);
    return response.status === 204 ? undefined : await response.json();
  }

  #spawn(args: readonly string[]): ChildProcess {
    const child = spawn(process.execPath, [...NODE_FLAGS, PROGRAM, ...args], {
      cwd: this.#folder,
      env: this.#env,
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on("data", (data) => {
        this.#output = `${this.#output}${data}`.slice(-10_000);
      });
    }
    return child;
  }

  #run(args: readonly string[]): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#spawn(args).on("exit", (code) => {
        if (code === 0) resolve();
        else reject(new Error(`multichat ${args.join(" ")} ended with ${code}; its output:\n${this.#output}`));
      });
    });
  }

  async #ready(): Promise<boolean> {
    try {
      return (await fetch(`${this.url}/readyz`)).ok;
    } catch {
      return false;
    }
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}
