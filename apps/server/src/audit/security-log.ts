import { OPERATOR } from "../access/operator.ts";
import type { AuditEntry, AuditStore, NewAuditEntry } from "../store/store.ts";
import { type CountedFailure, FailureLimit } from "./failure-limit.ts";

export type SecurityEvent = NewAuditEntry;

/** Input that no client of this chat sends: the event of a line in the server's log. */
const INVALID_INPUT = "input.refuse";

/** Whose input was refused, where, and with which code; never the input itself. */
type InvalidInput = Pick<NewAuditEntry, "actor" | "target" | "address" | "request"> & { readonly code: string };

const WINDOW_MS = 60_000;
const MAX_FAILURES = { perSource: 30, inAll: 300 };
/** Fewer than of failures: a client with a fault sends as many as one that tries what the server accepts. */
const MAX_INVALID_INPUTS = { perSource: 10, inAll: 100 };

export interface SecurityLogOptions {
  readonly store: {
    readonly audit: Pick<AuditStore, "append" | "onAppended" | "takeOperatorEntries">;
  };
  readonly logger: { info(fields: object, message: string): void; error(fields: object, message: string): void };
}

/**
 * Writes a line to the server's log for every entry that this process adds to the audit log, with the number and the hash of the
 * entry, and for every entry of the operator's command line. Changes add their entries themselves, in their own transactions;
 * what fails or is refused is recorded here, within bounds.
 */
export class SecurityLog {
  readonly #options: SecurityLogOptions;
  readonly #failures = new FailureLimit<SecurityEvent["action"]>("access.refuse", MAX_FAILURES);
  readonly #invalidInputs = new FailureLimit(INVALID_INPUT, MAX_INVALID_INPUTS);
  readonly #unsubscribe: () => void;
  #windowEnd: NodeJS.Timeout | undefined;

  constructor(options: SecurityLogOptions) {
    this.#options = options;
    this.#unsubscribe = options.store.audit.onAppended((entry, { isOwn }) => {
      if (isOwn || entry.actor?.id === OPERATOR.id) this.#log(entry);
    });
  }

  /** Logs what the operator has changed since a server last ran on this database. */
  async logOperatorEntries(): Promise<void> {
    const { entries, omitted } = await this.#options.store.audit.takeOperatorEntries();
    if (omitted > 0) this.#options.logger.info({ omitted }, "omitted older security events of the operator");
    for (const entry of entries) this.#log(entry);
  }

  /**
   * Records what failed or was refused. Resolves when the entry is on disk. A failure of the database is logged and does not
   * fail what was recorded.
   */
  async record(event: SecurityEvent): Promise<void> {
    this.#startWindow();
    if (this.#failures.shouldRecord(event)) await this.#append(event);
  }

  /**
   * Logs that input was refused because it was invalid. Only the server's log has it: the audit log is about what someone tried
   * to do, and grows for ever.
   */
  noteInvalidInput({ code, ...source }: InvalidInput): void {
    this.#startWindow();
    const event = { action: INVALID_INPUT, outcome: "refused", ...source, details: { code } } as const;
    if (this.#invalidInputs.shouldRecord(event)) this.#logLine(event);
  }

  /** Records what was counted so far. Call it before the store is closed. */
  async close(): Promise<void> {
    await this.#endWindow();
    // What the feed has reported is in the log already.
    await this.#options.store.audit.takeOperatorEntries();
    this.#unsubscribe();
  }

  #startWindow(): void {
    this.#windowEnd ??= setTimeout(() => void this.#endWindow(), WINDOW_MS).unref();
  }

  async #endWindow(): Promise<void> {
    clearTimeout(this.#windowEnd);
    this.#windowEnd = undefined;
    for (const summary of this.#invalidInputs.takeSummaries()) this.#logLine(summary);
    for (const summary of this.#failures.takeSummaries()) await this.#append(summary);
  }

  async #append(event: SecurityEvent): Promise<void> {
    try {
      await this.#options.store.audit.append(event);
    } catch (err) {
      this.#options.logger.error({ err, ...toFields(event) }, "failed to write the audit log");
    }
  }

  #log(entry: AuditEntry): void {
    this.#logLine(entry, { audit: `${entry.n}:${entry.hash}` });
  }

  #logLine(event: CountedFailure<string>, more: object = {}): void {
    this.#options.logger.info({ ...toFields(event), ...more }, "security event");
  }
}

function toFields({ action, outcome, actor, target, address, request, details }: CountedFailure<string>): object {
  return { ...details, event: action, outcome, actor: actor?.username ?? null, target, address, requestId: request };
}
