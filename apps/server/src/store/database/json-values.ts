import { type Expression, type RawBuilder, sql } from "kysely";

/** The right side of an `in` whose values come as one argument, a JSON array: the query stays one query. */
export function listed<T>(json: Expression<string>): RawBuilder<T> {
  return sql<T>`(select value from json_each(${json}))`;
}
