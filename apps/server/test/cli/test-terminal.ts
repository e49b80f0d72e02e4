import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable, Writable } from "node:stream";
import { runCommandLine } from "../../src/cli/program.ts";
import type { Config } from "../../src/config/config.ts";
import { type Offline, openOffline } from "../../src/main/offline.ts";
import { testDatabase } from "../store/support/test-database.ts";

export interface Run {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

class Collected extends Writable {
  text = "";
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

/** Runs command lines without a terminal, in a folder with its own database. */
export class TestShell implements AsyncDisposable {
  readonly cwd: string;
  readonly env: Record<string, string>;
  #opened: Promise<Offline> | undefined;

  private constructor(cwd: string, env: Record<string, string>) {
    this.cwd = cwd;
    this.env = env;
  }

  static async open(env: Record<string, string> = {}): Promise<TestShell> {
    return new TestShell(await mkdtemp(join(tmpdir(), "multichat-cli-")), env);
  }

  /** Runs in the data folder of a running server, on its database. */
  static beside(dataDir: string): TestShell {
    return new TestShell(dataDir, { DATA_DIR: dataDir, ...testDatabase().variables(dataDir) });
  }

  async run(args: readonly string[], stdin: string | Buffer = ""): Promise<Run> {
    const stdout = new Collected();
    const stderr = new Collected();
    const { env, cwd } = this;
    const openChat = (config: Config) => this.#open(config);
    const terminal = { stdin: Readable.from([Buffer.from(stdin)]), stdout, stderr, env, cwd, openChat };
    const code = await runCommandLine(args, terminal);
    return { code, stdout: stdout.text, stderr: stderr.text };
  }

  /** @throws unless it exits with 0. */
  async must(args: readonly string[], stdin = ""): Promise<string> {
    const { code, stdout, stderr } = await this.run(args, stdin);
    if (code !== 0) throw new Error(`expected ${args.join(" ")} to succeed, got exit code ${code}: ${stderr}`);
    return stdout;
  }

  // biome-ignore lint/suspicious/noExplicitAny: each test asserts the properties that it reads.
  async json(args: readonly string[]): Promise<any> {
    return JSON.parse(await this.must([...args, "--json"]));
  }

  /** Opens the chat once for all command lines of a test, because opening is slower than most commands. */
  async #open(config: Config): Promise<Offline> {
    this.#opened ??= openOffline(config);
    const { context } = await this.#opened;
    return { context, close: async () => {} };
  }

  async close(): Promise<void> {
    // A chat that could not be opened has failed the command, and leaves nothing to close.
    const opened = await this.#opened?.catch(() => undefined);
    this.#opened = undefined;
    await opened?.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
    await rm(this.cwd, { recursive: true, force: true });
  }
}
