import { addressKey } from "../access/address-key.ts";
import type { NewAuditEntry } from "../store/store.ts";

/** Failures of one account or address a minute that are recorded one by one. Strangers cause them, and the audit log grows for ever. */
const MAX_PER_SOURCE = 30;
/** Of all accounts and addresses together: a botnet has as many as it likes. */
const MAX_IN_ALL = 300;
/** Kinds of failures that are counted apart from each other. */
const MAX_KINDS = 50;

/** Failures that were counted and not recorded one by one. */
interface Omitted {
  readonly event: NewAuditEntry;
  count: number;
}

/**
 * Decides which failures of a minute are recorded one by one. The others are counted by who, what and why, for one entry each
 * at the end of the minute.
 */
export class FailureLimit {
  #recorded = 0;
  #bySource = new Map<string, number>();
  #omitted = new Map<string, Omitted>();
  /** Of further kinds. */
  #others = 0;

  /** Returns whether to record the failure; counts it otherwise. */
  shouldRecord(event: NewAuditEntry): boolean {
    const source = event.actor?.id ?? (event.address === null ? "" : addressKey(event.address));
    const count = this.#bySource.get(source) ?? 0;
    if (this.#recorded < MAX_IN_ALL && count < MAX_PER_SOURCE) {
      this.#recorded += 1;
      this.#bySource.set(source, count + 1);
      return true;
    }
    this.#count(source, event);
    return false;
  }

  /** Returns the entries for what was counted, and starts over. */
  takeSummaries(): readonly NewAuditEntry[] {
    const summaries = [...this.#omitted.values()].map(({ event, count }) => summarize(event, count));
    if (this.#others > 0) {
      summaries.push({
        action: "access.refuse",
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

  #count(source: string, event: NewAuditEntry): void {
    const key = JSON.stringify([source, event.action, event.outcome, event.details.code]);
    const known = this.#omitted.get(key);
    if (known !== undefined) known.count += 1;
    else if (this.#omitted.size < MAX_KINDS) this.#omitted.set(key, { event, count: 1 });
    else this.#others += 1;
  }
}

function summarize({ details: { code }, ...event }: NewAuditEntry, count: number): NewAuditEntry {
  const details = { ...(code === undefined ? {} : { code }), omitted: count };
  return { ...event, target: null, request: null, details };
}
