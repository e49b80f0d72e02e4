/**
 * `lost`: acknowledged but not stored, or stored but not received. `duplicated`: stored or received twice. `outOfOrder`:
 * received or logged in another order. `different`: received or shown with other content than the database has.
 */
export const FINDING_KINDS = ["lost", "duplicated", "outOfOrder", "different"] as const;
export type FindingKind = (typeof FINDING_KINDS)[number];

export interface Finding {
  readonly kind: FindingKind;
  readonly room: string;
  /** Null: the database itself. */
  readonly client: string | null;
  /** What was found, with what was expected. */
  readonly detail: string;
}

export type FindingCounts = Readonly<Record<FindingKind, number>>;

/** The most findings kept per kind; all are counted. */
const MAX_EVIDENCE_PER_KIND = 20;

/** The findings of an audit: all are counted, and the first of each kind are kept as evidence. */
export class Findings {
  readonly #counts: Record<FindingKind, number> = { lost: 0, duplicated: 0, outOfOrder: 0, different: 0 };
  readonly #evidence: Finding[] = [];

  add(kind: FindingKind, { client, room, detail }: Omit<Finding, "kind">, count = 1): void {
    if (this.#counts[kind] < MAX_EVIDENCE_PER_KIND) this.#evidence.push({ kind, client, room, detail });
    this.#counts[kind] += count;
  }

  /** Adds the findings of another audit. */
  merge(counts: FindingCounts, evidence: readonly Finding[]): void {
    for (const kind of FINDING_KINDS) {
      const free = MAX_EVIDENCE_PER_KIND - this.#evidence.filter((finding) => finding.kind === kind).length;
      this.#evidence.push(...evidence.filter((finding) => finding.kind === kind).slice(0, free));
      this.#counts[kind] += counts[kind];
    }
  }

  get counts(): FindingCounts {
    return { ...this.#counts };
  }

  get evidence(): readonly Finding[] {
    return [...this.#evidence];
  }

  get isEmpty(): boolean {
    return FINDING_KINDS.every((kind) => this.#counts[kind] === 0);
  }
}
