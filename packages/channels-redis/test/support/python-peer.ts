import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** `JSON.rawJSON` exists in Node, but not yet in TypeScript's library. */
const rawJson = JSON as typeof JSON & { rawJSON(text: string): unknown };

const script = fileURLToPath(new URL("python_peer.py", import.meta.url));

interface Python {
  readonly command: string;
  readonly version: string;
}

let found: Python | undefined;

/** Finds a Python that has channels_redis: the first in the path, or Debian's own. */
export function findPython(): Python {
  found ??= search();
  return found;
}

function search(): Python {
  const tried: string[] = [];
  for (const command of ["python3", "/usr/bin/python3"]) {
    try {
      const version = execFileSync(
        command,
        ["-c", "import channels_redis, cryptography; print(channels_redis.__version__)"],
        { stdio: ["ignore", "pipe", "ignore"] },
      );
      return { command, version: version.toString().trim() };
    } catch {
      tried.push(command);
    }
  }
  throw new Error(
    `Expected a Python with channels_redis and cryptography (Debian: apt-get install python3-channels-redis ` +
      `python3-cryptography); tried ${tried.join(" and ")}.`,
  );
}

/** A Python process with a channel layer of channels_redis. */
export class PythonPeer {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  #commands = 0;

  constructor(kind: "pubsub" | "queue", options: Readonly<Record<string, unknown>>) {
    this.#child = spawn(findPython().command, [script, JSON.stringify({ kind, options })], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    const { stdout } = this.#child;
    if (stdout === null) throw new Error("expected a pipe");
    createInterface({ input: stdout }).on("line", (line) => {
      const answer = JSON.parse(line) as { re: number; ok?: unknown; error?: string };
      const waiting = this.#waiting.get(answer.re);
      this.#waiting.delete(answer.re);
      if (answer.error !== undefined) waiting?.reject(new Error(answer.error));
      else waiting?.resolve(answer.ok);
    });
    this.#child.on("exit", (code) => {
      for (const { reject } of this.#waiting.values()) reject(new Error(`Python exited with ${code}`));
    });
  }

  async newChannel(): Promise<string> {
    return String(await this.#do({ do: "new_channel" }));
  }

  async receive(channel: string): Promise<unknown> {
    return fromPython(await this.#do({ do: "receive", channel }));
  }

  async send(channel: string, message: unknown): Promise<void> {
    await this.#do({ do: "send", channel, message: toPython(message) });
  }

  async groupAdd(group: string, channel: string): Promise<void> {
    await this.#do({ do: "group_add", group, channel });
  }

  async groupDiscard(group: string, channel: string): Promise<void> {
    await this.#do({ do: "group_discard", group, channel });
  }

  async groupSend(group: string, message: unknown): Promise<void> {
    await this.#do({ do: "group_send", group, message: toPython(message) });
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await exited;
  }

  async #do(command: Readonly<Record<string, unknown>>): Promise<unknown> {
    this.#commands += 1;
    const id = this.#commands;
    // Integers beyond 2^53 are written in full, which JSON allows and Python reads.
    const text = JSON.stringify({ id, ...command }, (_, value: unknown) =>
      typeof value === "bigint" ? rawJson.rawJSON(String(value)) : value,
    );
    return await new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#child.stdin?.write(`${text}\n`);
    });
  }
}

function toPython(value: unknown): unknown {
  if (value instanceof Uint8Array) return { $bytes: Buffer.from(value).toString("hex") };
  if (Array.isArray(value)) return value.map(toPython);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, toPython(member)]));
}

function fromPython(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(fromPython);
  if (typeof value !== "object" || value === null) return value;
  if ("$bytes" in value && typeof value.$bytes === "string") return new Uint8Array(Buffer.from(value.$bytes, "hex"));
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, fromPython(member)]));
}
