import { addressKey } from "../access/address-key.ts";
import type { NewAuditEntry } from "../store/store.ts";

/** What failed or was refused; an entry of the audit log, or a line of the server's log alone. */
export interface CountedFailure<Action extends string> extends Omit<NewAuditEntry, "action"> {
  readonly action: Action;
}

/** How many of a minute are recorded one by one. Strangers cause them, and they could fill the disk. */
export interface FailureBounds {
  /** Of one account or address. */
  readonly perSource: number;
  /** Of all accounts and addresses together: a botnet has as many as it likes. */
  readonly inAll: number;
}

/** Kinds of failures that are counted apart from each other. */
const MAX_KINDS = 50;

/** Failures that were counted and not recorded one by one. */
interface Omitted<Action extends string> {
  readonly event: CountedFailure<Action>;
  count: number;
}

/**
 * Decides which failures of a minute are recorded one by one. The others are counted by who, what and why, for one entry each
 * at the end of the minute.
 */
export class FailureLimit<Action extends string> {
  readonly #bounds: FailureBounds;
  /** The action of the summary of several kinds. */
  readonly #othersAction: Action;
  #recorded = 0;
  #bySource = new Map<string, number>();
  #omitted = new Map<string, Omitted<Action>>();
  /** Of further kinds. */
  #others = 0;

  constructor(othersAction: Action, bounds: FailureBounds) {
    this.#othersAction = othersAction;
    this.#bounds = bounds;
  }

  /** Returns whether to record the failure; counts it otherwise. */
  shouldRecord(event: CountedFailure<Action>): boolean {
    const source = event.actor?.id ?? (event.address === null ? "" : addressKey(event.address));
    const count = this.#bySource.get(source) ?? 0;
    if (this.#recorded < this.#bounds.inAll && count < this.#bounds.perSource) {
      this.#recorded += 1;
      this.#bySource.set(source, count + 1);
      return true;
    }
    this.#count(source, event);
    return false;
  }

  /** Returns the entries for what was counted, and starts over. */
  takeSummaries(): readonly CountedFailure<Action>[] {
    const summaries = [...this.#omitted.values()].map(({ event, count }) => summarize(event, count));
    if (this.#others > 0) {
      summaries.push({
        action: this.#othersAction,
        outcome: "refused",
        actor: null,
        target: null,
        address: null,
        request: null,
        details: { omitted: this.#others, of: "several accounts and addresses" },
      });
    }
    this.#recorded = 0;
    this.#bySource = new Map();
    this.#omitted = new Map();
    this.#others = 0;
    return summaries;
  }

  #count(source: string, event: CountedFailure<Action>): void {
    const key = JSON.stringify([source, event.action, event.outcome, event.details.code]);
    const known = this.#omitted.get(key);
    if (known !== undefined) known.count += 1;
    else if (this.#omitted.size < MAX_KINDS) this.#omitted.set(key, { event, count: 1 });
    else this.#others += 1;
  }
}

function summarize<Action extends string>(
  { details: { code }, ...event }: CountedFailure<Action>,
  count: number,
): CountedFailure<Action> {
  const details = { ...(code === undefined ? {} : { code }), omitted: count };
  return { ...event, target: null, request: null, details };
}
