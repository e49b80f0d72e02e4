import { MAX_DELAY_MS, requireInteger } from "@multichat/channels/layer";

/** How messages that a worker acknowledges are handed out. */
export interface WorkOptions {
  /**
   * Milliseconds without a sign of life from its process (it gives one every third of them) after which a message is
   * handed out again (100 to 86,400,000).
   * @default 30_000
   */
  readonly visibilityMs?: number;
  /**
   * Tries after which a message becomes a dead letter (1 to 1,000).
   * @default 5
   */
  readonly maxAttempts?: number;
  /**
   * Milliseconds before the second try; twice that before the third, and so on, each with a quarter of chance.
   * @default 1_000
   */
  readonly backoffMs?: number;
  /**
   * The longest of these waits, in milliseconds.
   * @default 60_000
   */
  readonly maxBackoffMs?: number;
  /**
   * Milliseconds between two looks for what nobody announces: messages of Python processes.
   * @default 250
   */
  readonly pollMs?: number;
  /**
   * Dead letters kept a channel and server; the oldest go first (0 to 1,000,000).
   * @default 1_000
   */
  readonly maxDeadLetters?: number;
  /**
   * Milliseconds that claims, tries and dead letters of a channel are kept when nobody touches them any more.
   * @default 604_800_000
   */
  readonly keepMs?: number;
}

export type ResolvedWorkOptions = Readonly<Required<WorkOptions>>;

/** @throws InvalidOption naming the option that is out of bounds. */
export function resolveWorkOptions(options: WorkOptions = {}): ResolvedWorkOptions {
  const whole = (name: keyof WorkOptions, otherwise: number, least: number, most: number) =>
    requireInteger(`work.${name}`, options[name] ?? otherwise, least, most);
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
