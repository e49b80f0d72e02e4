import { LRUCache } from "lru-cache";
import type { AuditStore, NewAuditEntry } from "../store/store.ts";

export type SecurityEvent = NewAuditEntry;

/** Failures of one account or address a minute that the audit log takes; it grows for ever, and strangers cause them. */
const MAX_FAILURES_PER_MINUTE = 30;
const MAX_TRACKED_SOURCES = 10_000;

export interface SecurityLogOptions {
  readonly store: { readonly audit: Pick<AuditStore, "append"> };
  readonly logger: { info(fields: object, message: string): void; error(fields: object, message: string): void };
}

/**
 * Records events of security: as a line of the server's log, and as an entry of the audit log in the database, whose number and
 * hash the line contains. Beyond 30 failures a minute of one source only the line is written, and the next entry of the source
 * says how many were left out.
 */
export class SecurityLog {
  readonly #options: SecurityLogOptions;
  readonly #failures = new LRUCache<string, { count: number; omitted: number; readonly endsAt: number }>({
    // Counted as sizes: with `max` a cache takes memory for all its keys from the start.
    maxSize: MAX_TRACKED_SOURCES,
    sizeCalculation: () => 1,
  });

  constructor(options: SecurityLogOptions) {
    this.#options = options;
  }

  /** Resolves when the entry is on disk. A failure of the database is logged and does not fail what was recorded. */
  async record(event: SecurityEvent): Promise<void> {
    const { store, logger } = this.#options;
    const { action, outcome, actor, target, address, request, details } = event;
    const fields = {
      event: action,
      outcome,
      actor: actor?.username ?? null,
      target,
      address,
      requestId: request,
      ...details,
    };
    const omitted = this.#countFailure(event);
    if (omitted === "omit") {
      logger.info(fields, "security event");
      return;
    }
    try {
      const entry = omitted === 0 ? event : { ...event, details: { ...details, omittedBefore: omitted } };
      const { n, hash } = await store.audit.append(entry);
      logger.info({ ...fields, audit: `${n}:${hash}` }, "security event");
    } catch (err) {
      logger.error({ err, ...fields }, "failed to write the audit log");
    }
  }

  /** Returns how many failures of this source were left out before, or that this one is. */
  #countFailure({ outcome, actor, address }: SecurityEvent): number | "omit" {
    if (outcome === "success") return 0;
    const source = actor?.id ?? address ?? "";
    const known = this.#failures.get(source);
    const isCurrent = known !== undefined && known.endsAt > Date.now();
    const failures = isCurrent ? known : { count: 0, omitted: known?.omitted ?? 0, endsAt: Date.now() + 60_000 };
    this.#failures.set(source, failures);
    failures.count += 1;
    if (failures.count > MAX_FAILURES_PER_MINUTE) {
      failures.omitted += 1;
      return "omit";
    }
    const { omitted } = failures;
    failures.omitted = 0;
    return omitted;
  }
}
