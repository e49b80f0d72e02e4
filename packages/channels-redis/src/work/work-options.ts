import { checkOptions, MAX_DELAY_MS, requireInteger } from "@multichat/channels/layer";

/** Options of acknowledged work. */
export interface WorkOptions {
  /**
   * Milliseconds after which an unrenewed claim lapses and its message is delivered again (100 to 86,400,000). A process
   * renews its claims every third of this time.
   * @default 30_000
   */
  readonly visibilityMs?: number;
  /**
   * Attempts after which a message becomes a dead letter (1 to 1,000).
   * @default 5
   */
  readonly maxAttempts?: number;
  /**
   * Milliseconds before the second attempt, doubled before each further one, with up to a quarter of random jitter.
   * @default 1_000
   */
  readonly backoffMs?: number;
  /**
   * The longest of these delays, in milliseconds.
   * @default 60_000
   */
  readonly maxBackoffMs?: number;
  /**
   * Milliseconds between two polls for messages that are not announced: those of Python processes.
   * @default 250
   */
  readonly pollMs?: number;
  /**
   * Dead letters kept per channel and server; the oldest are deleted first (0 to 1,000,000).
   * @default 1_000
   */
  readonly maxDeadLetters?: number;
  /**
   * Milliseconds that a channel's claims, attempts and dead letters are kept after their last change.
   * @default 604_800_000
   */
  readonly keepMs?: number;
}

export type ResolvedWorkOptions = Readonly<Required<WorkOptions>>;

/** @throws InvalidOption naming the option that is out of bounds. */
export function resolveWorkOptions(options: WorkOptions = {}): ResolvedWorkOptions {
  checkOptions<WorkOptions>(
    options,
    {
      visibilityMs: true,
      maxAttempts: true,
      backoffMs: true,
      maxBackoffMs: true,
      pollMs: true,
      maxDeadLetters: true,
      keepMs: true,
    },
    "work.",
  );
  const whole = (name: keyof WorkOptions, defaultValue: number, min: number, max: number) =>
    requireInteger(`work.${name}`, options[name] ?? defaultValue, min, max);
  return Object.freeze({
    visibilityMs: whole("visibilityMs", 30_000, 100, 86_400_000),
    maxAttempts: whole("maxAttempts", 5, 1, 1_000),
    backoffMs: whole("backoffMs", 1_000, 0, MAX_DELAY_MS),
    maxBackoffMs: whole("maxBackoffMs", 60_000, 0, MAX_DELAY_MS),
    pollMs: whole("pollMs", 250, 10, 60_000),
    maxDeadLetters: whole("maxDeadLetters", 1_000, 0, 1_000_000),
    keepMs: whole("keepMs", 604_800_000, 1_000, MAX_DELAY_MS),
  });
}
