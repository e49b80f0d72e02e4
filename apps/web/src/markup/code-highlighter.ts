import type { CodePiece } from "./highlight.ts";

export interface HighlightRequest {
  readonly id: number;
  readonly code: string;
  readonly language: string;
}

export type HighlightAnswer =
  | { readonly id: number; readonly phase: "started" }
  | { readonly id: number; readonly phase: "done"; readonly pieces: readonly CodePiece[] | undefined };

/** What is used of a worker. */
export interface HighlightWorker {
  onmessage: ((event: { readonly data: HighlightAnswer }) => void) | null;
  onerror: (() => void) | null;
  readonly postMessage: (request: HighlightRequest) => void;
  readonly terminate: () => void;
}

type Pieces = readonly CodePiece[] | undefined;

interface Job {
  readonly key: string;
  readonly request: HighlightRequest;
  readonly resolve: (pieces: Pieces) => void;
  /** Set with the second attempt. */
  isRetry?: boolean;
}

/** Real code takes a few milliseconds, on an idle device. */
const MAX_HIGHLIGHT_MS = 500;
/** For the second attempt: on a busy device real code can take seconds. */
const MAX_RETRY_MS = 10_000;
/** Including the time in which the worker and its grammar are loaded. */
const MAX_ANSWER_MS = 20_000;
/** Of blocks that scrolled by; the oldest stays without colors. */
const MAX_WAITING = 50;
const MAX_CACHED = 100;

/**
 * Splits code into pieces with colors in a worker, one block after the other. The grammars are not ours, and some take minutes for
 * code that was written to: the worker is then ended, and the block is tried once more, for longer, when no other block waits. If that
 * fails too, it stays without colors.
 */
export class CodeHighlighter {
  readonly #createWorker: () => HighlightWorker;
  readonly #cache = new Map<string, Pieces>();
  readonly #waiting: Job[] = [];
  /** Blocks that were given up once. */
  readonly #retries: Job[] = [];
  #current: Job | undefined;
  #worker: HighlightWorker | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #lastId = 0;

  constructor(createWorker: () => HighlightWorker) {
    this.#createWorker = createWorker;
  }

  /** Returns what is known already; null: nothing, and undefined: the code has no colors. */
  getCached(code: string, language: string): Pieces | null {
    const key = toKey(code, language);
    return this.#cache.has(key) ? this.#cache.get(key) : null;
  }

  highlight(code: string, language: string): Promise<Pieces> {
    const cached = this.getCached(code, language);
    if (cached !== null) return Promise.resolve(cached);
    this.#lastId += 1;
    const request = { id: this.#lastId, code, language };
    return new Promise((resolve) => {
      this.#waiting.push({ key: toKey(code, language), request, resolve });
      if (this.#waiting.length > MAX_WAITING) this.#waiting.shift()?.resolve(undefined);
      this.#next();
    });
  }

  #next(): void {
    if (this.#current !== undefined) return;
    this.#current = this.#waiting.shift() ?? this.#retries.shift();
    if (this.#current === undefined) return;
    this.#worker ??= this.#startWorker();
    this.#worker.postMessage(this.#current.request);
    this.#giveUpAfter(MAX_ANSWER_MS);
  }

  #startWorker(): HighlightWorker {
    const worker = this.#createWorker();
    worker.onmessage = ({ data }) => {
      if (data.id !== this.#current?.request.id) return;
      if (data.phase === "done") this.#finish(data.pieces);
      else this.#giveUpAfter(this.#current.isRetry ? MAX_RETRY_MS : MAX_HIGHLIGHT_MS);
    };
    worker.onerror = () => this.#giveUp();
    return worker;
  }

  #giveUpAfter(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#giveUp(), ms);
  }

  #giveUp(): void {
    this.#worker?.terminate();
    this.#worker = undefined;
    const job = this.#current;
    if (job === undefined || job.isRetry || this.#retries.length === MAX_WAITING) {
      this.#finish(undefined);
      return;
    }
    job.isRetry = true;
    this.#retries.push(job);
    this.#current = undefined;
    this.#next();
  }

  #finish(pieces: Pieces): void {
    clearTimeout(this.#timer);
    const job = this.#current;
    this.#current = undefined;
    if (job !== undefined) {
      this.#cache.set(job.key, pieces);
      if (this.#cache.size > MAX_CACHED) this.#cache.delete(this.#cache.keys().next().value ?? "");
      job.resolve(pieces);
    }
    this.#next();
  }
}

const toKey = (code: string, language: string): string => `${language}\n${code}`;

export const codeHighlighter = new CodeHighlighter(
  // Its messages are those of the file that it runs.
  () => new Worker(new URL("./highlight-worker.ts", import.meta.url), { type: "module" }) as unknown as HighlightWorker,
);
