import { Worker } from "node:worker_threads";
import type { Truth } from "./audit.ts";
import { Findings } from "./findings.ts";
import type { Answer, Answers, Audited, Casting, Levelled, Order, Progress, Script, Told } from "./orders.ts";
import type { Outage } from "./outages.ts";

/** One thread of the crowd, as the main thread sees it. */
class CrowdThread {
  readonly #worker = new Worker(new URL("./crowd-thread.ts", import.meta.url));
  readonly #waiting = new Map<number, { resolve(answer: Answers[Order["do"]]): void; reject(error: Error): void }>();
  #orders = 0;
  #failed: Error | undefined;

  constructor() {
    this.#worker.on("message", (answer: Answer) => {
      const waiting = this.#waiting.get(answer.id);
      this.#waiting.delete(answer.id);
      if ("ok" in answer) waiting?.resolve(answer.ok);
      else waiting?.reject(new Error(answer.error));
    });
    this.#worker.on("error", (error) => this.#fail(error instanceof Error ? error : new Error(String(error))));
    this.#worker.on("exit", () => this.#fail(new Error("A thread of clients ended before it was told to.")));
  }

  tell<O extends Order>(order: O): Promise<Answers[O["do"]]> {
    if (this.#failed !== undefined) return Promise.reject(this.#failed);
    return new Promise((resolve, reject) => {
      this.#orders += 1;
      // The answer to an order of this kind is of its type.
      this.#waiting.set(this.#orders, { resolve: (answer) => resolve(answer as Answers[O["do"]]), reject });
      this.#worker.postMessage({ id: this.#orders, order } satisfies Told);
    });
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }

  #fail(error: Error): void {
    this.#failed ??= error;
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}

/** Many clients of the SDK, on a few threads. */
export class Crowd {
  readonly size: number;
  readonly #threads: readonly CrowdThread[];
  readonly #cast: readonly Casting[];

  /** @param threads how many event loops share the clients */
  constructor(cast: readonly Casting[], threads: number) {
    this.size = cast.length;
    this.#cast = cast;
    this.#threads = Array.from({ length: threads }, () => new CrowdThread());
  }

  /** Connects all of them; resolves when each has begun to. */
  async start(script: Script): Promise<void> {
    await Promise.all(
      this.#threads.map((thread, which) =>
        thread.tell({
          do: "start",
          script,
          cast: this.#cast.filter(({ index }) => index % this.#threads.length === which),
        }),
      ),
    );
  }

  async act(): Promise<void> {
    await this.#all({ do: "act" });
  }

  async rest(): Promise<void> {
    await this.#all({ do: "rest" });
  }

  async progress(): Promise<Progress> {
    const parts = await this.#all({ do: "progress" });
    const total = (of: (part: Progress) => number) => parts.reduce((sum, part) => sum + of(part), 0);
    return {
      connected: total((part) => part.connected),
      sent: total((part) => part.sent),
      acknowledged: total((part) => part.acknowledged),
      changed: total((part) => part.changed),
      deliveries: total((part) => part.deliveries),
      resets: total((part) => part.resets),
      outages: total((part) => part.outages),
    };
  }

  async level(lastSeqs: Readonly<Record<string, number>>): Promise<Levelled> {
    const parts = await this.#all({ do: "level", lastSeqs });
    return { level: parts.reduce((sum, { level }) => sum + level, 0), others: parts.flatMap(({ others }) => others) };
  }

  /** Every client shows all it can, and goes. */
  async close(): Promise<void> {
    await this.#all({ do: "close" });
  }

  async audit(truth: Truth): Promise<Audited> {
    const parts = await this.#all({ do: "audit", truth });
    const findings = new Findings();
    const changes = { acknowledged: 0, refused: 0, unknown: 0 };
    const refusals: Record<string, number> = {};
    for (const part of parts) {
      findings.merge(part.counts, part.evidence);
      for (const outcome of ["acknowledged", "refused", "unknown"] as const) changes[outcome] += part.changes[outcome];
      for (const [code, count] of Object.entries(part.refusals)) refusals[code] = (refusals[code] ?? 0) + count;
    }
    return { counts: findings.counts, evidence: findings.evidence, changes, refusals };
  }

  async outages(): Promise<readonly Outage[]> {
    return (await this.#all({ do: "outages" })).flat();
  }

  async end(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.end()));
  }

  #all<O extends Order>(order: O): Promise<Answers[O["do"]][]> {
    return Promise.all(this.#threads.map((thread) => thread.tell(order)));
  }
}
