import type { FrameContent } from "../consumer/frame.ts";
import { ChannelsError } from "../errors.ts";
import { maxDelayMs } from "../layer/clock.ts";
import { wholeOption } from "../layer/layer-options.ts";

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
    withinMs: wholeOption("withinMs", options.withinMs ?? 10_000, 1, maxDelayMs),
    reconnectSpreadMs: wholeOption("reconnectSpreadMs", options.reconnectSpreadMs ?? 5_000, 0, maxDelayMs),
  };
  return Object.freeze(options.message === undefined ? resolved : { ...resolved, message: options.message });
}
