import type { Clock, ClockTimer, LayerMessage } from "@multichat/channels/layer";
import type { Codec } from "../codec/codec.ts";
import { RedisScript } from "../connection/redis-script.ts";
import { disconnectedError } from "../layer-errors.ts";
import type { QueueConnection } from "../queue/queue-connection.ts";
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
  /** It becomes a dead letter at once: no second try would mend it. */
  deadLetter(error: unknown): Promise<void>;
}

/** What the work on all channels of a layer shares. */
export interface WorkContext {
  readonly connections: readonly QueueConnection[];
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

export const claimCommand = new RedisScript(claimScript);
export const settleCommand = new RedisScript(settleScript);
export const renewClaimsCommand = new RedisScript(renewClaimsScript);

/** One try of one message. */
interface Claim {
  readonly bytes: Buffer;
  readonly attempt: number;
}

interface Waiter {
  resolve(claimed: ClaimedMessage): void;
  reject(error: Error): void;
}

/** Claims asked for at once; more takers than that are served in turns. */
const MAX_CLAIMS_PER_READ = 50;
/** Messages in one sign of life. */
const MAX_RENEWALS_PER_COMMAND = 200;
/** Characters of an error that a dead letter keeps. */
const MAX_REASON_LENGTH = 500;
/** Milliseconds until the next look after a server failed. */
const FAILED_RETRY_MS = 250;

/** The acknowledged work of one channel in this process: who waits for a message, and the claims that are held. */
export class WorkChannel {
  readonly #channel: string;
  readonly #context: WorkContext;
  readonly #waiters: Waiter[] = [];
  /** Claims at work here, by the server that they are on. */
  readonly #held = new Map<QueueConnection, Set<Claim>>();
  #isPumping = false;
  #isWakePending = false;
  #lastIndex = 0;
  #poll: ClockTimer | undefined;
  #renewal: ClockTimer | undefined;
  #isClosed = false;

  constructor(channel: string, context: WorkContext) {
    this.#channel = channel;
    this.#context = context;
  }

  /** Whether nobody waits and nothing is held. */
  get isIdle(): boolean {
    return this.#waiters.length === 0 && this.#held.size === 0 && !this.#isPumping;
  }

  async take(signal?: AbortSignal): Promise<ClaimedMessage> {
    signal?.throwIfAborted();
    return await new Promise<ClaimedMessage>((resolve, reject) => {
      const stop = () => {
        const place = this.#waiters.indexOf(taker);
        if (place !== -1) this.#waiters.splice(place, 1);
        if (this.#waiters.length === 0) this.#stopPolling();
        reject(signal?.reason);
      };
      const taker: Waiter = {
        resolve: (claimed) => {
          signal?.removeEventListener("abort", stop);
          resolve(claimed);
        },
        reject: (error) => {
          signal?.removeEventListener("abort", stop);
          reject(error);
        },
      };
      this.#waiters.push(taker);
      signal?.addEventListener("abort", stop, { once: true });
      this.wake();
    });
  }

  /** There may be something: looks at once. */
  wake(): void {
    this.#isWakePending = true;
    if (!this.#isPumping) void this.#pump();
  }

  /** What is held stays claimed until its time is over: whoever works at it may still be at it. */
  close(error: Error): void {
    this.#isClosed = true;
    this.#stopPolling();
    this.#stopRenewing();
    for (const taker of this.#waiters.splice(0)) taker.reject(error);
  }

  async #pump(): Promise<void> {
    this.#isPumping = true;
    this.#stopPolling();
    let waitMs = Number.POSITIVE_INFINITY;
    while (this.#isWakePending && this.#waiters.length > 0 && !this.#isClosed) {
      this.#isWakePending = false;
      waitMs = this.#context.options.pollMs;
      for (let count = 0; count < this.#context.connections.length && this.#waiters.length > 0; count += 1) {
        const link = this.#nextConnection();
        try {
          const { full, nextMs } = await this.#claimFrom(link);
          if (full) this.#isWakePending = true;
          waitMs = Math.min(waitMs, nextMs);
        } catch (error) {
          waitMs = Math.min(waitMs, FAILED_RETRY_MS);
          // A connection that was lost is known to be within this turn of the event loop.
          await new Promise((resolve) => setImmediate(resolve));
          // While it is away it is waited for; where there never was one, the takers are told.
          if (!link.isReady && !link.isReconnecting) this.#rejectWaiters(error);
          else if (link.isReady) this.#context.onError(error, this.#channel);
        }
      }
    }
    this.#isPumping = false;
    if (this.#waiters.length > 0 && !this.#isClosed && Number.isFinite(waitMs)) {
      this.#poll = this.#context.clock.setTimeout(() => this.wake(), Math.max(1, waitMs));
    }
  }

  async #claimFrom(link: QueueConnection): Promise<{ readonly full: boolean; readonly nextMs: number }> {
    const { options, codec } = this.#context;
    await link.ready();
    const most = Math.min(this.#waiters.length, MAX_CLAIMS_PER_READ);
    const [nextMs, ...claimed] = (await claimCommand.run(link.commands.corked, this.#keys, [
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
      if (message === undefined)
        this.#reportFailure(this.#settle(link, held, "dead", "it is no message of this layer"));
      else this.#deliver(link, held, message);
    }
    return { full: claimed.length === 2 * most, nextMs: nextMs < 0 ? Number.POSITIVE_INFINITY : nextMs };
  }

  #deliver(link: QueueConnection, held: Claim, message: LayerMessage): void {
    const { attempt } = held;
    const taker = this.#waiters.shift();
    if (taker === undefined) {
      // Whoever waited has gone in the meantime: somebody else's, then, and no try of anybody.
      this.#reportFailure(this.#settle(link, held, "release", 0));
      return;
    }
    taker.resolve({
      message,
      attempt,
      ack: () => this.#settle(link, held, "ack", 0),
      deadLetter: (error) => this.#settle(link, held, "dead", reasonOf(error)),
      retry: (error) => {
        if (attempt >= this.#context.options.maxAttempts) return this.#settle(link, held, "dead", reasonOf(error));
        return this.#settle(link, held, "retry", this.#backoffMs(attempt));
      },
    });
  }

  /** Of what nobody waits for. */
  #reportFailure(settling: Promise<void>): void {
    settling.catch((error: unknown) => this.#context.onError(error, this.#channel));
  }

  async #settle(link: QueueConnection, held: Claim, outcome: string, detail: string | number): Promise<void> {
    this.#release(link, held);
    let done: unknown;
    try {
      await link.ready();
      done = await settleCommand.run(link.commands.corked, this.#keys, [
        held.bytes,
        outcome,
        this.#keepSeconds,
        detail,
        this.#context.options.maxDeadLetters,
        this.#context.topicOf(this.#channel),
        held.attempt,
      ]);
    } catch (error) {
      throw disconnectedError(error);
    }
    if (done === 1) return;
    throw new Error(
      `A message of channel "${this.#channel}" was settled too late: it had been given up for lost, and comes again. ` +
        "Expected a sign of life within work.visibilityMs; raise it, or keep the event loop free.",
    );
  }

  #hold(link: QueueConnection, claimed: Claim): void {
    const held = this.#held.get(link) ?? new Set<Claim>();
    this.#held.set(link, held.add(claimed));
    this.#scheduleRenewal();
  }

