import { Random } from "../clients/random.ts";
import { DICTIONARY } from "./corpus.ts";
import { Coverage } from "./coverage.ts";
import { usedHeapMb } from "./heap.ts";
import { mutateText } from "./mutate.ts";
import type { Failure, TargetResult } from "./result.ts";
import { shrink } from "./shrink.ts";
import { Finding, type Target, type TargetName } from "./target.ts";

export interface FuzzOptions {
  readonly inputs: number;
  readonly seed: number;
  readonly signal?: AbortSignal;
  /** Whether coverage chooses the inputs of the targets that allow it. @default true */
  readonly isGuided?: boolean;
  readonly onProgress?: (done: number) => void;
  readonly onFailure?: (failure: Failure) => void;
}

/** The processor time of the main thread that one input may take. */
export const MAX_INPUT_CPU_MS = 50;
/** What may remain in memory of all inputs together: caches have bounds, and this is more than all of them. */
export const MAX_HEAP_GROWTH_MB = 48;
const MAX_FAILURES = 5;
const MAX_CORPUS = 2_000;
const BATCH_SIZE = 200;
/** A slow input is repeated, because a garbage collection or a compilation may have fallen into it. */
const REPEATS_OF_SLOW_INPUT = 3;

/** Runs one target over its inputs. Stops early after a few failures or when the signal fires. */
export async function fuzzTarget(name: TargetName, target: Target, options: FuzzOptions): Promise<TargetResult> {
  return new FuzzRun(name, target, options).run();
}

class FuzzRun {
  readonly #name: TargetName;
  readonly #target: Target;
  readonly #options: FuzzOptions;
  readonly #random: Random;
  readonly #corpus: string[];
  readonly #failures: Failure[] = [];
  #slowestMs = 0;

  constructor(name: TargetName, target: Target, options: FuzzOptions) {
    this.#name = name;
    this.#target = target;
    this.#options = options;
    this.#random = new Random(options.seed);
    this.#corpus = [...target.corpus];
  }

