import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { chmodSync, chownSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { endProcess, untilOutput } from "./service-process.ts";

const SETTINGS = ["listen_addresses=127.0.0.1", "max_connections=300"];

/** A PostgreSQL of a run, with its defaults (every commit is synced), which can be crashed. */
export class PostgresProcess {
  readonly url: string;
  readonly #bin: string;
  readonly #folder: string;
  readonly #port: number;
  readonly #account: Account = postgresAccount();
  #child: ChildProcess | undefined;

  /** @param bin the folder of its programs @param folder which it creates */
  constructor(bin: string, folder: string, port: number) {
    this.#bin = bin;
    this.#folder = folder;
    this.#port = port;
    this.url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  }

  /** Creates an empty database and starts. */
  async create(): Promise<void> {
    mkdirSync(this.#folder);
    const { uid, gid } = this.#account;
    if (uid !== undefined && gid !== undefined) {
      chownSync(this.#folder, uid, gid);
      // The run's own folder is closed to every other account.
      chmodSync(dirname(this.#folder), 0o711);
    }
    const args = [
      "-D",
      join(this.#folder, "data"),
      "-U",
      "postgres",
      "--auth=trust",
      "--encoding=UTF8",
      "--locale=C.UTF-8",
    ];
    execFileSync(join(this.#bin, "initdb"), args, { ...this.#account, cwd: this.#folder, stdio: "ignore" });
    await this.start();
  }

  /** Starts on the data that it has, and recovers it after a crash. */
  async start(): Promise<void> {
    const options = SETTINGS.flatMap((setting) => ["-c", setting]);
    const args = ["-D", join(this.#folder, "data"), "-p", String(this.#port), "-k", this.#folder, ...options];
    const child = spawn(join(this.#bin, "postgres"), args, {
      ...this.#account,
      cwd: this.#folder,
      stdio: ["ignore", "ignore", "pipe"],
    });
    this.#child = child;
    await untilOutput(child, "ready to accept connections");
  }

  /** Ends all of its processes at once, without a checkpoint. */
  async crash(): Promise<void> {
    await endProcess(this.#child, "SIGQUIT");
  }
}

interface Account {
  readonly uid?: number;
  readonly gid?: number;
}

/** Returns the account that Debian creates for Postgres, which refuses to run as root. */
function postgresAccount(): Account {
  if (process.getuid?.() !== 0) return {};
  const idOf = (flag: string) => Number(execFileSync("id", [flag, "postgres"], { encoding: "utf8" }));
  return { uid: idOf("-u"), gid: idOf("-g") };
}
