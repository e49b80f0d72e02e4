/** What clients change. Each kind is counted; the words are those of the report. */
export const FACT_KINDS = [
  "messages",
  "messages delivered to others",
  "edits",
  "deletions",
  "reactions",
  "pins",
  "rooms and their settings",
  "memberships, roles and bans",
  "accounts and their rights",
  "sign-ins",
  "session endings",
  "backups",
] as const;
export type FactKind = (typeof FACT_KINDS)[number];

/** How the key begins that says that a message is there, by what its author's client calls it. */
export const SENT_KEY = "sent ";

/** A change that a client has requested, or something that it was shown. Positions are those of the record of the storage. */
export interface Fact {
  readonly kind: FactKind;
  /** What is changed, such as `body` of a message. Of the same key there is one change at a time. */
  readonly key: string;
  /** What becomes of it. */
  readonly value: string;
  /** Nothing that was recorded before can be due to it. */
  readonly sentAt: number;
  /** Where the record was when the reply had arrived; null: it never did. */
  acknowledgedAt: number | null;
}

/** What the clients of a run know, in the order in which they asked for it. */
export class Facts {
  readonly #facts = new Set<Fact>();

  get all(): readonly Fact[] {
    return [...this.#facts];
  }

  /** Adds a change that is about to be requested. */
  request(kind: FactKind, key: string, value: string, sentAt: number): Fact {
    const fact: Fact = { kind, key, value, sentAt, acknowledgedAt: null };
    this.#facts.add(fact);
    return fact;
  }

  /** Adds what a client was shown. */
  add(kind: FactKind, key: string, value: string, position: number): void {
    this.#facts.add({ kind, key, value, sentAt: position, acknowledgedAt: position });
  }

  /** The server has refused it, so that it can be nowhere. */
  refuse(fact: Fact): void {
    this.#facts.delete(fact);
  }
}

/** Returns how many changes of each kind were acknowledged. A message has several keys, and counts once. */
export function countAcknowledged(facts: readonly Fact[]): Readonly<Record<FactKind, number>> {
  const counts = new Map<FactKind, number>();
  for (const { kind, key, acknowledgedAt } of facts) {
    const isCounted = acknowledgedAt !== null && (kind !== "messages" || key.startsWith(SENT_KEY));
    if (isCounted) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  // Of all kinds.
  return Object.fromEntries(FACT_KINDS.map((kind) => [kind, counts.get(kind) ?? 0])) as Record<FactKind, number>;
}

/** What may be found of a key after a cut. */
export interface Expectation {
  readonly key: string;
  /** The kind of the last acknowledged change. */
  readonly kind: FactKind;
  /** The value of the last acknowledged change, and those that were requested since. */
  readonly values: readonly string[];
}

/**
 * Returns what has to be found after a cut: for each key the last change that was acknowledged before, or one that was
 * requested since. A key without an acknowledgement may have any value.
 */
export function expectationsAt(facts: readonly Fact[], cut: number): readonly Expectation[] {
  const expectations = new Map<string, { kind: FactKind; values: string[] }>();
  for (const { kind, key, value, sentAt, acknowledgedAt } of facts) {
    if (acknowledgedAt !== null && acknowledgedAt <= cut) expectations.set(key, { kind, values: [value] });
    else if (sentAt < cut) expectations.get(key)?.values.push(value);
  }
  return [...expectations].map(([key, { kind, values }]) => ({ key, kind, values }));
}
