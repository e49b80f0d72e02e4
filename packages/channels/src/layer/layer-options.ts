import { ChannelsError } from "../errors.ts";
import { type CapacityRule, compileCapacityRules } from "./capacity.ts";
import { type Clock, MAX_DELAY_MS, systemClock } from "./clock.ts";

/** What every layer can be told; a layer may add options of its own. */
export interface LayerOptions {
  /**
   * Messages that a channel holds (L6).
   * @default 100
   */
  readonly capacity?: number;
  /**
   * Capacities by channel name; the first rule that matches counts.
   * @default []
   */
  readonly channelCapacity?: readonly CapacityRule[];
  /**
   * Milliseconds after which a message is no longer delivered (L7).
   * @default 60_000
   */
  readonly expiryMs?: number;
  /**
   * Milliseconds after its last `groupAdd` at which a membership is gone (L7).
   * @default 86_400_000
   */
  readonly groupExpiryMs?: number;
  /**
   * Where time comes from.
   * @default systemClock
   */
  readonly clock?: Clock;
  /**
   * Told when a receiver or a drop listener threw. It hurts nobody else (L8), and is counted in `stats().failed`.
   * @default a process warning, once a channel
   */
  readonly onError?: (error: unknown, channel: string) => void;
}

/** The options with their defaults filled in. */
export interface ResolvedLayerOptions {
  readonly capacityOf: (channel: string) => number;
  readonly expiryMs: number;
  readonly groupExpiryMs: number;
  readonly clock: Clock;
  readonly onError: (error: unknown, channel: string) => void;
}

/** What holds where nothing else was said. */
export const LAYER_DEFAULTS = Object.freeze({ capacity: 100, expiryMs: 60_000, groupExpiryMs: 86_400_000 });

/** @throws InvalidOption naming the option that is out of bounds. */
export function resolveLayerOptions(options: LayerOptions = {}): ResolvedLayerOptions {
  const capacity = requireInteger("capacity", options.capacity ?? LAYER_DEFAULTS.capacity, 1, Number.MAX_SAFE_INTEGER);
  const rules = options.channelCapacity ?? [];
  for (const [index, rule] of rules.entries()) {
    requireInteger(`channelCapacity[${index}].capacity`, rule.capacity, 1, Number.MAX_SAFE_INTEGER);
  }
  return Object.freeze({
    capacityOf: compileCapacityRules(rules, capacity),
    expiryMs: requireInteger("expiryMs", options.expiryMs ?? LAYER_DEFAULTS.expiryMs, 1, MAX_DELAY_MS),
    groupExpiryMs: requireInteger(
      "groupExpiryMs",
      options.groupExpiryMs ?? LAYER_DEFAULTS.groupExpiryMs,
      1,
      MAX_DELAY_MS,
    ),
    clock: options.clock ?? systemClock,
    onError: catchErrors(options.onError ?? createWarnOncePerChannel()),
  });
}

/** @throws InvalidOption unless `value` is a whole number from `least` to `most`. */
export function requireInteger(option: string, value: number, least: number, most: number): number {
  if (Number.isSafeInteger(value) && value >= least && value <= most) return value;
  throw new ChannelsError("InvalidOption", {
    option,
    expected: `a whole number from ${least} to ${most}`,
    got: value,
  });
}

/** A listener for errors that throws must not do what it was told about. */
function catchErrors(onError: (error: unknown, channel: string) => void): (error: unknown, channel: string) => void {
  return (error, channel) => {
    try {
      onError(error, channel);
    } catch (second) {
      process.emitWarning(`onError threw for channel "${channel}": ${String(second)}`, { type: "ChannelsWarning" });
    }
  };
}

const MAX_WARNED_CHANNELS = 1_000;

/** One warning a channel: a receiver that fails once mostly fails at every message, and a flood hides its cause. */
function createWarnOncePerChannel(): (error: unknown, channel: string) => void {
  const warned = new Set<string>();
  return (error, channel) => {
    if (warned.has(channel) || warned.size >= MAX_WARNED_CHANNELS) return;
    warned.add(channel);
    const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
    process.emitWarning(`A listener on channel "${channel}" threw; others were not affected. ${reason}`, {
      type: "ChannelsWarning",
      code: "RECEIVER_FAILED",
    });
  };
}
