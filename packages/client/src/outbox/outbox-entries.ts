import type { OutboxEntry } from "./outbox-entry.ts";

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

  prepend(entries: readonly OutboxEntry[]): void {
    this.#entries = new Map([...entries.map((entry) => [entry.record.clientId, entry] as const), ...this.#entries]);
  }

  delete(clientId: string): void {
    this.#entries.delete(clientId);
  }
}