  async run(): Promise<TargetResult> {
    const { inputs, onProgress, isGuided = true } = this.#options;
    const startedAt = performance.now();
    const { guidedBy } = this.#target;
    await using coverage = isGuided && guidedBy !== undefined ? await Coverage.start(guidedBy) : undefined;
    let done = 0;
    for (const input of this.#corpus.slice(0, inputs)) await this.#try(input, done++);
    if (coverage !== undefined) coverage.markSeen(await coverage.takeNew());
    const before = { blocks: coverage?.blockCount ?? 0, corpus: this.#corpus.length };
    // The first inputs load code and fill caches.
    const warmUp = Math.min(inputs, done + Math.ceil(inputs / 10));
    let heapBefore: number | undefined;
    while (done < inputs && this.#failures.length < MAX_FAILURES && !this.#isStopped()) {
      if (heapBefore === undefined && done >= warmUp) heapBefore = await usedHeapMb();
      const batch: string[] = [];
      for (; batch.length < BATCH_SIZE && done < inputs && !this.#isStopped(); done += 1) {
        const input = this.#next();
        await this.#try(input, done);
        batch.push(input);
      }
      if (coverage !== undefined) await this.#keepNew(batch, coverage);
      onProgress?.(done);
      // Lets a message of the parent process through.
      await new Promise((resolve) => setImmediate(resolve));
    }
    const heapAfter = await usedHeapMb();
    const heapMb = { before: heapBefore ?? heapAfter, after: heapAfter };
    if (heapMb.after - heapMb.before > MAX_HEAP_GROWTH_MB) {
      this.#report("", done, `the heap grew from ${heapMb.before.toFixed(1)} to ${heapMb.after.toFixed(1)} MB`);
    }
    return {
      target: this.#name,
      inputs: done,
      seconds: (performance.now() - startedAt) / 1000,
      slowestMs: this.#slowestMs,
      coverage: coverage === undefined ? undefined : { before: before.blocks, after: coverage.blockCount },
      corpus: { before: before.corpus, after: this.#corpus.length },
      heapMb,
      failures: this.#failures,
    };
  }

  #isStopped(): boolean {
    return this.#options.signal?.aborted === true;
  }

  #next(): string {
    const random = this.#random;
    if (random.chance(0.4)) return this.#target.generate(random);
    const isBinary = this.#target.isBinary ?? false;
    return mutateText(random.pick(this.#corpus), this.#corpus, { random, dictionary: DICTIONARY, isBinary });
  }

  /** Adds to the corpus the inputs of a batch that ran code which no input had run before. */
  async #keepNew(batch: readonly string[], coverage: Coverage): Promise<void> {
    const missing = new Set(await coverage.takeNew());
    await this.#searchNew(batch, missing, coverage);
    // What only the whole batch reaches, such as the second use of a cache, belongs to no input.
    coverage.markSeen([...missing]);
  }

  /** Finds the inputs by halves: reading the coverage costs far more than running an input. */
  async #searchNew(inputs: readonly string[], missing: Set<string>, coverage: Coverage): Promise<void> {
    if (missing.size === 0 || this.#failures.length > 0) return;
    for (const input of inputs) await this.#target.run(input);
    const found = (await coverage.takeNew()).filter((block) => missing.has(block));
    if (found.length === 0) return;
    const [input] = inputs;
    if (inputs.length > 1 || input === undefined) {
      const middle = Math.ceil(inputs.length / 2);
      await this.#searchNew(inputs.slice(0, middle), missing, coverage);
      return this.#searchNew(inputs.slice(middle), missing, coverage);
    }
    coverage.markSeen(found);
    for (const block of found) missing.delete(block);
    if (this.#corpus.length < MAX_CORPUS) this.#corpus.push(input);
  }

  async #try(input: string, index: number): Promise<void> {
    const outcome = await this.#measure(input);
    if (outcome.failure !== undefined) {
      const { failure } = outcome;
      // The same failure again says nothing new.
      if (this.#failures.some(({ message }) => message === failure)) return;
      const fails = async (candidate: string) => (await this.#measure(candidate)).failure === failure;
      return this.#report(await shrink(input, fails), index, failure);
    }
    let { cpuMs } = outcome;
    const maxCpuMs = this.#target.maxInputCpuMs ?? MAX_INPUT_CPU_MS;
    for (let repeats = 0; cpuMs > maxCpuMs && repeats < REPEATS_OF_SLOW_INPUT; repeats += 1) {
      cpuMs = Math.min(cpuMs, (await this.#measure(input)).cpuMs);
    }
    if (cpuMs > maxCpuMs) {
      const isSlow = async (candidate: string) => (await this.#measure(candidate)).cpuMs > maxCpuMs;
      return this.#report(await shrink(input, isSlow), index, `took ${cpuMs.toFixed(0)} ms of the main thread`);
    }
    this.#slowestMs = Math.max(this.#slowestMs, cpuMs);
  }

  /** Measures processor time, not the clock: other programs on the machine do not count. */
  async #measure(input: string): Promise<{ readonly cpuMs: number; readonly failure?: string }> {
    const before = process.threadCpuUsage();
    let failure: string | undefined;
    try {
      // Most targets are synchronous; awaiting them would cost more than the run.
      const running = this.#target.run(input);
      if (running !== undefined) await running;
    } catch (error) {
      failure = describe(error);
    }
    const { user, system } = process.threadCpuUsage(before);
    const cpuMs = (user + system) / 1000;
    return failure === undefined ? { cpuMs } : { cpuMs, failure };
  }

  #report(input: string, index: number, message: string): void {
    const failure = { target: this.#name, seed: this.#options.seed, index, message, input };
    this.#failures.push(failure);
    this.#options.onFailure?.(failure);
  }
}

function describe(error: unknown): string {
  if (error instanceof Finding) return error.message;
  if (!(error instanceof Error)) return `threw ${String(error)}`;
  const at = error.stack?.split("\n").find((line) => line.trim().startsWith("at ")) ?? "";
  return `threw ${error.name}: ${error.message.slice(0, 200)} ${at.trim()}`;
}
