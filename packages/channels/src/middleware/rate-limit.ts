import { refuse } from "../consumer/application.ts";
import type { FrameGuard, FrameVerdict } from "../consumer/frame-guard.ts";
import type { WebSocketScope } from "../consumer/scope.ts";
import { getUserId } from "../consumer/user-id.ts";
import { ChannelsError } from "../errors.ts";
import { requireInteger } from "../layer/require-integer.ts";
import { checkOptions } from "../options.ts";
import type { Middleware } from "./middleware.ts";
import { type Rate, TokenBucket, TokenBuckets } from "./token-bucket.ts";

/** Limits on what clients send. A rate that is left out is unlimited. */
export interface RateLimitOptions {
  /** Frames on each connection. */
  readonly perConnection?: Rate;
  /** Frames of one user on all connections of this process. */
  readonly perUser?: Rate;
  /** Handshakes from one address; further ones are refused with 429. */
  readonly handshakesPerAddress?: Rate;
  /**
   * Returns a key that identifies the user, or `undefined` for a connection without a limit.
   * @default `user.id`, as `userKey` of the server's options; the client's address for a user without one
   */
  readonly userKey?: (scope: WebSocketScope) => string | undefined;
  /**
   * Whether to close the connection with `closeCode` when a frame exceeds a limit, or to drop the frame silently.
   * @default "close"
   */
  readonly onLimit?: "close" | "drop";
  /**
   * The close code for a connection that exceeds a limit.
   * @default 1008
   */
  readonly closeCode?: number;
  /**
   * Number of users and of addresses to track; beyond it the least recently active are forgotten.
   * @default 100_000
   */
  readonly maxKeys?: number;
  /**
   * Returns the milliseconds of a monotonic clock.
   * @default performance.now
   */
  readonly now?: () => number;
}

/**
 * Limits the rate of frames and handshakes. Place it first, so that it counts the handshakes that the authentication refuses, too;
 * `userKey` gets the user in any place.
 * @throws InvalidOption naming the option that is out of bounds.
 */
export function rateLimit(options: RateLimitOptions): Middleware {
  checkOptions<RateLimitOptions>(options, {
    perConnection: true,
    perUser: true,
    handshakesPerAddress: true,
    userKey: true,
    onLimit: true,
    closeCode: true,
    maxKeys: true,
    now: true,
  });
  const { perConnection, perUser, handshakesPerAddress } = options;
  for (const [name, rate] of Object.entries({ perConnection, perUser, handshakesPerAddress })) validateRate(name, rate);
  if (options.onLimit !== undefined && options.onLimit !== "close" && options.onLimit !== "drop") {
    throw new ChannelsError("InvalidOption", {
      option: "onLimit",
      expected: '"close" or "drop"',
      got: options.onLimit,
    });
  }
  const maxKeys = requireInteger("maxKeys", options.maxKeys ?? 100_000, 1, 10_000_000);
  const now = options.now ?? (() => performance.now());
  const userKey = options.userKey ?? getDefaultKey;
  const tooMany: FrameVerdict =
    options.onLimit === "drop" ? "drop" : { close: options.closeCode ?? 1008, reason: "too many messages" };
  const users = perUser === undefined ? undefined : new TokenBuckets(perUser, maxKeys);
  const addresses = handshakesPerAddress === undefined ? undefined : new TokenBuckets(handshakesPerAddress, maxKeys);

  return async (scope, next) => {
    if (addresses?.take(scope.client.address, now()) === false) {
      return refuse(429, "too many connections", { "retry-after": "1" });
    }
    const resolution = await next(scope);
    if (resolution.kind === "refused") return resolution;
    const guards: FrameGuard[] = [...resolution.guards];
    if (perConnection !== undefined) {
      const bucket = new TokenBucket(perConnection, now());
      guards.push(() => (bucket.take(now()) ? "pass" : tooMany));
    }
    const user = userKey(resolution.scope);
    if (users !== undefined && user !== undefined) guards.push(() => (users.take(user, now()) ? "pass" : tooMany));
    return { ...resolution, guards };
  };
}

/** Says of which kind it is: a user may have any text as id, also an address. */
function getDefaultKey(scope: WebSocketScope): string {
  const id = getUserId(scope);
  return id === undefined ? `address ${scope.client.address}` : `user ${id}`;
}

function validateRate(option: string, rate: Rate | undefined): void {
  if (rate === undefined) return;
  checkOptions<Rate>(rate, { burst: true, perSecond: true }, `${option}.`);
  requireInteger(`${option}.burst`, rate.burst, 1, Number.MAX_SAFE_INTEGER);
  if (!(Number.isFinite(rate.perSecond) && rate.perSecond > 0)) {
    throw new ChannelsError("InvalidOption", {
      option: `${option}.perSecond`,
      expected: "a number above 0",
      got: rate.perSecond,
    });
  }
}
