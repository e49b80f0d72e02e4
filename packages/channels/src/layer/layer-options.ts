import { checkOptions, type OptionNames } from "../options.ts";
import { type CapacityRule, compileCapacityRules } from "./capacity.ts";
import { type Clock, MAX_DELAY_MS, systemClock } from "./clock.ts";
import { type HistoryPolicy, type HistoryRule, resolveHistoryPolicy } from "./history-policy.ts";
import { requireInteger } from "./require-integer.ts";

/** The options of every layer. A layer may add its own. */
export interface LayerOptions {
  /**
   * Number of messages that a channel holds (L6).
   * @default 100
   */
  readonly capacity?: number;
  /**
   * Capacities by channel name; the first rule that matches applies.
   * @default []
   */
  readonly channelCapacity?: readonly CapacityRule[];
  /**
   * Milliseconds after which an undelivered message expires (L7).
   * @default 60_000
   */
  readonly expiryMs?: number;
  /**
   * Milliseconds after its last `groupAdd` at which the membership of a channel without a listener ends (L7).
   * @default 86_400_000
   */
  readonly groupExpiryMs?: number;
  /**
   * Events of each group that are kept, so that a client that reconnects gets what it missed (L16); 0 to 10,000. Every process
   * that sends needs the same value.
   * @default 0
   */
  readonly history?: number;
  /**
   * Milliseconds for which an event is kept.
   * @default 300_000
   */
  readonly historyTtlMs?: number;
  /**
   * Histories by group name; the first rule that matches applies.
   * @default []
   */
  readonly groupHistory?: readonly HistoryRule[];
  /**
   * The source of time and timers.
   * @default systemClock
   */
  readonly clock?: Clock;
  /**
   * Called when a receiver or a drop listener threw. Others are not affected (L8), and `stats().failed` counts it.
   * @default a process warning, once for each channel
   */
  readonly onError?: (error: unknown, channel: string) => void;
}

/** The options with defaults applied. */
export interface ResolvedLayerOptions {
  readonly capacityOf: (channel: string) => number;
  readonly expiryMs: number;
  readonly groupExpiryMs: number;
  /** Undefined where no group has a history. */
  readonly historyOf: HistoryPolicy | undefined;
  readonly clock: Clock;
  readonly onError: (error: unknown, channel: string) => void;
}

/** The names of the options of every layer, to which a layer adds its own; pass them to `checkOptions`. */
export const LAYER_OPTION_NAMES: OptionNames<LayerOptions> = Object.freeze({
  capacity: true,
  channelCapacity: true,
  expiryMs: true,
  groupExpiryMs: true,
  history: true,
  historyTtlMs: true,
  groupHistory: true,
  clock: true,
  onError: true,
});

/** The defaults of the numeric options. */
export const LAYER_DEFAULTS = Object.freeze({
  capacity: 100,
  expiryMs: 60_000,
  groupExpiryMs: 86_400_000,
  history: 0,
  historyTtlMs: 300_000,
});

/**
 * Validates the options and applies the defaults.
 * @throws InvalidOption naming the option that is out of bounds.
 */
export function resolveLayerOptions(options: LayerOptions = {}): ResolvedLayerOptions {
  const capacity = requireInteger("capacity", options.capacity ?? LAYER_DEFAULTS.capacity, 1, Number.MAX_SAFE_INTEGER);
  const rules = options.channelCapacity ?? [];
  for (const [index, rule] of rules.entries()) {
    checkOptions<CapacityRule>(rule, { channel: true, capacity: true }, `channelCapacity[${index}].`);
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
    historyOf: resolveHistoryPolicy(
      {
        history: options.history ?? LAYER_DEFAULTS.history,
        historyTtlMs: options.historyTtlMs ?? LAYER_DEFAULTS.historyTtlMs,
      },
      options.groupHistory ?? [],
    ),
    clock: options.clock ?? systemClock,
    onError: catchErrors(options.onError ?? createWarnOncePerChannel()),
  });
}

/** Wraps an error listener so that its own error cannot stop the delivery. */
function catchErrors(onError: (error: unknown, channel: string) => void): (error: unknown, channel: string) => void {
  return (error, channel) => {
    try {
      onError(error, channel);
    } catch (thrown) {
      process.emitWarning(`onError threw for channel "${channel}": ${String(thrown)}`, { type: "ChannelsWarning" });
    }
  };
}

const MAX_WARNED_CHANNELS = 1_000;

/** A receiver that fails once usually fails for every message, and a flood of warnings would hide the cause. */
function createWarnOncePerChannel(): (error: unknown, channel: string) => void {
  const warned = new Set<string>();
  return (error, channel) => {
    if (warned.has(channel) || warned.size >= MAX_WARNED_CHANNELS) return;
    warned.add(channel);
    const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
    process.emitWarning(`The receiver of channel "${channel}" threw; others were not affected. ${reason}`, {
      type: "ChannelsWarning",
      code: "RECEIVER_FAILED",
    });
  };
}
