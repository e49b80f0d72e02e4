import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { auditTruth } from "../crowd/audit.ts";
import { Crowd } from "../crowd/crowd.ts";
import { type Door, levelled, roomsOf } from "../crowd/levelled.ts";
import type { Casting } from "../crowd/orders.ts";
import { Random } from "../crowd/random.ts";
import { readTruth } from "../crowd/truth.ts";
import { settle, signIn } from "../multichat/people.ts";
import { freePort, Server, type ServerSettings } from "../multichat/server.ts";
import { interruption } from "../report/interruption.ts";
import { spread } from "../report/quantile.ts";
import { BadNetwork } from "./bad-network.ts";
import { auditHistory, readHistory } from "./history-door.ts";
import { type ChaosPlan, emojiOf, killTimes } from "./plan.ts";

import type { ChaosResult } from "./result.ts";

/** Threads that share the clients. */
const THREADS = 2;
const PROGRESS_EVERY_MS = 10_000;
/** Missed events that are replayed; beyond it a client starts afresh. Fewer than by default, so that this happens as well. */
const RESUME_EVENTS = 60;

type Say = (line: string) => void;

/** The whole run, from an empty folder to the audit. What it has started is gone when it settles. */
export async function runChaos(plan: ChaosPlan, say: Say, signal: AbortSignal): Promise<ChaosResult> {
  const run = new ChaosRun(plan, say);
  try {
    return await Promise.race([run.run(), interruption(signal)]);
  } finally {
    await run.clear();
  }
}

class ChaosRun {
  readonly #plan: ChaosPlan;
  readonly #say: Say;
  readonly #random: Random;
  #folder = "";
  #kept = false;
  #server: Server | undefined;
  #serverFailed = Promise.withResolvers<never>();
  #network: BadNetwork | undefined;
  #crowd: Crowd | undefined;
  #kills = 0;
  #cleared = false;

  constructor(plan: ChaosPlan, say: Say) {
    this.#plan = plan;
    this.#say = say;
    this.#random = new Random(plan.seed);
    // Whoever waits for something that the server does waits for this as well.
    this.#serverFailed.promise.catch(() => {});
  }

