import { sql } from "kysely";
import type { Dialect } from "../database/dialect.ts";
import { textSearchIndex } from "./text-search-index.ts";

export const postgresDialect: Dialect = {
  // With the collation of the columns, so that their indexes serve the comparison.
  jsonElements: (array) => sql`(select value collate "C" as value from json_array_elements_text(${array}::json))`,
  jsonNumbers: (array) => sql`(select value::bigint as value from json_array_elements_text(${array}::json))`,
  jsonPairs: (array) =>
    sql`(select (value ->> 0) collate "C" as name, (value ->> 1)::bigint as number from json_array_elements(${array}::json))`,
  jsonArrayFrom: (column, rows) =>
    sql`(select coalesce(json_agg(listed.${sql.ref(column)}), '[]')::text from ${rows} as listed)`,
  greatest: (...values) => sql`greatest(${sql.join(values)})`,
  least: (a, b) => sql`least(${a}, ${b})`,
  rollbacksLeaveGaps: true,
  fullText: textSearchIndex,
};
