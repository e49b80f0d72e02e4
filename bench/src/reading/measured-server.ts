import { readFile, rm } from "node:fs/promises";
import { Server, type ServerSettings } from "../multichat/server.ts";
import { type Distribution, distributionOf } from "../report/quantile.ts";
import { Connection } from "../stall/connection.ts";
import { describeThreads, threadMicrosOf } from "./thread-micros.ts";

const PRELOAD = new URL("./server-times.ts", import.meta.url).href;
const WARM_UP_SHARE = 0.2;
const PINGS = 200;

export interface Timed extends Distribution {
  /** What the calls took of the server's threads. */
  readonly limit: string;
}

/** The server that is measured, started as `npm start` does, with the times of its requests written to a file. */
export class MeasuredServer {
  readonly server: Server;
  readonly readyMs: number;
  readonly #times: string;
  readonly #pid: number;

  static async start(settings: ServerSettings, profileDir?: string): Promise<MeasuredServer> {
    const times = `${settings.dataDir}/../server-times.txt`;
    await rm(times, { force: true });
    const profile = profileDir === undefined ? "" : ` --cpu-prof --cpu-prof-dir=${profileDir}`;
    const env = {
      // What an operator raises for clients that ask this much; see docs/reference/configuration.md.
      LIMIT_COMMANDS_PER_SECOND: "100000",
      LIMIT_CONNECTIONS_PER_USER: "10000",
      LIMIT_REQUESTS_PER_MINUTE: "1000000",
      NODE_OPTIONS: `--disable-warning=ExperimentalWarning --import ${PRELOAD}${profile}`,
      BENCH_SERVER_TIMES: times,
      ...settings.env,
    };
    const startedAt = performance.now();
    const server = await Server.start({ ...settings, env });
    const readyMs = performance.now() - startedAt;
    return new MeasuredServer(server, readyMs, times, await server.servingPid());
  }

  private constructor(server: Server, readyMs: number, times: string, pid: number) {
    this.server = server;
    this.readyMs = readyMs;
    this.#times = times;
    this.#pid = pid;
  }

  /** Sends requests one after another. @returns the time that each was in the server */
  async measureRequests(count: number, token: string, pathOf: (index: number) => string): Promise<Timed> {
    const request = async (index: number): Promise<void> => {
      const headers = { authorization: `Bearer ${token}` };
      const response = await fetch(`${this.server.url}${pathOf(index)}`, { headers });
      await response.arrayBuffer();
      if (!response.ok) throw new Error(`Expected ${pathOf(index)} to be answered, got ${response.status}.`);
    };
    for (let index = 0; index < count * WARM_UP_SHARE; index += 1) await request(index);
    const known = (await this.#readTimes()).length;
    const before = await threadMicrosOf(this.#pid);
    for (let index = 0; index < count; index += 1) await request(index);
    const limit = describeThreads(before, await threadMicrosOf(this.#pid), count);
    return { ...distributionOf((await this.#readTimes()).slice(known)), limit };
  }

  /**
   * Sends commands one after another on a connection. A ping goes the same way and does nothing, so its median is not counted.
   *
   * @returns the time from each command to its reply, beyond that of a ping
   */
  async measureCommands(
    count: number,
    connection: Connection,
    run: (index: number) => Promise<unknown>,
  ): Promise<Timed> {
    const pings = await timeEach(PINGS, () => connection.do("ping", {}));
    const { p50: ping } = distributionOf(pings);
    await timeEach(Math.ceil(count * WARM_UP_SHARE), run);
    const before = await threadMicrosOf(this.#pid);
    const times = await timeEach(count, run);
    const limit = describeThreads(before, await threadMicrosOf(this.#pid), count);
    return { ...distributionOf(times.map((ms) => Math.max(0, ms - ping))), limit };
  }

  async threadMicros(): Promise<ReadonlyMap<string, number>> {
    return threadMicrosOf(this.#pid);
  }

  connect(token: string): Promise<Connection> {
    return Connection.open(this.server.url, token);
  }

  async #readTimes(): Promise<readonly number[]> {
    // There is no file before the first request.
    const lines = (await readFile(this.#times, "utf8").catch(() => "")).split("\n");
    return lines.flatMap((line) => (line === "" ? [] : Number(line.slice(0, line.indexOf(" ")))));
  }
}

export async function timeEach(count: number, run: (index: number) => Promise<unknown>): Promise<readonly number[]> {
  const times: number[] = [];
  for (let index = 0; index < count; index += 1) {
    const startedAt = performance.now();
    await run(index);
    times.push(performance.now() - startedAt);
  }
  return times;
}
