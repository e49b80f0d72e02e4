import type { Random } from "../../clients/random.ts";
import type { Fact } from "./facts.ts";
import { readRecords, type StorageRecord } from "./storage-record.ts";

/** Cuts at the moment at which a client had just got its reply, when the least of it may still be in memory. */
const SHARE_AFTER_REPLIES = 0.4;
/** Cuts around what is rare: changes of names, truncations, and the syncs between them. */
const SHARE_AT_RARE = 0.3;
/** Records around a rare one, in which the cut may be. */
const RARE_DISTANCE = 6;
const RARE: readonly StorageRecord["kind"][] = ["start", "create", "remove", "rename", "link", "truncate", "allocate"];

/** Chooses moments of a record: positions behind one of its entries, in their order. */
export function chooseCuts(
  log: Buffer,
  facts: readonly Fact[],
  { count, random }: { readonly count: number; readonly random: Random },
): readonly number[] {
  const ends: number[] = [];
  const rare: number[] = [];
  for (const { record, end } of readRecords(log)) {
    if (RARE.includes(record.kind)) rare.push(ends.length);
    ends.push(end);
  }
  const replies = facts.flatMap(({ acknowledgedAt }) => (acknowledgedAt === null ? [] : [acknowledgedAt]));
  const cuts = Array.from({ length: count }, () => {
    const roll = random.next();
    if (roll < SHARE_AFTER_REPLIES && replies.length > 0) return ends.at(indexAfter(ends, random.pick(replies)));
    if (roll < SHARE_AFTER_REPLIES + SHARE_AT_RARE && rare.length > 0) {
      const index = random.pick(rare) + random.integerBelow(2 * RARE_DISTANCE) - RARE_DISTANCE;
      return ends[Math.min(Math.max(index, 0), ends.length - 1)];
    }
    return random.pick(ends);
  });
  return cuts.map((end) => end ?? 0).sort((a, b) => a - b);
}

/** The index of the first end at or behind a position. */
function indexAfter(ends: readonly number[], position: number): number {
  let [low, high] = [0, ends.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ends[middle] ?? 0) >= position) high = middle;
    else low = middle + 1;
  }
  return low;
}
