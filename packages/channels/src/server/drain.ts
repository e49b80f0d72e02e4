import type { FrameContent } from "../consumer/frame.ts";
import { ChannelsError } from "../errors.ts";
import { MAX_DELAY_MS } from "../layer/clock.ts";
import { requireInteger } from "../layer/layer-options.ts";

/** How a server lets its connections go. */
export interface DrainOptions {
  /**
   * Milliseconds within which all are gone; what is left then is cut off.
   * @default 10_000
   */
  readonly withinMs?: number;
  /**
   * What each client is told first. `reconnectAfterMs` is another one for each, so that they do not come back as one crowd.
   * @default nothing; consumers are asked by `onDrain` in any case
   */
  readonly message?: (reconnectAfterMs: number) => FrameContent;
  /**
   * The longest that a client is asked to wait before it comes back, in milliseconds.
   * @default 5_000
   */
  readonly reconnectSpreadMs?: number;
}

export type ResolvedDrainOptions = Readonly<Required<Omit<DrainOptions, "message">> & Pick<DrainOptions, "message">>;

/** @throws InvalidOption naming the option that is out of bounds. */
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
