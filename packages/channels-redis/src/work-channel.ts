import type { Clock, ClockTimer, LayerMessage } from "@multichat/channels/layer";
import type { Codec } from "./codec.ts";
import { disconnected } from "./layer-errors.ts";
import type { QueueLink } from "./queue-link.ts";
import { RedisScript } from "./redis-script.ts";
import type { ResolvedWorkOptions } from "./work-options.ts";
import { claimScript, renewClaimsScript, settleScript } from "./work-scripts.ts";

/** A message that stays the layer's until it is settled; the worker's contract. */
export interface ClaimedMessage {
  readonly message: LayerMessage;
  /** Which try this is, from 1 on. */
  readonly attempt: number;
  /** It is done. @throws Error when the claim had lapsed, or the server is away: the message comes again. */
  ack(): Promise<void>;
  /** It failed: it comes again after a while, or becomes a dead letter when it has had its tries. */
  retry(error: unknown): Promise<void>;
}

/** What the work on all channels of a layer shares. */
export interface WorkContext {
  readonly links: readonly QueueLink[];
  readonly clock: Clock;
  readonly options: ResolvedWorkOptions;
  readonly codec: Codec;
  /** Seconds since the epoch before which what lies in the channel has expired. */
  readonly expiredBefore: (channel: string) => string;
  /** The channel, claims, waiting, tries, dead letters, and why they died. */
  readonly keysOf: (channel: string) => readonly string[];
  readonly topicOf: (channel: string) => string;
  readonly onError: (error: unknown, channel: string) => void;
}

export const claim = new RedisScript(claimScript);
export const settle = new RedisScript(settleScript);
export const renewClaims = new RedisScript(renewClaimsScript);

/** One try of one message. */
interface Claim {
  readonly bytes: Buffer;
  readonly attempt: number;
}

interface Taker {
  take(claimed: ClaimedMessage): void;
  fail(error: Error): void;
}

/** Claims asked for at once; more takers than that are served in turns. */
const mostAtOnce = 50;
/** Messages in one sign of life. */
const renewedAtOnce = 200;
/** Characters of an error that a dead letter keeps. */
const longestReason = 500;
/** Milliseconds until the next look after a server failed. */
const failedMs = 250;

/** The acknowledged work of one channel in this process: who waits for a message, and the claims that are held. */
export class WorkChannel {
  readonly #channel: string;
  readonly #context: WorkContext;
  readonly #takers: Taker[] = [];
  /** Claims at work here, by the server that they are on. */
  readonly #held = new Map<QueueLink, Set<Claim>>();
  #pumping = false;
  #again = false;
  #turn = 0;
  #look: ClockTimer | undefined;
  #renewal: ClockTimer | undefined;
  #closed = false;

  constructor(channel: string, context: WorkContext) {
    this.#channel = channel;
    this.#context = context;
  }

  /** Whether nobody waits and nothing is held. */
  get idle(): boolean {
    return this.#takers.length === 0 && this.#held.size === 0 && !this.#pumping;
  }

