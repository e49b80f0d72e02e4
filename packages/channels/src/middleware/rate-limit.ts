import { refuse } from "../consumer/application.ts";
import type { FrameGuard, FrameVerdict } from "../consumer/frame-guard.ts";
import type { WebSocketScope } from "../consumer/scope.ts";
import { ChannelsError } from "../errors.ts";
import { requireInteger } from "../layer/layer-options.ts";
import type { Middleware } from "./middleware.ts";
import { type Rate, TokenBucket, TokenBuckets } from "./token-bucket.ts";

/** How much clients may send. A rate that is left out does not limit. */
export interface RateLimitOptions {
  /** Frames on each connection. */
  readonly perConnection?: Rate;
  /** Frames of one user on all connections of this process. */
  readonly perUser?: Rate;
  /** Handshakes from one address; beyond it 429. */
  readonly handshakesPerAddress?: Rate;
  /**
   * What tells users apart; `undefined` for those who are not counted.
   * @default the client's address
   */
  readonly userKey?: (scope: WebSocketScope) => string | undefined;
  /**
   * What becomes of a frame too many: the connection closes with `closeCode`, or the frame is dropped without a word.
   * @default "close"
   */
  readonly onLimit?: "close" | "drop";
  /**
   * @default 1008
   */
  readonly closeCode?: number;
  /**
   * Users and addresses that are remembered; beyond it those that were quiet for longest are forgotten.
   * @default 100_000
   */
  readonly maxKeys?: number;
  /**
   * Milliseconds of a clock that never goes back.
   * @default performance.now
   */
  readonly now?: () => number;
}

/**
 * Limits what clients send. Put it behind the authentication, so that `userKey` sees the user.
 * @throws InvalidOption naming the option that is out of bounds.
 */
export function rateLimit(options: RateLimitOptions): Middleware {
  const { perConnection, perUser, handshakesPerAddress } = options;
  for (const [name, rate] of Object.entries({ perConnection, perUser, handshakesPerAddress })) validateRate(name, rate);
  const maxKeys = requireInteger("maxKeys", options.maxKeys ?? 100_000, 1, 10_000_000);
  const now = options.now ?? (() => performance.now());
  const userKey = options.userKey ?? ((scope: WebSocketScope) => scope.client.address);
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

function validateRate(option: string, rate: Rate | undefined): void {
  if (rate === undefined) return;
  requireInteger(`${option}.burst`, rate.burst, 1, Number.MAX_SAFE_INTEGER);
  if (!(Number.isFinite(rate.perSecond) && rate.perSecond > 0)) {
    throw new ChannelsError("InvalidOption", {
      option: `${option}.perSecond`,
      expected: "a number above 0",
      got: rate.perSecond,
    });
  }
}
