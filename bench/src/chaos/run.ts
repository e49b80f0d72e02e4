import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { auditSnapshot } from "../audit/audit.ts";
import { listRooms, type ServerAccess, waitUntilCaughtUp } from "../clients/caught-up.ts";
import { ClientPool } from "../clients/client-pool.ts";
import type { ClientSpec } from "../clients/pool-commands.ts";
import { Random } from "../clients/random.ts";
import { signInAll } from "../multichat/users.ts";
import { interruption } from "../report/interruption.ts";
import { distributionOf } from "../report/quantile.ts";
import { auditHistory, readHistory } from "./audit-history.ts";
import { Cluster, type ClusterPrograms } from "./cluster/cluster.ts";
import { BadNetwork, totalCuts } from "./network/bad-network.ts";
import { type ChaosPlan, emojiOf, killTimes } from "./plan.ts";
import type { ChaosResult } from "./result.ts";
import { SingleServer } from "./single-server.ts";
import type { ChaosSystem } from "./system.ts";

/** Threads that share the clients. */
const THREADS = 2;
const PROGRESS_INTERVAL_MS = 10_000;
const CUT_CHECK_INTERVAL_MS = 100;
/** Missed events that a resume replays before it resets. Below the default, so that runs include resets. */
const RESUME_EVENTS = 60;

type Log = (line: string) => void;

export interface ChaosOptions {
  readonly plan: ChaosPlan;
  /** For several servers. */
  readonly programs: ClusterPrograms | undefined;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** Does a whole run, from an empty folder to the audit. Everything that it started has ended when it settles. */
export async function runChaos({ signal, ...options }: ChaosOptions): Promise<ChaosResult> {
  const run = new ChaosRun(options);
  try {
    return await Promise.race([run.run(), interruption(signal)]);
  } finally {
    await run.cleanUp();
  }
}

class ChaosRun {
  readonly #plan: ChaosPlan;
  readonly #log: Log;
  readonly #random: Random;
  #folder = "";
  #keepFolder = false;
  #system: ChaosSystem | undefined;
  #network: BadNetwork | undefined;
  #clients: ClientPool | undefined;
  readonly #programs: ClusterPrograms | undefined;

  constructor({ plan, programs, log }: Omit<ChaosOptions, "signal">) {
    this.#plan = plan;
    this.#programs = programs;
    this.#log = log;
    this.#random = new Random(plan.seed);
  }