  async take(signal?: AbortSignal): Promise<ClaimedMessage> {
    signal?.throwIfAborted();
    return await new Promise<ClaimedMessage>((resolve, reject) => {
      const stop = () => {
        const place = this.#takers.indexOf(taker);
        if (place !== -1) this.#takers.splice(place, 1);
        if (this.#takers.length === 0) this.#stopLooking();
        reject(signal?.reason);
      };
      const taker: Taker = {
        take: (claimed) => {
          signal?.removeEventListener("abort", stop);
          resolve(claimed);
        },
        fail: (error) => {
          signal?.removeEventListener("abort", stop);
          reject(error);
        },
      };
      this.#takers.push(taker);
      signal?.addEventListener("abort", stop, { once: true });
      this.wake();
    });
  }

  /** There may be something: looks at once. */
  wake(): void {
    this.#again = true;
    if (!this.#pumping) void this.#pump();
  }

  /** What is held stays claimed until its time is over: whoever works at it may still be at it. */
  close(error: Error): void {
    this.#closed = true;
    this.#stopLooking();
    this.#stopRenewing();
    for (const taker of this.#takers.splice(0)) taker.fail(error);
  }

  async #pump(): Promise<void> {
    this.#pumping = true;
    this.#stopLooking();
    let waitMs = Number.POSITIVE_INFINITY;
    while (this.#again && this.#takers.length > 0 && !this.#closed) {
      this.#again = false;
      waitMs = this.#context.options.pollMs;
      for (let count = 0; count < this.#context.links.length && this.#takers.length > 0; count += 1) {
        const link = this.#nextLink();
        try {
          const { full, nextMs } = await this.#claimFrom(link);
          if (full) this.#again = true;
          waitMs = Math.min(waitMs, nextMs);
        } catch (error) {
          waitMs = Math.min(waitMs, failedMs);
          // A connection that was lost is known to be within this turn of the event loop.
          await new Promise((resolve) => setImmediate(resolve));
          // While it is away it is waited for; where there never was one, the takers are told.
          if (!link.usable && !link.away) this.#refuse(error);
          else if (link.usable) this.#context.onError(error, this.#channel);
        }
      }
    }
    this.#pumping = false;
    if (this.#takers.length > 0 && !this.#closed && Number.isFinite(waitMs)) {
      this.#look = this.#context.clock.setTimeout(() => this.wake(), Math.max(1, waitMs));
    }
  }

  async #claimFrom(link: QueueLink): Promise<{ readonly full: boolean; readonly nextMs: number }> {
    const { options, codec } = this.#context;
    await link.ready();
    const most = Math.min(this.#takers.length, mostAtOnce);
    const [nextMs, ...claimed] = (await claim.run(link.speaker.writing, this.#keys, [
      most,
      options.visibilityMs,
      options.maxAttempts,
      this.#keepSeconds,
      this.#context.expiredBefore(this.#channel),
      options.maxDeadLetters,
    ])) as [number, ...(Buffer | number)[]];
    for (let at = 0; at + 1 < claimed.length; at += 2) {
      const held = { bytes: claimed[at] as Buffer, attempt: Number(claimed[at + 1]) };
      this.#hold(link, held);
      const message = codec.decode(held.bytes);
      if (message === undefined) this.#settled(this.#settle(link, held, "dead", "it is no message of this layer"));
      else this.#hand(link, held, message);
    }
    return { full: claimed.length === 2 * most, nextMs: nextMs < 0 ? Number.POSITIVE_INFINITY : nextMs };
  }

  #hand(link: QueueLink, held: Claim, message: LayerMessage): void {
    const { attempt } = held;
    const taker = this.#takers.shift();
    if (taker === undefined) {
      // Whoever waited has gone in the meantime: somebody else's, then, and no try of anybody.
      this.#settled(this.#settle(link, held, "release", 0));
      return;
    }
    taker.take({
      message,
      attempt,
      ack: () => this.#settle(link, held, "ack", 0),
      retry: (error) => {
        if (attempt >= this.#context.options.maxAttempts) return this.#settle(link, held, "dead", reasonOf(error));
        return this.#settle(link, held, "retry", this.#backoff(attempt));
      },
    });
  }

  /** Of what nobody waits for. */
  #settled(settling: Promise<void>): void {
    settling.catch((error: unknown) => this.#context.onError(error, this.#channel));
  }

  async #settle(link: QueueLink, held: Claim, outcome: string, detail: string | number): Promise<void> {
    this.#letGo(link, held);
    let done: unknown;
    try {
      await link.ready();
      done = await settle.run(link.speaker.writing, this.#keys, [
        held.bytes,
        outcome,
        this.#keepSeconds,
        detail,
        this.#context.options.maxDeadLetters,
        this.#context.topicOf(this.#channel),
        held.attempt,
      ]);
    } catch (error) {
      throw disconnected(error);
    }
    if (done === 1) return;
    throw new Error(
      `A message of channel "${this.#channel}" was settled too late: it had been given up for lost, and comes again. ` +
        "Expected a sign of life within work.visibilityMs; raise it, or keep the event loop free.",
    );
  }

  #hold(link: QueueLink, claimed: Claim): void {
    const held = this.#held.get(link) ?? new Set<Claim>();
    this.#held.set(link, held.add(claimed));
    this.#scheduleRenewal();
  }

  #letGo(link: QueueLink, claimed: Claim): void {
    const held = this.#held.get(link);
    held?.delete(claimed);
    if (held?.size === 0) this.#held.delete(link);
    if (this.#held.size === 0) this.#stopRenewing();
  }

  #scheduleRenewal(): void {
    const { clock, options } = this.#context;
    if (this.#closed) return;
    this.#renewal ??= clock.setTimeout(() => void this.#renew(), Math.floor(options.visibilityMs / 3));
  }

  async #renew(): Promise<void> {
    this.#renewal = undefined;
    for (const [link, held] of [...this.#held]) {
      const all = [...held];
      for (let start = 0; start < all.length && link.usable; start += renewedAtOnce) {
        const some = all.slice(start, start + renewedAtOnce);
        const [, claims, , tries] = this.#keys;
        try {
          await renewClaims.run(
            link.speaker.writing,
            [claims ?? "", tries ?? ""],
            [
              this.#context.options.visibilityMs,
              this.#keepSeconds,
              ...some.flatMap(({ bytes, attempt }) => [bytes, attempt]),
            ],
          );
        } catch {
          // The server went: what lapses meanwhile is handed out again, and settling it says so.
        }
      }
    }
    if (this.#held.size > 0) this.#scheduleRenewal();
  }

  #refuse(error: unknown): void {
    for (const taker of this.#takers.splice(0)) taker.fail(disconnected(error));
  }

  get #keys(): readonly string[] {
    return this.#context.keysOf(this.#channel);
  }

  get #keepSeconds(): number {
    return Math.ceil(this.#context.options.keepMs / 1_000);
  }

  #backoff(attempt: number): number {
    const { backoffMs, maxBackoffMs } = this.#context.options;
    const wait = Math.min(maxBackoffMs, backoffMs * 2 ** (attempt - 1));
    return Math.round(wait * (0.75 + Math.random() / 4));
  }

  #nextLink(): QueueLink {
    this.#turn = (this.#turn + 1) % this.#context.links.length;
    const link = this.#context.links[this.#turn];
    if (link === undefined) throw new RangeError(`no server ${this.#turn}`);
    return link;
  }

  #stopLooking(): void {
    if (this.#look !== undefined) this.#context.clock.clearTimeout(this.#look);
    this.#look = undefined;
  }

  #stopRenewing(): void {
    if (this.#renewal !== undefined) this.#context.clock.clearTimeout(this.#renewal);
    this.#renewal = undefined;
  }
}

function reasonOf(error: unknown): string {
  return (error instanceof Error ? `${error.name}: ${error.message}` : String(error)).slice(0, longestReason);
}
