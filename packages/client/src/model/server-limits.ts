import { LIMITS, type Limits } from "@multichat/protocol";

/** The limits of the server. Until it has reported them, and where it is too old to do so, those of the protocol apply. */
export class ServerLimits {
  #reported: Partial<Limits> | undefined;
  #current: Limits = LIMITS;
  /** The size of a frame that was refused, though it was within the reported limits: a proxy may have lower ones. */
  #refusedBytes = Number.POSITIVE_INFINITY;
  #lastFrameBytes: number | undefined;

  /** Whether the server has answered which limits it has: a command that exceeds them need not be sent. */
  get areKnown(): boolean {
    return this.#reported !== undefined;
  }

  get current(): Limits {
    return this.#current;
  }

  /** What the server reported itself, to be persisted; undefined when it has not answered. */
  get reported(): Partial<Limits> | undefined {
    return this.#reported;
  }

  /** @param limits from the server or the storage: what is not a limit of the protocol, or not a number, is ignored. */
  report(limits: unknown): void {
    const entries = typeof limits === "object" && limits !== null ? Object.entries(limits) : [];
    this.#reported = Object.fromEntries(
      entries.filter(([name, value]) => Object.hasOwn(LIMITS, name) && Number.isSafeInteger(value) && value >= 0),
    );
    const { frameBytes = LIMITS.frameBytes } = this.#reported;
    if (this.#lastFrameBytes !== frameBytes && this.#lastFrameBytes !== undefined)
      this.#refusedBytes = Number.POSITIVE_INFINITY;
    this.#lastFrameBytes = frameBytes;
    this.#current = { ...LIMITS, ...this.#reported, frameBytes: Math.min(frameBytes, this.#refusedBytes - 1) };
  }

  /**
   * The connection was closed because of a frame that was too large. What was reported does not hold any more: the server was
   * restarted with lower limits, or did not report any.
   */
  frameRefused(bytes: number): void {
    this.#refusedBytes = Math.min(this.#refusedBytes, bytes);
    this.#reported = undefined;
    this.#current = LIMITS;
  }
}

export function countBytes(frame: string): number {
  return new TextEncoder().encode(frame).length;
}

/** Returns an error text when the frame is larger than the server accepts: it would close the connection. Otherwise undefined. */
export function describeOversize(frame: string, { frameBytes }: Pick<Limits, "frameBytes">): string | undefined {
  // A code unit of UTF-16 takes at most three bytes in UTF-8.
  if (3 * frame.length <= frameBytes) return undefined;
  const bytes = countBytes(frame);
  if (bytes <= frameBytes) return undefined;
  return `It takes ${bytes} bytes, and this server accepts at most ${frameBytes}. Make it shorter.`;
}
