import type { CommandConnection } from "../connection/command-connection.ts";
import type { RedisScript } from "../connection/redis-script.ts";

/** Makes the values of a script from the run ID of the server on which it is about to run. */
export type ScriptValues = (runId: string) => readonly (string | number | Buffer)[];

/** Runs scripts of histories on the server of a topic. */
export interface HistoryConnection {
  /**
   * Calls for one topic run in the order in which they were made. The keys have to be in the slot of the topic. Rejects while the
   * server is unavailable.
   */
  runScript(topic: string, script: RedisScript, keys: readonly string[], values: ScriptValues): Promise<unknown>;
}

/**
 * Runs the scripts of histories on one server. They take the ID of the server's present run, by which they notice that it was
 * restarted or replaced.
 */
export class HistoryServer {
  readonly #commands: CommandConnection;
  readonly #scripts: readonly RedisScript[];
  /** The run ID of the server on the other end of the present connection. */
  #runId: Promise<string> | undefined;

  constructor(commands: CommandConnection, scripts: readonly RedisScript[]) {
    this.#commands = commands;
    this.#scripts = scripts;
    commands.redis.on("close", () => {
      this.#runId = undefined;
    });
  }

  /**
   * Runs a script. Calls run in the order in which they were made. Rejects while the server is unavailable.
   * @param isAsking whether the server is a node of a cluster to which the keys are about to move (ASK).
   */
  async run(
    script: RedisScript,
    keys: readonly string[],
    values: ScriptValues,
    { isAsking = false }: { readonly isAsking?: boolean } = {},
  ): Promise<unknown> {
    // Awaited by every call, also when it is known: otherwise a call would overtake those that still wait.
    const runId = await this.#prepare();
    const redis = this.#commands.corked;
    // It holds for the next command, which follows in the same turn, and fails with it.
    if (isAsking) redis.asking().catch(() => undefined);
    return await script.run(redis, keys, values(runId));
  }

  #prepare(): Promise<string> {
    if (this.#runId !== undefined) return this.#runId;
    const preparing = this.#load();
    this.#runId = preparing;
    // The next call tries again.
    preparing.catch(() => {
      if (this.#runId === preparing) this.#runId = undefined;
    });
    return preparing;
  }

  async #load(): Promise<string> {
    const { redis } = this.#commands;
    const [info] = await Promise.all([redis.info("server"), ...this.#scripts.map((script) => script.load(redis))]);
    const runId = /^run_id:([0-9a-f]+)/m.exec(info)?.[1];
    if (runId === undefined) throw new Error("Expected INFO to contain the run_id of the server.");
    return runId;
  }
}
