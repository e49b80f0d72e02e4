import { ChannelsError, type ClockTimer, type LayerMessage } from "@multichat/channels/layer";
import { RedisScript } from "../connection/redis-script.ts";
import { disconnectedError } from "../layer-errors.ts";
import type { QueueConnection } from "../queue/queue-connection.ts";
import type { ClaimedMessage } from "./claimed-message.ts";
import type { WorkContext } from "./work-context.ts";
import { claimScript, renewClaimsScript, settleScript } from "./work-scripts.ts";

const claimCommand = new RedisScript(claimScript);
const settleCommand = new RedisScript(settleScript);
const renewClaimsCommand = new RedisScript(renewClaimsScript);

/** The scripts to load before a server is used. */
export const CLAIM_SCRIPTS: readonly RedisScript[] = [claimCommand, settleCommand, renewClaimsCommand];

/** One attempt at one message. */
interface Claim {
  readonly bytes: Buffer;
  readonly attempt: number;
}

interface Waiter {
  resolve(claimed: ClaimedMessage): void;
  reject(error: Error): void;
}

/** The most claims requested at once; more waiters than that are served in rounds. */
const MAX_CLAIMS_PER_READ = 50;
/** The most claims renewed in one command. */
const MAX_RENEWALS_PER_COMMAND = 200;
/** The most characters of an error that a dead letter keeps. */
const MAX_REASON_LENGTH = 500;
/** The delay before the next poll after a server failed. */
const FAILED_RETRY_MS = 250;

/** The acknowledged work of one channel in this process: the callers that wait for a message, and the claims held. */
export class WorkChannel {
  readonly #channel: string;
  readonly #context: WorkContext;
  readonly #waiters: Waiter[] = [];
  /** The claims held by this process, by server. */
  readonly #claims = new Map<QueueConnection, Set<Claim>>();
  #isPolling = false;
  #isWakePending = false;
  #lastIndex = 0;
  #pollTimer: ClockTimer | undefined;
  #renewalTimer: ClockTimer | undefined;
  #isClosed = false;

  constructor(channel: string, context: WorkContext) {
    this.#channel = channel;
    this.#context = context;
  }

  /** Whether no caller waits and no claim is held. */
  get isIdle(): boolean {
    return this.#waiters.length === 0 && this.#claims.size === 0 && !this.#isPolling;
  }

  async take(signal?: AbortSignal): Promise<ClaimedMessage> {
    signal?.throwIfAborted();
    return await new Promise<ClaimedMessage>((resolve, reject) => {
      const stop = () => {
        const index = this.#waiters.indexOf(waiter);
        if (index !== -1) this.#waiters.splice(index, 1);
        if (this.#waiters.length === 0) this.#stopPolling();
        reject(signal?.reason);
      };
      const waiter: Waiter = {
        resolve: (claimed) => {
          signal?.removeEventListener("abort", stop);
          resolve(claimed);
        },
        reject: (error) => {
          signal?.removeEventListener("abort", stop);
          reject(error);
        },
      };
      this.#waiters.push(waiter);
      signal?.addEventListener("abort", stop, { once: true });
      this.wake();
    });
  }

  /** Polls at once, because there may be a message. */
  wake(): void {
    this.#isWakePending = true;
    if (!this.#isPolling) void this.#pollUntilIdle();
  }

  /** Rejects all waiters. Claims are kept until they lapse: a worker may still be processing their messages. */
  close(error: Error): void {
    this.#isClosed = true;
    this.#stopPolling();
    this.#stopRenewing();
    for (const waiter of this.#waiters.splice(0)) waiter.reject(error);
  }

  async #pollUntilIdle(): Promise<void> {
    this.#isPolling = true;
    this.#stopPolling();
    let waitMs = Number.POSITIVE_INFINITY;
    while (this.#isWakePending && this.#waiters.length > 0 && !this.#isClosed) {
      this.#isWakePending = false;
      waitMs = this.#context.options.pollMs;
      for (let count = 0; count < this.#context.connections.length && this.#waiters.length > 0; count += 1) {
        const connection = this.#nextConnection();
        try {
          const { isFull, nextMs } = await this.#claimFrom(connection);
          if (isFull) this.#isWakePending = true;
          waitMs = Math.min(waitMs, nextMs);
        } catch (error) {
          waitMs = Math.min(waitMs, FAILED_RETRY_MS);
          // The `close` event of a lost connection comes within this turn of the event loop.
          await new Promise((resolve) => setImmediate(resolve));
          // A lost connection comes back; without a first connection the waiters are rejected.
          if (!connection.isReady && !connection.isReconnecting) this.#rejectWaiters(error);
          else if (connection.isReady) this.#context.onError(error, this.#channel);
        }
      }
    }
    this.#isPolling = false;
    if (this.#waiters.length > 0 && !this.#isClosed && Number.isFinite(waitMs)) {
      this.#pollTimer = this.#context.clock.setTimeout(() => this.wake(), Math.max(1, waitMs));
    }
  }

  /** Claims messages for the waiters. Returns whether there may be more, and when the next message is due. */
  async #claimFrom(connection: QueueConnection): Promise<{ readonly isFull: boolean; readonly nextMs: number }> {
    const { options, codec } = this.#context;
    await connection.ready();
    const limit = Math.min(this.#waiters.length, MAX_CLAIMS_PER_READ);
    const [nextMs, ...reply] = (await claimCommand.run(connection.commands.corked, this.#keys, [
      limit,
      options.visibilityMs,
      options.maxAttempts,
      this.#keepSeconds,
      this.#context.expiry.cutoff(this.#channel),
      options.maxDeadLetters,
    ])) as [number, ...(Buffer | number)[]];
    for (let index = 0; index + 1 < reply.length; index += 2) {
      const claim = { bytes: reply[index] as Buffer, attempt: Number(reply[index + 1]) };
      this.#hold(connection, claim);
      const message = codec.decode(claim.bytes);
      if (message !== undefined) this.#deliver(connection, claim, message);
      else this.#reportFailure(this.#settle(connection, claim, "dead", "not a message of this layer"));
    }
    return { isFull: reply.length === 2 * limit, nextMs: nextMs < 0 ? Number.POSITIVE_INFINITY : nextMs };
  }

  #deliver(connection: QueueConnection, claim: Claim, message: LayerMessage): void {
    const { attempt } = claim;
    const waiter = this.#waiters.shift();
    if (waiter === undefined) {
      // The waiter has left meanwhile: release the message without counting an attempt.
      this.#reportFailure(this.#settle(connection, claim, "release", 0));
      return;
    }
    waiter.resolve({
      message,
      attempt,
      ack: () => this.#settle(connection, claim, "ack", 0),
      deadLetter: (error) => this.#settle(connection, claim, "dead", reasonOf(error)),
      retry: (error) =>
        attempt >= this.#context.options.maxAttempts
          ? this.#settle(connection, claim, "dead", reasonOf(error))
          : this.#settle(connection, claim, "retry", this.#backoffMs(attempt)),
    });
  }

