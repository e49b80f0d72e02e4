import { z } from "zod";

/** What accounts and addresses use up, by the names of the limits. */
const USED_LIMITS = ["requests", "commands"] as const;
export type UsedLimit = (typeof USED_LIMITS)[number];

/** How often this process reports. */
const REPORT_INTERVAL_MS = 200;
/** Small uses that add up for this long; then they are forgotten. */
const MEMORY_MS = 60_000;
/** Keys in memory; an attacker needs a whole network to exceed it. */
const MAX_KEYS = 100_000;
/** Together below what one message can hold. */
const MAX_USES_PER_MESSAGE = 20;
const MAX_KEY_CHARS = 200;

const KEY = z.string().min(1).max(MAX_KEY_CHARS);
const FROM = z.string().min(1).max(64);
const USE = z.strictObject({ limit: z.enum(USED_LIMITS), key: KEY, cost: z.number().positive().max(1_000_000) });
const SIGN_IN = z.strictObject({
  key: KEY,
  allowance: z.int().positive().max(1_000_000),
  unknown: z.strictObject({ account: KEY, address: KEY }).nullable(),
  hasSucceeded: z.boolean(),
});
const MESSAGE = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("limits.used"), from: FROM, uses: z.array(USE).max(MAX_USES_PER_MESSAGE) }),
  z.strictObject({ type: z.literal("limits.sign-in"), from: FROM, attempt: SIGN_IN }),
]);

type Use = z.infer<typeof USE>;
/** An attempt to sign in that was counted, or turned out to be right. `unknown`: it came from an address without a session. */
export type CountedAttempt = z.infer<typeof SIGN_IN>;

export interface SharedLimitsOptions {
  /** The id of this process. */
  readonly origin: string;
  /** Sends a message to every process. @throws where it is lost: the others then allow more. */
  readonly publish: (message: { readonly type: string }) => void;
  /** The use of one account or address after which it is reported; what is below is between one process and its user. */
  readonly share: Readonly<Record<UsedLimit, number>>;
  readonly onRejected: () => void;
  /** Called with why a message was lost. */
  readonly onPublishError: (error: unknown) => void;
}

/**
 * Reports to the other servers what accounts and addresses have used of a limit here, so that all servers together allow what one does.
 * Attempts to sign in are reported at once, everything else within a fifth of a second and only by those who use much: a limit can be
 * exceeded by one share for each server.
 */
export class SharedLimits {
  readonly #options: SharedLimitsOptions;
  readonly #unreported = new Map<string, Use>();
  readonly #used = new Map<UsedLimit, (key: string, cost: number) => void>();
  readonly #timer: NodeJS.Timeout;
  #onAttempt: ((attempt: CountedAttempt) => void) | undefined;
  #forgetAt = performance.now() + MEMORY_MS;

  constructor(options: SharedLimitsOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.#report(), REPORT_INTERVAL_MS);
    this.#timer.unref();
  }

  /** Records what was used here. */
  use(limit: UsedLimit, key: string, cost: number): void {
    const id = `${limit} ${key}`;
    const before = this.#unreported.get(id)?.cost ?? 0;
    if (key.length > MAX_KEY_CHARS || cost <= 0 || (before === 0 && this.#unreported.size >= MAX_KEYS)) return;
    this.#unreported.set(id, { limit, key, cost: before + cost });
  }

  countAttempt(attempt: CountedAttempt): void {
    this.#publish({ type: "limits.sign-in", attempt });
  }

  /** Calls the listener with what was used elsewhere; there is one for each limit. */
  onUsed(limit: UsedLimit, listener: (key: string, cost: number) => void): void {
    this.#used.set(limit, listener);
  }

  onAttempt(listener: (attempt: CountedAttempt) => void): void {
    this.#onAttempt = listener;
  }

  /** Handles a message of any process. Never throws. */
  receive(received: unknown): void {
    const message = MESSAGE.safeParse(received).data;
    if (message === undefined) this.#options.onRejected();
    else if (message.from === this.#options.origin) return;
    else if (message.type === "limits.sign-in") this.#onAttempt?.(message.attempt);
    else for (const { limit, key, cost } of message.uses) this.#used.get(limit)?.(key, cost);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #report(): void {
    const { share } = this.#options;
    const uses: Use[] = [];
    for (const [id, use] of this.#unreported) {
      if (use.cost < share[use.limit]) continue;
      uses.push(use);
      this.#unreported.delete(id);
    }
    for (let from = 0; from < uses.length; from += MAX_USES_PER_MESSAGE) {
      this.#publish({ type: "limits.used", uses: uses.slice(from, from + MAX_USES_PER_MESSAGE) });
    }
    if (performance.now() < this.#forgetAt) return;
    this.#forgetAt = performance.now() + MEMORY_MS;
    this.#unreported.clear();
  }

  #publish(message: {
    readonly type: string;
    readonly uses?: readonly Use[];
    readonly attempt?: CountedAttempt;
  }): void {
    try {
      this.#options.publish({ ...message, from: this.#options.origin } as { readonly type: string });
    } catch (error) {
      this.#options.onPublishError(error);
    }
  }
}
