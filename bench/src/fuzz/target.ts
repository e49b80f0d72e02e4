import type { Random } from "../clients/random.ts";

/** The kinds of input, each with how many of a million inputs it gets: about the same processor time for most. */
export const TARGET_SHARES = {
  markup: 300_000,
  search: 150_000,
  commands: 120_000,
  names: 320_000,
  codec: 14_000,
  "data-file": 8_000,
  "chat-socket": 40_000,
  "classic-socket": 20_000,
  http: 24_000,
  layer: 3_400,
  backup: 600,
} as const;

export type TargetName = keyof typeof TARGET_SHARES;

export const TARGET_NAMES = Object.keys(TARGET_SHARES) as readonly TargetName[];

/** What is fuzzed. Inputs are strings; bytes travel as Latin-1. */
export interface Target {
  /** Inputs to start from: the files in bench/corpus, and what the target adds. */
  readonly corpus: readonly string[];
  /** Whether inputs that reach new code join the corpus. Undefined: inputs are chosen without coverage. */
  readonly guidedBy?: RegExp;
  /** Whether the mutations are of bytes. @default characters */
  readonly isBinary?: boolean;
  /** The processor time of the main thread that one input may take, in milliseconds. @default 50 */
  readonly maxInputCpuMs?: number;
  /** Returns a new input, either generated from scratch or a structured change of one from the corpus. */
  generate(random: Random): string;
  /** Resolves when the input is handled. @throws Finding, or what the product threw. */
  run(input: string): void | Promise<void>;
  close?(): Promise<void>;
}

/** The product broke a rule on an input. */
export class Finding extends Error {
  override readonly name = "Finding";
}

/** @throws Finding with `message` unless the condition holds. */
export function expectThat(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Finding(message);
}