  /** Reports the failure of a settlement that no caller waits for. */
  #reportFailure(settling: Promise<void>): void {
    settling.catch((error: unknown) => this.#context.onError(error, this.#channel));
  }

  async #settle(connection: QueueConnection, claim: Claim, outcome: string, detail: string | number): Promise<void> {
    this.#release(connection, claim);
    let settled: unknown;
    try {
      await connection.ready();
      settled = await settleCommand.run(connection.commands.corked, this.#keys, [
        claim.bytes,
        outcome,
        this.#keepSeconds,
        detail,
        this.#context.options.maxDeadLetters,
        this.#context.keys.workTopic(this.#channel),
        claim.attempt,
      ]);
    } catch (error) {
      throw disconnectedError(error);
    }
    if (settled === 1) return;
    throw new ChannelsError("ClaimLapsed", { channel: this.#channel });
  }

  #hold(connection: QueueConnection, claim: Claim): void {
    const claims = this.#claims.get(connection) ?? new Set<Claim>();
    this.#claims.set(connection, claims.add(claim));
    this.#scheduleRenewal();
  }

  #release(connection: QueueConnection, claim: Claim): void {
    const claims = this.#claims.get(connection);
    claims?.delete(claim);
    if (claims?.size === 0) this.#claims.delete(connection);
    if (this.#claims.size === 0) this.#stopRenewing();
  }

  #scheduleRenewal(): void {
    const { clock, options } = this.#context;
    if (this.#isClosed) return;
    this.#renewalTimer ??= clock.setTimeout(() => void this.#renew(), Math.floor(options.visibilityMs / 3));
  }

  async #renew(): Promise<void> {
    this.#renewalTimer = undefined;
    const [, claimsKey = "", , attemptsKey = ""] = this.#keys;
    for (const [connection, claims] of [...this.#claims]) {
      const all = [...claims];
      for (let start = 0; start < all.length && connection.isReady; start += MAX_RENEWALS_PER_COMMAND) {
        const renewed = all.slice(start, start + MAX_RENEWALS_PER_COMMAND);
        const values = [
          this.#context.options.visibilityMs,
          this.#keepSeconds,
          ...renewed.flatMap(({ bytes, attempt }) => [bytes, attempt]),
        ];
        try {
          await renewClaimsCommand.run(connection.commands.corked, [claimsKey, attemptsKey], values);
        } catch {
          // The server is unavailable: claims that lapse meanwhile are delivered again, and settling them fails.
        }
      }
    }
    if (this.#claims.size > 0) this.#scheduleRenewal();
  }

  #rejectWaiters(error: unknown): void {
    for (const waiter of this.#waiters.splice(0)) waiter.reject(disconnectedError(error));
  }

  get #keys(): readonly string[] {
    return this.#context.keys.work(this.#channel);
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
    const connection = this.#context.connections[this.#lastIndex];
    if (connection === undefined) throw new RangeError(`no server ${this.#lastIndex}`);
    return connection;
  }

  #stopPolling(): void {
    if (this.#pollTimer !== undefined) this.#context.clock.clearTimeout(this.#pollTimer);
    this.#pollTimer = undefined;
  }

  #stopRenewing(): void {
    if (this.#renewalTimer !== undefined) this.#context.clock.clearTimeout(this.#renewalTimer);
    this.#renewalTimer = undefined;
  }
}

function reasonOf(error: unknown): string {
  return (error instanceof Error ? `${error.name}: ${error.message}` : String(error)).slice(0, MAX_REASON_LENGTH);
}
