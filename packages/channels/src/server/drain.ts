import type { FrameContent } from "../consumer/frame.ts";
import { ChannelsError } from "../errors.ts";
import { MAX_DELAY_MS } from "../layer/clock.ts";
import { requireInteger } from "../layer/layer-options.ts";

/** How a server drains its connections. */
export interface DrainOptions {
  /**
   * The time limit in milliseconds; connections that are still open after it are terminated.
   * @default 10_000
   */
  readonly withinMs?: number;
  /**
   * Returns a frame to send to a client before its connection is closed. `reconnectAfterMs` differs from client to
   * client, so that they do not all reconnect at once.
   * @default no frame; `onDrain` of the consumers is called in any case
   */
  readonly message?: (reconnectAfterMs: number) => FrameContent;
  /**
   * The longest time that a client is asked to wait before it reconnects, in milliseconds.
   * @default 5_000
   */
  readonly reconnectSpreadMs?: number;
}

export type ResolvedDrainOptions = Readonly<Required<Omit<DrainOptions, "message">> & Pick<DrainOptions, "message">>;

/**
 * Validates the options and applies the defaults.
 * @throws InvalidOption naming the option that is out of bounds.
 */
export function resolveDrainOptions(options: DrainOptions = {}): ResolvedDrainOptions {
  if (options.message !== undefined && typeof options.message !== "function") {
    throw new ChannelsError("InvalidOption", { option: "message", expected: "a function", got: options.message });
  }
  const resolved = {
    withinMs: requireInteger("withinMs", options.withinMs ?? 10_000, 1, MAX_DELAY_MS),
    reconnectSpreadMs: requireInteger("reconnectSpreadMs", options.reconnectSpreadMs ?? 5_000, 0, MAX_DELAY_MS),
  };
  return Object.freeze(options.message === undefined ? resolved : { ...resolved, message: options.message });
}