  #release(link: QueueConnection, claimed: Claim): void {
    const held = this.#held.get(link);
    held?.delete(claimed);
    if (held?.size === 0) this.#held.delete(link);
    if (this.#held.size === 0) this.#stopRenewing();
  }

  #scheduleRenewal(): void {
    const { clock, options } = this.#context;
    if (this.#isClosed) return;
    this.#renewal ??= clock.setTimeout(() => void this.#renew(), Math.floor(options.visibilityMs / 3));
  }

  async #renew(): Promise<void> {
    this.#renewal = undefined;
    for (const [link, held] of [...this.#held]) {
      const all = [...held];
      for (let start = 0; start < all.length && link.isReady; start += MAX_RENEWALS_PER_COMMAND) {
        const some = all.slice(start, start + MAX_RENEWALS_PER_COMMAND);
        const [, claims, , tries] = this.#keys;
        try {
          await renewClaimsCommand.run(
            link.commands.corked,
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

  #rejectWaiters(error: unknown): void {
    for (const taker of this.#waiters.splice(0)) taker.reject(disconnectedError(error));
  }

  get #keys(): readonly string[] {
    return this.#context.keysOf(this.#channel);
  }

  get #keepSeconds(): number {
    return Math.ceil(this.#context.options.keepMs / 1_000);
  }

  #backoffMs(attempt: number): number {
    const { backoffMs, maxBackoffMs } = this.#context.options;
    const wait = Math.min(maxBackoffMs, backoffMs * 2 ** (attempt - 1));
    return Math.round(wait * (0.75 + Math.random() / 4));
  }

  #nextConnection(): QueueConnection {
    this.#lastIndex = (this.#lastIndex + 1) % this.#context.connections.length;
    const link = this.#context.connections[this.#lastIndex];
    if (link === undefined) throw new RangeError(`no server ${this.#lastIndex}`);
    return link;
  }

  #stopPolling(): void {
    if (this.#poll !== undefined) this.#context.clock.clearTimeout(this.#poll);
    this.#poll = undefined;
  }

  #stopRenewing(): void {
    if (this.#renewal !== undefined) this.#context.clock.clearTimeout(this.#renewal);
    this.#renewal = undefined;
  }
}

function reasonOf(error: unknown): string {
  return (error instanceof Error ? `${error.name}: ${error.message}` : String(error)).slice(0, MAX_REASON_LENGTH);
}
