import type { ReadContext } from "../database/context.ts";
import { prepared } from "../database/prepared.ts";
import { monthLabel } from "./labels.ts";

const insertMonth = prepared<{ month: string }, never>((db, param) =>
  db
    .insertInto("search_month")
    .values({ month: param("month") })
    .onConflict((conflict) => conflict.doNothing()),
);

const selectMonths = prepared<Record<never, never>, { month: string }>((db) =>
  db.selectFrom("search_month").select("month").orderBy("month"),
);

/** Stores the months of the messages that a transaction has indexed, by their labels. */
export async function storeMonths(context: ReadContext, months: ReadonlySet<string>): Promise<void> {
  for (const month of months) await insertMonth(context, { month });
}

/** Returns the labels of the months with messages between two times; undefined: all of them. */
export async function monthLabelsBetween(
  context: ReadContext,
  { after, before }: { after?: number | undefined; before?: number | undefined },
): Promise<readonly string[] | undefined> {
  const from = after === undefined ? "" : monthLabel(after);
  // Sorts after every label of a month.
  const to = before === undefined ? "n" : monthLabel(before);
  const months = (await selectMonths(context, {})).map(({ month }) => month);
  const between = months.filter((month) => from <= month && month <= to);
  return between.length === months.length ? undefined : between;
}
