import { Worker } from "node:worker_threads";
import type { DatabaseSnapshot } from "../audit/client-record.ts";
import { Findings } from "../audit/findings.ts";
import type { Outage } from "./outages.ts";
import type {
  AuditResult,
  CatchUpStatus,
  ClientBehavior,
  ClientSpec,
  PoolCommand,
  PoolReplies,
  PoolRequest,
  PoolResponse,
  Progress,
} from "./pool-commands.ts";

/** The main thread's handle of one pool thread. */
class PoolThread {
  readonly #worker = new Worker(new URL("./pool-thread.ts", import.meta.url));
  readonly #pending = new Map<
    number,
    { resolve(reply: PoolReplies[PoolCommand["do"]]): void; reject(error: Error): void }
  >();
  #requestCount = 0;
  #failure: Error | undefined;

  constructor() {
    this.#worker.on("message", (response: PoolResponse) => {
      const pending = this.#pending.get(response.id);
      this.#pending.delete(response.id);
      if ("ok" in response) pending?.resolve(response.ok);
      else pending?.reject(new Error(response.error));
    });
    this.#worker.on("error", (error) => this.#fail(error instanceof Error ? error : new Error(String(error))));
    this.#worker.on("exit", () => this.#fail(new Error("A pool thread exited before it was terminated.")));
  }

  run<C extends PoolCommand>(command: C): Promise<PoolReplies[C["do"]]> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      this.#requestCount += 1;
      const id = this.#requestCount;
      // The cast holds: a thread replies to each command with the type of that command's reply.
      this.#pending.set(id, { resolve: (reply) => resolve(reply as PoolReplies[C["do"]]), reject });
      this.#worker.postMessage({ id, command } satisfies PoolRequest);
    });
  }

  async terminate(): Promise<void> {
    await this.#worker.terminate();
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    for (const { reject } of this.#pending.values()) reject(error);
    this.#pending.clear();
  }
}

/** Many clients of the SDK, spread over a few threads. */
export class ClientPool {
  readonly size: number;
  readonly #threads: readonly PoolThread[];
  readonly #specs: readonly ClientSpec[];

  /** @param threads how many event loops share the clients */
  constructor(specs: readonly ClientSpec[], threads: number) {
    this.size = specs.length;
    this.#specs = specs;
    this.#threads = Array.from({ length: threads }, () => new PoolThread());
  }

  /** Connects all clients. Resolves when each has started to connect. */
  async start(behavior: ClientBehavior): Promise<void> {
    await Promise.all(
      this.#threads.map((thread, threadIndex) =>
        thread.run({
          do: "start",
          behavior,
          specs: this.#specs.filter(({ index }) => index % this.#threads.length === threadIndex),
        }),
      ),
    );
  }

  async startActing(): Promise<void> {
    await this.#runOnAll({ do: "startActing" });
  }

  async stopActing(): Promise<void> {
    await this.#runOnAll({ do: "stopActing" });
  }

  async progress(): Promise<Progress> {
    const parts = await this.#runOnAll({ do: "progress" });
    const total = (read: (part: Progress) => number) => parts.reduce((sum, part) => sum + read(part), 0);
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

  async catchUpStatus(lastSeqs: Readonly<Record<string, number>>): Promise<CatchUpStatus> {
    const parts = await this.#runOnAll({ do: "catchUpStatus", lastSeqs });
    return {
      caughtUp: parts.reduce((sum, { caughtUp }) => sum + caughtUp, 0),
      behind: parts.flatMap(({ behind }) => behind),
    };
  }

  /** Loads every client's gaps and disconnects it. */
  async close(): Promise<void> {
    await this.#runOnAll({ do: "close" });
  }

  async audit(snapshot: DatabaseSnapshot): Promise<AuditResult> {
    const parts = await this.#runOnAll({ do: "audit", snapshot });
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
    return (await this.#runOnAll({ do: "outages" })).flat();
  }

  async terminate(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.terminate()));
  }

  #runOnAll<C extends PoolCommand>(command: C): Promise<PoolReplies[C["do"]][]> {
    return Promise.all(this.#threads.map((thread) => thread.run(command)));
  }
}
