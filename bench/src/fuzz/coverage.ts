import { Session } from "node:inspector/promises";

/** Counts which parts of the code have run, by V8's own coverage. */
export class Coverage implements AsyncDisposable {
  readonly #session: Session;
  readonly #scripts: RegExp;
  readonly #seen = new Set<string>();

  private constructor(session: Session, scripts: RegExp) {
    this.#session = session;
    this.#scripts = scripts;
  }

  static async start(scripts: RegExp): Promise<Coverage> {
    const session = new Session();
    session.connect();
    await session.post("Profiler.enable");
    await session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: true });
    return new Coverage(session, scripts);
  }

  /** The blocks of code that have run so far. */
  get blockCount(): number {
    return this.#seen.size;
  }

  /** Returns the blocks that ran since the last call and never before. */
  async takeNew(): Promise<readonly string[]> {
    const { result } = await this.#session.post("Profiler.takePreciseCoverage");
    const found: string[] = [];
    for (const { url, functions } of result) {
      if (!this.#scripts.test(url)) continue;
      for (const { ranges } of functions) {
        for (const { startOffset, endOffset, count } of ranges) {
          if (count === 0) continue;
          const block = `${url}:${startOffset}:${endOffset}`;
          if (!this.#seen.has(block)) found.push(block);
        }
      }
    }
    return found;
  }

  markSeen(blocks: readonly string[]): void {
    for (const block of blocks) this.#seen.add(block);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#session.post("Profiler.stopPreciseCoverage");
    this.#session.disconnect();
  }
}
