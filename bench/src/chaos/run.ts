import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { auditSnapshot } from "../audit/audit.ts";
import { readSnapshot } from "../audit/database-snapshot.ts";
import { listRooms, type ServerAccess, waitUntilCaughtUp } from "../clients/caught-up.ts";
import { ClientPool } from "../clients/client-pool.ts";
import type { ClientSpec } from "../clients/pool-commands.ts";
import { Random } from "../clients/random.ts";
import { freePort, Server, type ServerSettings } from "../multichat/server.ts";
import { createUsersAndRooms, signInAll } from "../multichat/users.ts";
import { interruption } from "../report/interruption.ts";
import { distributionOf } from "../report/quantile.ts";
import { auditHistory, readHistory } from "./audit-history.ts";
import { BadNetwork } from "./bad-network.ts";
import { type ChaosPlan, emojiOf, killTimes } from "./plan.ts";
import type { ChaosResult } from "./result.ts";

/** Threads that share the clients. */
const THREADS = 2;
const PROGRESS_INTERVAL_MS = 10_000;
/** Missed events that a resume replays before it resets. Below the default, so that runs include resets. */
const RESUME_EVENTS = 60;

type Log = (line: string) => void;

/** Does a whole run, from an empty folder to the audit. Everything that it started has ended when it settles. */
export async function runChaos(plan: ChaosPlan, log: Log, signal: AbortSignal): Promise<ChaosResult> {
  const run = new ChaosRun(plan, log);
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
  #server: Server | undefined;
  #serverFailed = Promise.withResolvers<never>();
  #network: BadNetwork | undefined;
  #clients: ClientPool | undefined;
  #kills = 0;
  #isCleanedUp = false;

  constructor(plan: ChaosPlan, log: Log) {
    this.#plan = plan;
    this.#log = log;
    this.#random = new Random(plan.seed);
    // Steps that need the server race with this promise; without one it must not end the process.
    this.#serverFailed.promise.catch(() => {});
  }

  async run(): Promise<ChaosResult> {
    const { clients: clientCount, rooms, devicesPerUser, minutes, faultIntervalSeconds, seed } = this.#plan;
    this.#folder = await mkdtemp(join(tmpdir(), "multichat-chaos-"));
    const settings: ServerSettings = {
      dataDir: join(this.#folder, "data"),
      port: await freePort(),
      env: { LIMIT_RESUME_EVENTS: String(RESUME_EVENTS) },
    };
    await mkdir(settings.dataDir);
    const userCount = Math.ceil(clientCount / devicesPerUser);
    await createUsersAndRooms(settings, userCount, rooms);
    await this.#startServer(settings);
    const url = `http://127.0.0.1:${settings.port}`;
    const tokens = await signInAll(url, userCount);
    const access: ServerAccess = { url, token: tokens[0] ?? "" };
    const roomIds = (await listRooms(access)).map(({ id }) => id);
    this.#log(`${userCount} users with ${devicesPerUser} devices each, ${roomIds.length} rooms; seed ${seed}.`);

    const network = new BadNetwork({ random: this.#random.fork(1), port: settings.port, faultIntervalSeconds });
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
        await this.#server?.kill();
        this.#kills += 1;
        await this.#startServer(settings);
      }
      await this.#orServerFailure(wait(Math.max(0, startedAt + minutes * 60_000 - performance.now())));
      await clients.stopActing();
      network.stopFaults();
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
      await this.#server?.stop();
      return await this.#audit({ histories, progress, behind });
    } finally {
      stopLogging();
    }
  }

  async cleanUp(): Promise<void> {
    this.#isCleanedUp = true;
    await this.#clients?.terminate();
    await this.#network?.close();
    await this.#server?.kill();
    if (this.#folder !== "" && !this.#keepFolder) await rm(this.#folder, { recursive: true, force: true });
  }

  async #startServer(settings: ServerSettings): Promise<void> {
    const server = await Server.start(settings);
    if (this.#isCleanedUp) {
      await server.kill();
      return;
    }
    this.#server = server;
    server.untilUnexpectedExit().catch((error: unknown) => this.#serverFailed.reject(error));
  }

  #orServerFailure<T>(step: Promise<T>): Promise<T> {
    return Promise.race([step, this.#serverFailed.promise]);
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
    const cuts = this.#network?.counts.cuts;
    const cutCount = cuts === undefined ? 0 : cuts["between-frames"] + cuts["mid-frame"] + cuts["before-reply"];
    return [
      `${Math.round((performance.now() - startedAt) / 1_000)} s`.padStart(6),
      `${connected}/${this.#plan.clients} connected`,
      `${acknowledged}/${sent} messages acknowledged`,
      `${changed} changes`,
      `${deliveries} deliveries`,
      `${cutCount} cuts (${cuts?.["mid-frame"] ?? 0} mid-frame)`,
      `${resets} resets`,
      `${this.#kills} kills`,
    ].join(", ");
  }

  async #audit({ histories, progress, behind }: RunObservations): Promise<ChaosResult> {
    const snapshot = readSnapshot(join(this.#folder, "data", "multichat.db"));
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
      kills: this.#kills,
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
