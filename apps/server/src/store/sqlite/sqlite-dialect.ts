import { type Expression, sql } from "kysely";
import type { Dialect } from "../database/dialect.ts";
import { fts5Index } from "./full-text-index.ts";

const elements = <T>(array: Expression<string>) => sql<T>`(select value from json_each(${array}))`;

export const sqliteDialect: Dialect = {
  jsonElements: (array) => elements(array),
  jsonNumbers: (array) => elements(array),
  jsonPairs: (array) => sql`(select value ->> 0 as name, value ->> 1 as number from json_each(${array}))`,
  jsonArrayFrom: (column, rows) => sql`(select json_group_array(${sql.ref(column)}) from ${rows})`,
  greatest: (...values) => sql`max(${sql.join(values)})`,
  least: (a, b) => sql`min(${a}, ${b})`,
  rollbacksLeaveGaps: false,
  fullText: fts5Index,
};
