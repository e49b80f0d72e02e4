import type { KnownProcess, SeenProcess } from "./control-messages.ts";

/** Anything with access to the server can claim to be a process. */
const MAX_PROCESSES = 10_000;

/** The other processes that are expected to answer: those that have said so lately. */
export class KnownProcesses {
  readonly #leaseMs: number;
  readonly #processes = new Map<string, { readonly name: string; readonly seenAt: number }>();
  #onFirst: (() => void) | undefined;

  constructor(leaseMs: number) {
    this.#leaseMs = leaseMs;
  }

  /**
   * Adds one that was seen just now, or by another process some time ago.
   */
  add({ channel, name }: KnownProcess, ageMs = 0): void {
    const seenAt = performance.now() - ageMs;
    const known = this.#processes.get(channel);
    if (known !== undefined ? known.seenAt >= seenAt : this.#processes.size >= MAX_PROCESSES) return;
    this.#processes.set(channel, { name, seenAt });
    this.#onFirst?.();
  }

  remove(channel: string): void {
    this.#processes.delete(channel);
  }

  others(): readonly SeenProcess[] {
    const now = performance.now();
    for (const [channel, { seenAt }] of this.#processes) {
      if (now - seenAt > this.#leaseMs) this.#processes.delete(channel);
    }
    return [...this.#processes].map(([channel, { name, seenAt }]) => ({
      channel,
      name,
      ageMs: Math.floor(now - seenAt),
    }));
  }

  /** Resolves when another process is known. */
  firstOther(): Promise<void> {
    return new Promise((resolve) => {
      this.#onFirst = resolve;
    });
  }
}
