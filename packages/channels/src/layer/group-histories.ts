import { randomBytes } from "node:crypto";
import { ChannelsError } from "../errors.ts";
import { checkOptions } from "../options.ts";
import type {
  GroupEvent,
  GroupHistory,
  GroupHistoryOptions,
  GroupPosition,
  HistoryGapReason,
  LayerMessage,
} from "./channel-layer.ts";
import type { Clock, ClockTimer } from "./clock.ts";
import { type HistoryPolicy, type HistorySettings, MAX_HISTORY } from "./history-policy.ts";
import { requireInteger } from "./require-integer.ts";

/** Returns the name of a new numbering (L18): 48 random bits. */
export function newEpoch(): string {
  return randomBytes(6).toString("hex");
}

const MAX_EPOCH_LENGTH = 64;
/** Every sweep visits all groups. What is too old is never returned, however long it stays. */
const MIN_SWEEP_INTERVAL_MS = 1_000;

/**
 * Returns how many events to return at most.
 * @throws InvalidOption for a limit that is out of bounds, and for a position that no layer has returned.
 */
export function checkHistoryOptions(options: GroupHistoryOptions): number {
  checkOptions<GroupHistoryOptions>(options, { since: true, limit: true });
  const { since, limit = MAX_HISTORY } = options;
  if (since !== undefined) {
    if (typeof since.epoch !== "string" || since.epoch === "" || since.epoch.length > MAX_EPOCH_LENGTH) {
      const expected = `a string of 1 to ${MAX_EPOCH_LENGTH} characters`;
      throw new ChannelsError("InvalidOption", { option: "since.epoch", expected, got: since.epoch });
    }
    requireInteger("since.offset", since.offset, 0, Number.MAX_SAFE_INTEGER);
  }
  return requireInteger("limit", limit, 0, MAX_HISTORY);
}

/** The answer where the events after a position cannot be returned. */
export function historyGap(reason: HistoryGapReason, position?: GroupPosition): GroupHistory {
  return { recovered: false, reason, position, events: [] };
}

export interface GroupHistoriesOptions {
  readonly policy: HistoryPolicy;
  /** Milliseconds after its last use at which a numbering ends. */
  readonly numberingTtlMs: number;
  readonly maxGroups: number;
  readonly clock: Clock;
}

/** The histories of the in-memory layer's groups, the least recently used one first. */
export class GroupHistories {
  readonly #options: GroupHistoriesOptions;
  readonly #byGroup = new Map<string, LocalHistory>();
  #sweepTimer: ClockTimer | undefined;

  constructor(options: GroupHistoriesOptions) {
    this.#options = options;
  }

  /** Numbers an event and keeps it. Returns undefined for a group without a history. */
  append(group: string, message: LayerMessage, except: string | undefined): GroupPosition | undefined {
    const settings = this.#options.policy(group);
    if (settings === undefined) return undefined;
    const now = this.#options.clock.now();
    return this.#use(group, settings, now).append(message, except, now);
  }

  read(group: string, options: GroupHistoryOptions): GroupHistory {
    const limit = checkHistoryOptions(options);
    const settings = this.#options.policy(group);
    if (settings === undefined) return historyGap("disabled");
    const now = this.#options.clock.now();
    return this.#use(group, settings, now).read(options.since, limit, now);
  }

  /** Forgets everything: every group begins a new numbering. */
  clear(): void {
    this.#byGroup.clear();
    if (this.#sweepTimer !== undefined) this.#options.clock.clearTimeout(this.#sweepTimer);
    this.#sweepTimer = undefined;
  }

  #use(group: string, settings: HistorySettings, now: number): LocalHistory {
    let history = this.#byGroup.get(group);
    if (history === undefined || history.usedAt + this.#options.numberingTtlMs <= now) {
      history = new LocalHistory(settings);
    }
    history.usedAt = now;
    // Moved to the end: the map's first group is the least recently used one.
    this.#byGroup.delete(group);
    this.#byGroup.set(group, history);
    if (this.#byGroup.size > this.#options.maxGroups) {
      const [oldest] = this.#byGroup.keys();
      if (oldest !== undefined) this.#byGroup.delete(oldest);
    }
    this.#scheduleSweep(Math.min(settings.ttlMs, this.#options.numberingTtlMs));
    return history;
  }

  /** Starts the only timer, which runs only while something can expire. */
  #scheduleSweep(delayMs: number): void {
    this.#sweepTimer ??= this.#options.clock.setTimeout(() => this.#sweep(), delayMs);
  }

  #sweep(): void {
    this.#sweepTimer = undefined;
    const { clock, numberingTtlMs } = this.#options;
    const now = clock.now();
    let delayMs = numberingTtlMs;
    for (const [group, history] of this.#byGroup) {
      if (history.usedAt + numberingTtlMs <= now) this.#byGroup.delete(group);
      else delayMs = Math.min(delayMs, history.dropExpired(now));
    }
    if (this.#byGroup.size > 0) this.#scheduleSweep(Math.max(delayMs, MIN_SWEEP_INTERVAL_MS));
  }
}

interface Entry {
  readonly event: GroupEvent;
  readonly sentAt: number;
}

/** One numbering of one group. */
class LocalHistory {
  readonly epoch = newEpoch();
  usedAt = 0;
  readonly #settings: HistorySettings;
  #entries: Entry[] = [];
  /** The index of the oldest entry that is kept. */
  #start = 0;
  #lastOffset = 0;

  constructor(settings: HistorySettings) {
    this.#settings = settings;
  }

  append(message: LayerMessage, except: string | undefined, now: number): GroupPosition {
    this.#lastOffset += 1;
    const offset = this.#lastOffset;
    const event = Object.freeze(except === undefined ? { message, offset } : { message, offset, except });
    this.#entries.push({ event, sentAt: now });
    this.#drop(Math.max(this.#start, this.#entries.length - this.#settings.size));
    return this.#position;
  }

  read(since: GroupPosition | undefined, limit: number, now: number): GroupHistory {
    this.dropExpired(now);
    const available = this.#entries.length - this.#start;
    let count = Math.min(limit, available);
    if (since !== undefined) {
      count = this.#lastOffset - since.offset;
      if (since.epoch !== this.epoch || count < 0) return historyGap("epoch", this.#position);
      if (count > available) return historyGap("expired", this.#position);
      if (count > limit) return historyGap("limit", this.#position);
    }
    const events = this.#entries.slice(this.#entries.length - count).map(({ event }) => event);
    return { recovered: true, position: this.#position, events };
  }

  /** Drops what is too old. Returns in how many milliseconds there is more to drop at the earliest. */
  dropExpired(now: number): number {
    const { ttlMs } = this.#settings;
    let start = this.#start;
    let oldest = this.#entries[start];
    while (oldest !== undefined && oldest.sentAt + ttlMs <= now) {
      start += 1;
      oldest = this.#entries[start];
    }
    this.#drop(start);
    return oldest === undefined ? ttlMs : Math.max(1, oldest.sentAt + ttlMs - now);
  }

  get #position(): GroupPosition {
    return { epoch: this.epoch, offset: this.#lastOffset };
  }

  #drop(start: number): void {
    // Compacting at every append would copy the whole history for each event.
    const isWorthwhile = start * 2 > this.#settings.size;
    if (isWorthwhile || start === this.#entries.length) {
      this.#entries = this.#entries.slice(start);
      this.#start = 0;
    } else this.#start = start;
  }
}
