import { ChannelsError } from "../errors.ts";
import { type Clock, MAX_DELAY_MS, systemClock } from "../layer/clock.ts";
import { requireInteger } from "../layer/require-integer.ts";
import type { OptionNames } from "../options.ts";

/** The options of every presence. Durations are in milliseconds. */
export interface PresenceOptions {
  /**
   * The window in which changes are combined to one diff.
   * @default 250
   */
  readonly windowMs?: number;
  /**
   * The grace period: how long a member stays after its last connection was lost.
   * @default 5_000
   */
  readonly graceMs?: number;
  /**
   * The lease: how long the connections of a process count after its last renewal.
   * @default 30_000
   */
  readonly leaseMs?: number;
  /**
   * The interval at which a process renews its lease; at most half of the lease, so that one renewal can be late.
   * @default 10_000
   */
  readonly renewMs?: number;
  /**
   * The source of time and timers.
   * @default systemClock
   */
  readonly clock?: Clock;
  /**
   * Called when a listener threw.
   * @default a process warning
   */
  readonly onError?: (error: unknown, group: string) => void;
}

/** The names of the options of every presence, to which one adds its own; pass them to `checkOptions`. */
export const PRESENCE_OPTION_NAMES: OptionNames<PresenceOptions> = Object.freeze({
  windowMs: true,
  graceMs: true,
  leaseMs: true,
  renewMs: true,
  clock: true,
  onError: true,
});

/** The options with defaults applied. */
export type ResolvedPresenceOptions = Readonly<Required<PresenceOptions>>;

/** The defaults of the numeric options. */
export const PRESENCE_DEFAULTS = Object.freeze({ windowMs: 250, graceMs: 5_000, leaseMs: 30_000, renewMs: 10_000 });

/**
 * Validates the options and applies the defaults.
 * @throws InvalidOption naming the option that is out of bounds.
 */
export function resolvePresenceOptions(options: PresenceOptions = {}): ResolvedPresenceOptions {
  const leaseMs = requireInteger("leaseMs", options.leaseMs ?? PRESENCE_DEFAULTS.leaseMs, 2, MAX_DELAY_MS);
  const renewMs = options.renewMs ?? Math.min(PRESENCE_DEFAULTS.renewMs, Math.floor(leaseMs / 2));
  return Object.freeze({
    windowMs: requireInteger("windowMs", options.windowMs ?? PRESENCE_DEFAULTS.windowMs, 0, MAX_DELAY_MS),
    graceMs: requireInteger("graceMs", options.graceMs ?? PRESENCE_DEFAULTS.graceMs, 0, MAX_DELAY_MS),
    leaseMs,
    renewMs: requireInteger("renewMs", renewMs, 1, Math.floor(leaseMs / 2)),
    clock: options.clock ?? systemClock,
    onError: options.onError ?? emitListenerWarning,
  });
}

const MAX_ID_LENGTH = 200;

/**
 * Checks the id of a member or a connection.
 * @throws InvalidName unless it is a string of 1 to 200 characters.
 */
export function checkPresenceId(kind: "member" | "connection", id: string): void {
  if (!isPresenceId(id)) throw new ChannelsError("InvalidName", { kind, got: id });
}

/** Whether a value can be the id of a member or a connection. */
export function isPresenceId(id: unknown): id is string {
  return typeof id === "string" && id.length > 0 && id.length <= MAX_ID_LENGTH;
}

function emitListenerWarning(error: unknown, group: string): void {
  const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.emitWarning(`A presence listener of group "${group}" threw; others were not affected. ${reason}`, {
    type: "ChannelsWarning",
    code: "LISTENER_FAILED",
  });
}
