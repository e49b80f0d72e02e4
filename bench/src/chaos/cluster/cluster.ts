import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { DatabaseSnapshot } from "../../audit/client-record.ts";
import { readPostgresSnapshot } from "../../audit/postgres-snapshot.ts";
import type { Random } from "../../clients/random.ts";
import { freePort, Server, type ServerSettings } from "../../multichat/server.ts";
import { createUsersAndRooms } from "../../multichat/users.ts";
import type { ChaosSystem } from "../system.ts";
import { nextOutage, type Outage, type Service, titleOf } from "./outages.ts";
import { PostgresProcess } from "./postgres-process.ts";
import { RedisProcess } from "./redis-process.ts";
import { ServiceLink } from "./service-link.ts";

/** Between two attempts to start a server whose database is unavailable, and between two questions whether it is ready. */
const RETRY_INTERVAL_MS = 250;
/** Only ends a hang. */
const RECOVERY_TIMEOUT_MS = 300_000;

/** The programs that a cluster needs. */
export interface ClusterPrograms {
  readonly redis: string;
  /** The folder of PostgreSQL's programs. */
  readonly postgresBin: string;
}

/** A server of the cluster, and its own connections to the services. */
interface Node {
  readonly settings: ServerSettings;
  readonly links: Readonly<Record<Service, ServiceLink>>;
  server: Server | undefined;
  /** Whether it is down or frozen on purpose. */
  isDisturbed: boolean;
}

/** Several servers on PostgreSQL and Redis. Servers and services are killed, and cut off from each other. */
export class Cluster implements ChaosSystem {
  readonly #random: Random;
  readonly #postgres: PostgresProcess;
  readonly #redis: RedisProcess;
  readonly #nodes: readonly Node[];
  readonly #failure = Promise.withResolvers<never>();
  readonly #faults: Record<string, number> = {};
  readonly #crashed = new Set<Service>();
  readonly #outages = new Set<Promise<void>>();
  #isKilled = false;

  private constructor(random: Random, postgres: PostgresProcess, redis: RedisProcess, nodes: readonly Node[]) {
    this.#random = random;
    this.#postgres = postgres;
    this.#redis = redis;
    this.#nodes = nodes;
    // A step that waits for it races with it; without one it must not end the process.
    this.#failure.promise.catch(() => {});
  }

  /** @param folder an empty one, for its data @param env further variables of each server */
  static async create(
    options: { readonly folder: string; readonly servers: number; readonly random: Random } & ClusterPrograms,
    env: Readonly<Record<string, string>>,
  ): Promise<Cluster> {
    const { folder, servers, random } = options;
    const [postgresPort, redisPort] = [await freePort(), await freePort()];
    const nodes: Node[] = [];
    for (let index = 0; index < servers; index += 1) {
      const links = { postgres: new ServiceLink(postgresPort), redis: new ServiceLink(redisPort) };
      const dataDir = join(folder, `server-${index + 1}`);
      await mkdir(dataDir);
      const settings = {
        dataDir,
        port: await freePort(),
        env: {
          ...env,
          DATABASE_URL: `postgres://postgres@127.0.0.1:${await links.postgres.listen()}/postgres`,
          REDIS_URL: `redis://127.0.0.1:${await links.redis.listen()}`,
        },
      };
      nodes.push({ settings, links, server: undefined, isDisturbed: false });
    }
    const postgres = new PostgresProcess(options.postgresBin, join(folder, "postgres"), postgresPort);
    return new Cluster(random, postgres, new RedisProcess(options.redis, join(folder, "redis"), redisPort), nodes);
  }

  get ports(): readonly number[] {
    return this.#nodes.map(({ settings }) => settings.port);
  }

  get faults(): Readonly<Record<string, number>> {
    return this.#faults;
  }

  get failure(): Promise<never> {
    return this.#failure.promise;
  }