  async run(): Promise<ChaosResult> {
    const { clients, rooms, devices, minutes, faultEvery, seed } = this.#plan;
    this.#folder = await mkdtemp(join(tmpdir(), "multichat-chaos-"));
    const settings: ServerSettings = {
      dataDir: join(this.#folder, "data"),
      port: await freePort(),
      env: { LIMIT_RESUME_EVENTS: String(RESUME_EVENTS) },
    };
    await mkdir(settings.dataDir);
    const people = Math.ceil(clients / devices);
    await settle(settings, people, rooms);
    await this.#startServer(settings);
    const url = `http://127.0.0.1:${settings.port}`;
    const tokens = await signIn(url, people);
    const door: Door = { url, token: tokens[0] ?? "" };
    const ids = (await roomsOf(door)).map(({ id }) => id);
    this.#say(`${people} people with ${devices} devices each, ${ids.length} rooms; seed ${seed}.`);

    const network = new BadNetwork({ random: this.#random.fork(1), port: settings.port, meanSeconds: faultEvery });
    this.#network = network;
    const crowd = new Crowd(this.#cast(tokens, ids), Math.min(THREADS, clients));
    this.#crowd = crowd;
    const badUrl = `http://127.0.0.1:${await network.listen()}`;
    const script = {
      url: badUrl,
      seed,
      meanSeconds: this.#plan.actEvery,
      changes: 30,
      rampMs: Math.min(10_000, 10 * clients),
    };
    await this.#orFail(crowd.start(script));
    await crowd.act();
    const began = performance.now();
    const stopTelling = this.#tellProgress(began);
    try {
      for (const at of killTimes(this.#plan, this.#random.fork(2))) {
        await this.#orFail(wait(Math.max(0, began + at - performance.now())));
        await this.#server?.kill();
        this.#kills += 1;
        await this.#startServer(settings);
      }
      await this.#orFail(wait(Math.max(0, began + minutes * 60_000 - performance.now())));
      await crowd.rest();
      network.calm();
      this.#say("Quiet. Waiting until every client is level with every log …");
      const quietAt = performance.now();
      const behind = await this.#orFail(levelled(crowd, door, this.#plan.patience));
      this.#say(
        behind.length === 0 ? `All level after ${((performance.now() - quietAt) / 1_000).toFixed(1)} s.` : "Not level.",
      );
      const progress = await crowd.progress();
      await this.#orFail(crowd.close());
      const told = new Map<string, Awaited<ReturnType<typeof readHistory>>>();
      for (const id of ids) told.set(id, await readHistory(door, id));
      // What fell silent would keep its connections, and the server waiting for them.
      await network.close();
      await this.#server?.stop();
      return await this.#audit({ told, progress, behind });
    } finally {
      stopTelling();
    }
  }

  async clear(): Promise<void> {
    this.#cleared = true;
    await this.#crowd?.end();
    await this.#network?.close();
    await this.#server?.kill();
    if (this.#folder !== "" && !this.#kept) await rm(this.#folder, { recursive: true, force: true });
  }

  async #startServer(settings: ServerSettings): Promise<void> {
    const server = await Server.start(settings);
    if (this.#cleared) {
      await server.kill();
      return;
    }
    this.#server = server;
    server.watch().catch((error: unknown) => this.#serverFailed.reject(error));
  }

  #orFail<T>(work: Promise<T>): Promise<T> {
    return Promise.race([work, this.#serverFailed.promise]);
  }

  #cast(tokens: readonly string[], rooms: readonly string[]): Casting[] {
    const { clients, devices, roomsEach } = this.#plan;
    const random = this.#random.fork(3);
    return Array.from({ length: clients }, (_, index) => ({
      index,
      token: tokens[Math.floor(index / devices)] ?? "",
      rooms: random.some(rooms, roomsEach),
      emoji: emojiOf(index % devices),
    }));
  }

  #tellProgress(began: number): () => void {
    const timer = setInterval(() => {
      void this.#progressLine(began).then(
        (line) => this.#say(line),
        // The run itself fails of the same.
        () => {},
      );
    }, PROGRESS_EVERY_MS);
    return () => clearInterval(timer);
  }

  async #progressLine(began: number): Promise<string> {
    const { connected, sent, acknowledged, changed, deliveries, resets } = (await this.#crowd?.progress()) ?? nothing;
    const cuts = this.#network?.counts.cuts;
    const cut = cuts === undefined ? 0 : cuts["between-frames"] + cuts["mid-frame"] + cuts["after-asking"];
    return [
      `${Math.round((performance.now() - began) / 1_000)} s`.padStart(6),
      `${connected}/${this.#plan.clients} connected`,
      `${acknowledged}/${sent} messages acknowledged`,
      `${changed} changes`,
      `${deliveries} deliveries`,
      `${cut} cuts (${cuts?.["mid-frame"] ?? 0} mid-frame)`,
      `${resets} resets`,
      `${this.#kills} kills`,
    ].join(", ");
  }

  async #audit({ told, progress, behind }: Observed): Promise<ChaosResult> {
    const truth = readTruth(join(this.#folder, "data", "multichat.db"));
    const findings = auditTruth(truth);
    for (const [room, messages] of told) auditHistory(truth, room, messages, findings);
    const audited = await (this.#crowd ?? missing()).audit(truth);
    findings.merge(audited.counts, audited.evidence);
    const outages = (await this.#crowd?.outages()) ?? [];
    const { counts } = this.#network ?? missing();
    const result: ChaosResult = {
      plan: this.#plan,
      sent: progress.sent,
      acknowledged: progress.acknowledged,
      posted: [...truth.values()].reduce((sum, { messages }) => sum + messages.length, 0),
      logged: [...truth.values()].reduce((sum, { log }) => sum + log.length, 0),
      changes: audited.changes,
      refusals: audited.refusals,
      deliveries: progress.deliveries,
      resets: progress.resets,
      kills: this.#kills,
      network: counts,
      comingBackMs: spread(outages.map(({ openAt, levelAt }) => levelAt - openAt)),
      behind,
      counts: findings.counts,
      evidence: findings.evidence,
      keptIn: null,
    };
    if (findings.none && behind.length === 0) return result;
    this.#kept = true;
    await writeFile(join(this.#folder, "evidence.json"), `${JSON.stringify(result, null, 2)}\n`);
    return { ...result, keptIn: this.#folder };
  }
}

interface Observed {
  readonly told: ReadonlyMap<string, Awaited<ReturnType<typeof readHistory>>>;
  readonly progress: Awaited<ReturnType<Crowd["progress"]>>;
  readonly behind: readonly string[];
}

const nothing = { connected: 0, sent: 0, acknowledged: 0, changed: 0, deliveries: 0, resets: 0 };

function missing(): never {
  throw new Error("Expected the run to have begun.");
}