  async run(): Promise<ChaosResult> {
    const { clients: clientCount, rooms, devicesPerUser, minutes, faultIntervalSeconds, seed } = this.#plan;
    this.#folder = await mkdtemp(join(tmpdir(), "multichat-chaos-"));
    const system = await this.#createSystem();
    this.#system = system;
    const userCount = Math.ceil(clientCount / devicesPerUser);
    await system.start(userCount, rooms);
    const url = `http://127.0.0.1:${system.ports[0]}`;
    const tokens = await signInAll(url, userCount);
    const access: ServerAccess = { url, token: tokens[0] ?? "" };
    const roomIds = (await listRooms(access)).map(({ id }) => id);
    this.#log(`${userCount} users with ${devicesPerUser} devices each, ${roomIds.length} rooms; seed ${seed}.`);

    const network = new BadNetwork({ random: this.#random.fork(1), ports: system.ports, faultIntervalSeconds });
    this.#network = network;
    const clients = new ClientPool(this.#clientSpecs(tokens, roomIds), Math.min(THREADS, clientCount));
    this.#clients = clients;
    const behavior = {
      url: `http://127.0.0.1:${await network.listen()}`,
      seed,
      actIntervalSeconds: this.#plan.actIntervalSeconds,
      changePercent: 30,
      rampMs: Math.min(10_000, 10 * clientCount),
    };
    await this.#orServerFailure(clients.start(behavior));
    await clients.startActing();
    const startedAt = performance.now();
    const stopLogging = this.#logProgress(startedAt);
    try {
      for (const killAt of killTimes(this.#plan, this.#random.fork(2))) {
        await this.#orServerFailure(wait(Math.max(0, startedAt + killAt - performance.now())));
        await this.#orServerFailure(system.disturb());
      }
      await this.#orServerFailure(wait(Math.max(0, startedAt + minutes * 60_000 - performance.now())));
      await this.#orServerFailure(this.#firstCut(network));
      await clients.stopActing();
      network.stopFaults();
      await this.#orServerFailure(system.recover());
      this.#log("Traffic and faults have stopped. Waiting until every client has caught up with every log …");
      const quietAt = performance.now();
      const behind = await this.#orServerFailure(waitUntilCaughtUp(clients, access, this.#plan.timeoutSeconds));
      const seconds = ((performance.now() - quietAt) / 1_000).toFixed(1);
      this.#log(behind.length === 0 ? `All have caught up after ${seconds} s.` : "Some clients are still behind.");
      const progress = await clients.progress();
      await this.#orServerFailure(clients.close());
      const histories = new Map<string, Awaited<ReturnType<typeof readHistory>>>();
      for (const id of roomIds) histories.set(id, await readHistory(access, id));
      // Silenced connections would stay open, and the server would wait for them.
      await network.close();
      await system.stop();
      return await this.#audit({ histories, progress, behind });
    } finally {
      stopLogging();
    }
  }

  /** A short run on a busy machine can end before its first cut, and would show nothing: it goes on until there is one. */
  async #firstCut(network: BadNetwork): Promise<void> {
    const deadline = performance.now() + this.#plan.timeoutSeconds * 1_000;
    while (totalCuts(network.counts) === 0 && performance.now() < deadline) await wait(CUT_CHECK_INTERVAL_MS);
  }

  async cleanUp(): Promise<void> {
    await this.#clients?.terminate();
    await this.#network?.close();
    await this.#system?.kill();
    if (this.#folder !== "" && !this.#keepFolder) await rm(this.#folder, { recursive: true, force: true });
  }

  #createSystem(): Promise<ChaosSystem> {
    const { servers } = this.#plan;
    const env = { LIMIT_RESUME_EVENTS: String(RESUME_EVENTS) };
    if (servers === 1) return SingleServer.create(this.#folder, env);
    const random = this.#random.fork(4);
    return Cluster.create({ folder: this.#folder, servers, random, ...(this.#programs ?? notStarted()) }, env);
  }

  #orServerFailure<T>(step: Promise<T>): Promise<T> {
    return Promise.race([step, (this.#system ?? notStarted()).failure]);
  }

  #clientSpecs(tokens: readonly string[], rooms: readonly string[]): ClientSpec[] {
    const { clients, devicesPerUser, roomsPerClient } = this.#plan;
    const random = this.#random.fork(3);
    return Array.from({ length: clients }, (_, index) => ({
      index,
      token: tokens[Math.floor(index / devicesPerUser)] ?? "",
      rooms: random.sample(rooms, roomsPerClient),
      emoji: emojiOf(index % devicesPerUser),
    }));
  }

  #logProgress(startedAt: number): () => void {
    const timer = setInterval(() => {
      void this.#progressLine(startedAt).then(
        (line) => this.#log(line),
        // The run itself fails with the same error.
        () => {},
      );
    }, PROGRESS_INTERVAL_MS);
    return () => clearInterval(timer);
  }

  async #progressLine(startedAt: number): Promise<string> {
    const progress = (await this.#clients?.progress()) ?? NO_PROGRESS;
    const { connected, sent, acknowledged, changed, deliveries, resets } = progress;
    const counts = this.#network?.counts;
    return [
      `${Math.round((performance.now() - startedAt) / 1_000)} s`.padStart(6),
      `${connected}/${this.#plan.clients} connected`,
      `${acknowledged}/${sent} messages acknowledged`,
      `${changed} changes`,
      `${deliveries} deliveries`,
      `${counts === undefined ? 0 : totalCuts(counts)} cuts (${counts?.cuts["mid-frame"] ?? 0} mid-frame)`,
      `${resets} resets`,
      `${Object.values(this.#system?.faults ?? {}).reduce((sum, count) => sum + count, 0)} faults of servers`,
    ].join(", ");
  }

  async #audit({ histories, progress, behind }: RunObservations): Promise<ChaosResult> {
    const system = this.#system ?? notStarted();
    const snapshot = await system.readSnapshot();
    const findings = auditSnapshot(snapshot);
    for (const [room, history] of histories) auditHistory(snapshot, room, history, findings);
    const audit = await (this.#clients ?? notStarted()).audit(snapshot);
    findings.merge(audit.counts, audit.evidence);
    const outages = (await this.#clients?.outages()) ?? [];
    const { counts } = this.#network ?? notStarted();
    const rooms = [...snapshot.values()];
    const result: ChaosResult = {
      plan: this.#plan,
      sent: progress.sent,
      acknowledged: progress.acknowledged,
      posted: rooms.reduce((sum, { messages }) => sum + messages.length, 0),
      logged: rooms.reduce((sum, { log }) => sum + log.length, 0),
      changes: audit.changes,
      refusals: audit.refusals,
      deliveries: progress.deliveries,
      resets: progress.resets,
      faults: system.faults,
      network: counts,
      catchUpMs: distributionOf(outages.map(({ openAt, caughtUpAt }) => caughtUpAt - openAt)),
      behind,
      counts: findings.counts,
      evidence: findings.evidence,
      evidenceFolder: null,
    };
    if (findings.isEmpty && behind.length === 0) return result;
    this.#keepFolder = true;
    await writeFile(join(this.#folder, "evidence.json"), `${JSON.stringify(result, null, 2)}\n`);
    return { ...result, evidenceFolder: this.#folder };
  }
}

interface RunObservations {
  readonly histories: ReadonlyMap<string, Awaited<ReturnType<typeof readHistory>>>;
  readonly progress: Awaited<ReturnType<ClientPool["progress"]>>;
  readonly behind: readonly string[];
}

const NO_PROGRESS = { connected: 0, sent: 0, acknowledged: 0, changed: 0, deliveries: 0, resets: 0 };

function notStarted(): never {
  throw new Error("Expected the run to have started.");
}
