import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chownSync, mkdirSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A Postgres for one test, with synced commits, which can be killed and restarted. */
export class PostgresProcess {
  readonly #bin: string;
  readonly #folder: string;
  readonly #port: number;
  readonly #account: { readonly uid?: number; readonly gid?: number };
  #child: ChildProcess | undefined;

  private constructor(bin: string, folder: string, port: number) {
    this.#bin = bin;
    this.#folder = folder;
    this.#port = port;
    this.#account = postgresAccount();
  }

  static async start(): Promise<PostgresProcess> {
    const { MULTICHAT_TEST_POSTGRES_BIN: bin } = process.env;
    if (bin === undefined) {
      throw new Error(
        "Expected Postgres in MULTICHAT_TEST_POSTGRES_BIN; run: node scripts/services.mjs npx vitest run …",
      );
    }
    const folder = await mkdtemp(join(tmpdir(), "multichat-postgres-"));
    const postgres = new PostgresProcess(bin, folder, await findFreePort());
    postgres.#initialize();
    await postgres.restart();
    return postgres;
  }

  get url(): string {
    return `postgres://postgres@127.0.0.1:${this.#port}/postgres`;
  }

  /** Starts the server on the data that it has, and waits until it takes connections. */
  async restart(): Promise<void> {
    const args = ["-D", this.#data, "-p", String(this.#port), "-c", "listen_addresses=127.0.0.1", "-k", this.#folder];
    const child = spawn(join(this.#bin, "postgres"), args, {
      ...this.#account,
      cwd: this.#folder,
      stdio: ["ignore", "ignore", "pipe"],
    });
    this.#child = child;
    let output = "";
    await new Promise<void>((resolve, reject) => {
      child.stderr?.on("data", (chunk: Buffer) => {
        output += chunk.toString();
        if (output.includes("ready to accept connections")) resolve();
      });
      child.once("exit", (code) => reject(new Error(`expected Postgres to start, it ended with ${code}:\n${output}`)));
    });
  }

  /** Ends all of its processes at once, without a checkpoint, like a crash: the next start recovers from the log. */
  async crash(): Promise<void> {
    await this.#end("SIGQUIT");
  }

  async stop(): Promise<void> {
    await this.#end("SIGQUIT");
    await rm(this.#folder, { recursive: true, force: true });
  }

  get #data(): string {
    return join(this.#folder, "data");
  }

  #initialize(): void {
    mkdirSync(this.#data);
    const { uid, gid } = this.#account;
    // Postgres refuses to run as root, and the folder of mkdtemp is closed to every other account.
    if (uid !== undefined && gid !== undefined) {
      chownSync(this.#folder, uid, gid);
      chownSync(this.#data, uid, gid);
    }
    const args = ["-D", this.#data, "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8"];
    execFileSync(join(this.#bin, "initdb"), args, { ...this.#account, cwd: this.#folder, stdio: "ignore" });
  }

  async #end(signal: "SIGQUIT"): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, "exit");
    child.kill(signal);
    await exited;
  }
}

/** Returns the account that Debian creates for Postgres, if this process is root. */
function postgresAccount(): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const idOf = (flag: string) => Number(execFileSync("id", [flag, "postgres"], { encoding: "utf8" }));
  return { uid: idOf("-u"), gid: idOf("-g") };
}

async function findFreePort(): Promise<number> {
  const probe = createServer();
  probe.listen(0, "127.0.0.1");
  await once(probe, "listening");
  const address = probe.address();
  probe.close();
  await once(probe, "close");
  if (address === null || typeof address === "string") throw new Error("expected a port");
  return address.port;
}
