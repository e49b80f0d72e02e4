import { sql } from "kysely";
import type { Dialect } from "../database/dialect.ts";
import { fts5Index } from "./full-text-index.ts";

export const sqliteDialect: Dialect = {
  jsonElements: (array) => sql`(select value from json_each(${array}))`,
  jsonArrayFrom: (column, rows) => sql`(select json_group_array(${sql.ref(column)}) from ${rows})`,
  greatest: (...values) => sql`max(${sql.join(values)})`,
  least: (a, b) => sql`min(${a}, ${b})`,
  fullText: fts5Index,
};