  async start(userCount: number, rooms: number): Promise<void> {
    await this.#postgres.create();
    await this.#redis.start();
    const [first] = this.#nodes;
    if (first !== undefined) await createUsersAndRooms(first.settings, userCount, rooms);
    await Promise.all(this.#nodes.map((node) => this.#startNode(node)));
  }

  /** Begins an outage. Several may last at the same time. */
  async disturb(): Promise<void> {
    const outage = nextOutage(this.#random, this.#nodes.length);
    const isUnderWay =
      outage.kind === "crash" ? this.#crashed.has(outage.service) : this.#nodes[outage.server]?.isDisturbed === true;
    // What is down already cannot be disturbed. The plan stays the same.
    if (isUnderWay) return;
    const title = titleOf(outage);
    this.#faults[title] = (this.#faults[title] ?? 0) + 1;
    const over = this.#run(outage).catch(this.#failure.reject);
    this.#outages.add(over);
    void over.then(() => this.#outages.delete(over));
  }

  async recover(): Promise<void> {
    await Promise.all(this.#outages);
    for (const { settings } of this.#nodes) await untilReady(settings.port);
  }

  async stop(): Promise<void> {
    await Promise.all(this.#nodes.map(({ server }) => server?.stop()));
  }

  readSnapshot(): Promise<DatabaseSnapshot> {
    return readPostgresSnapshot(this.#postgres.url);
  }

  async kill(): Promise<void> {
    this.#isKilled = true;
    for (const { server, links } of this.#nodes) {
      await server?.kill();
      await links.postgres.close();
      await links.redis.close();
    }
    await this.#redis.kill();
    await this.#postgres.crash();
  }

  async #run(outage: Outage): Promise<void> {
    if (outage.kind === "crash") {
      await this.#crash(outage.service, outage.ms);
      return;
    }
    const node = this.#nodes[outage.server];
    if (node === undefined) return;
    node.isDisturbed = true;
    if (outage.kind === "kill-server") {
      await node.server?.kill();
      await wait(outage.ms);
      await this.#startNode(node);
    } else if (outage.kind === "freeze-server") {
      node.server?.freeze();
      await wait(outage.ms);
      node.server?.thaw();
    } else {
      for (const service of outage.services) node.links[service].interrupt(outage.directions, outage.ms);
      await wait(outage.ms);
    }
    node.isDisturbed = false;
  }

  async #crash(service: Service, ms: number): Promise<void> {
    this.#crashed.add(service);
    await (service === "redis" ? this.#redis.kill() : this.#postgres.crash());
    await wait(ms);
    if (!this.#isKilled) await (service === "redis" ? this.#redis.start() : this.#postgres.start());
    this.#crashed.delete(service);
  }

  /** Starts a server, as a supervisor does: again, where its database was unavailable. */
  async #startNode(node: Node): Promise<void> {
    const deadline = performance.now() + RECOVERY_TIMEOUT_MS;
    while (!this.#isKilled) {
      try {
        const server = await Server.start(node.settings);
        if (this.#isKilled) await server.kill();
        else {
          node.server = server;
          server.untilUnexpectedExit().catch(this.#failure.reject);
        }
        return;
      } catch (error) {
        if (performance.now() > deadline) throw error;
        await wait(RETRY_INTERVAL_MS);
      }
    }
  }
}

/** Resolves when a server says that it is ready, with its database and its layer. @throws after five minutes */
async function untilReady(port: number): Promise<void> {
  const deadline = performance.now() + RECOVERY_TIMEOUT_MS;
  for (;;) {
    const answer = await fetch(`http://127.0.0.1:${port}/readyz`).catch((error: unknown) => error);
    if (answer instanceof Response && answer.ok) return;
    if (performance.now() > deadline) {
      const got = answer instanceof Response ? `${answer.status} ${await answer.text()}` : String(answer);
      throw new Error(`Expected the server on port ${port} to be ready after all outages, got ${got}`);
    }
    if (answer instanceof Response) await answer.body?.cancel();
    await wait(RETRY_INTERVAL_MS);
  }
}
