import type { KnownProcess, SeenProcess } from "./control-messages.ts";

/** Anything with access to the server can claim to be a process. */
const MAX_PROCESSES = 10_000;
/** How many of the processes do what one of them has to do: all of them would send a square of messages, and one may be dead. */
const DELEGATES = 3;

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

  /** Returns a text that is the same in every process that knows the same ones. @param own the channel of this process */
  digest(own: string): string {
    // A sum, so that the order in which they were seen does not matter.
    const sum = [own, ...this.#processes.keys()].reduce((total, channel) => (total + hashOf(channel)) >>> 0, 0);
    return `${(this.#processes.size + 1).toString(36)}${sum.toString(36).padStart(7, "0")}`;
  }

  /**
   * Returns whether this process is one of the few that do something for all, such as answering a process that has started. A
   * process that knows fewer others than they know never leaves it to one that leaves it to another.
   * @param task for which process it is, which does it not for itself, and more, so that it is not always the same ones
   */
  isDelegate(own: string, task: string): boolean {
    const rank = hashOf(task + own);
    let earlier = 0;
    for (const channel of this.#processes.keys()) {
      if (!task.startsWith(channel) && hashOf(task + channel) < rank) earlier += 1;
    }
    return earlier < DELEGATES;
  }

  /** Resolves when another process is known. */
  async firstOther(): Promise<void> {
    if (this.#processes.size > 0) return;
    await new Promise<void>((resolve) => {
      this.#onFirst = resolve;
    });
  }
}

/** FNV-1a with a finalizer: a single changed character changes every bit. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
