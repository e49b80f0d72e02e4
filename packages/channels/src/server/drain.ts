import type { FrameContent } from "../consumer/frame.ts";
import { ChannelsError } from "../errors.ts";
import { MAX_DELAY_MS } from "../layer/clock.ts";
import { requireInteger } from "../layer/require-integer.ts";
import { checkOptions } from "../options.ts";

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
  /**
   * Resolves with how many further clients to ask to reconnect, and is called until all have been asked. Another server at the
   * same address then receives them as fast as it can serve them. `withinMs` and `closeAfterMs` begin after the last one.
   * @default all at once
   */
  readonly nextBatch?: (remaining: number) => Promise<number>;
  /**
   * How long no connection is closed, in milliseconds. With another server at the same address already, set it to
   * `reconnectSpreadMs` or more: each client then leaves when it can reconnect at once, and only those that do not are closed.
   * @default 0
   */
  readonly closeAfterMs?: number;
}

export type ResolvedDrainOptions = Readonly<
  Required<Omit<DrainOptions, "message" | "nextBatch">> & Pick<DrainOptions, "message" | "nextBatch">
>;

/**
 * Validates the options and applies the defaults.
 * @throws InvalidOption naming the option that is out of bounds.
 */
export function resolveDrainOptions(options: DrainOptions = {}): ResolvedDrainOptions {
  checkOptions<DrainOptions>(options, {
    withinMs: true,
    message: true,
    reconnectSpreadMs: true,
    nextBatch: true,
    closeAfterMs: true,
  });
  const { message, nextBatch } = options;
  for (const [option, got] of Object.entries({ message, nextBatch })) {
    if (got === undefined || typeof got === "function") continue;
    throw new ChannelsError("InvalidOption", { option, expected: "a function", got });
  }
  const withinMs = requireInteger("withinMs", options.withinMs ?? 10_000, 1, MAX_DELAY_MS);
  const resolved = {
    withinMs,
    reconnectSpreadMs: requireInteger("reconnectSpreadMs", options.reconnectSpreadMs ?? 5_000, 0, MAX_DELAY_MS),
    closeAfterMs: requireInteger("closeAfterMs", options.closeAfterMs ?? 0, 0, withinMs),
  };
  return Object.freeze({
    ...resolved,
    ...(message === undefined ? {} : { message }),
    ...(nextBatch === undefined ? {} : { nextBatch }),
  });
}
