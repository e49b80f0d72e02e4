import { compareByTime, type OutboxEntry } from "./outbox-entry.ts";

/** The entries of the outbox, in the order in which they are sent. */
export class OutboxEntries {
  #entries = new Map<string, OutboxEntry>();

  get size(): number {
    return this.#entries.size;
  }

  [Symbol.iterator](): Iterator<OutboxEntry> {
    return this.#entries.values();
  }

  get(clientId: string): OutboxEntry | undefined {
    return this.#entries.get(clientId);
  }

  has(clientId: string): boolean {
    return this.#entries.has(clientId);
  }

  /** Whether a message waits to be sent to the room, or for its reply. */
  hasPending(room: string): boolean {
    for (const { record, shown } of this) if (record.room === room && shown.state === "pending") return true;
    return false;
  }

  /** Adds an entry at the end, or moves it there. */
  append(entry: OutboxEntry): void {
    const { clientId } = entry.record;
    this.#entries.delete(clientId);
    this.#entries.set(clientId, entry);
  }

  /** Inserts entries, given in the order of writing: each before the first one that was written later and was not sent yet. */
  insert(inserted: readonly OutboxEntry[]): void {
    const rest = [...inserted].reverse();
    const ordered: OutboxEntry[] = [];
    for (const entry of this) {
      const wasSent = entry.isInFlight || entry.shown.state === "sent";
      for (let next = rest.at(-1); next !== undefined && !wasSent; next = rest.at(-1)) {
        if (compareByTime(next.record, entry.record) > 0) break;
        ordered.push(next);
        rest.pop();
      }
      ordered.push(entry);
    }
    ordered.push(...rest.reverse());
    this.#entries = new Map(ordered.map((entry) => [entry.record.clientId, entry]));
  }

  delete(clientId: string): void {
    this.#entries.delete(clientId);
  }
}
