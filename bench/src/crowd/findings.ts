/**
 * `lost`: acknowledged and not there, or there and not told. `doubled`: there or told twice. `disordered`: told, or put into the
 * log, in another order. `different`: it looks other than the database says.
 */
export const FINDING_KINDS = ["lost", "doubled", "disordered", "different"] as const;
export type FindingKind = (typeof FINDING_KINDS)[number];

export interface Finding {
  readonly kind: FindingKind;
  readonly room: string;
  /** Null: the database itself. */
  readonly client: string | null;
  /** What it is about, with what was expected and what is. */
  readonly what: string;
}

export type FindingCounts = Readonly<Record<FindingKind, number>>;

/** Findings of a kind that are kept; all are counted. */
const KEPT = 20;

/** What an audit found: all counted, the first of each kind kept as evidence. */
export class Findings {
  readonly #counts: Record<FindingKind, number> = { lost: 0, doubled: 0, disordered: 0, different: 0 };
  readonly #kept: Finding[] = [];

  add(kind: FindingKind, { client, room, what }: Omit<Finding, "kind">, count = 1): void {
    if (this.#counts[kind] < KEPT) this.#kept.push({ kind, client, room, what });
    this.#counts[kind] += count;
  }

  /** Takes over what another audit found. */
  merge(counts: FindingCounts, kept: readonly Finding[]): void {
    for (const kind of FINDING_KINDS) {
      const room = KEPT - this.#kept.filter((one) => one.kind === kind).length;
      this.#kept.push(...kept.filter((one) => one.kind === kind).slice(0, room));
      this.#counts[kind] += counts[kind];
    }
  }

  get counts(): FindingCounts {
    return { ...this.#counts };
  }

  get evidence(): readonly Finding[] {
    return [...this.#kept];
  }

  get none(): boolean {
    return FINDING_KINDS.every((kind) => this.#counts[kind] === 0);
  }
}
