import { type CompiledQuery, type Expression, type Kysely, sql } from "kysely";
import type { Dialect, ReadContext } from "./dialect.ts";
import type { Tables } from "./tables.ts";

/** Marks the place of an argument in a compiled query. */
class Param {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

type ParamOf<Args> = <Name extends keyof Args & string>(name: Name) => Expression<Args[Name]>;

type Build<Args, Row> = (
  db: Kysely<Tables>,
  param: ParamOf<Args>,
  dialect: Dialect,
) => { compile(): CompiledQuery<Row> };

/**
 * Declares a query that is compiled once per connection and run with new arguments each time: building a query costs
 * several times what SQLite needs to run it.
 */
export function prepared<Args extends object, Row>(
  build: Build<Args, Row>,
): (context: ReadContext, args: Args) => Promise<Row[]> {
  const compiled = new WeakMap<Kysely<Tables>, CompiledQuery<Row>>();
  return async ({ db, dialect }, args) => {
    let query = compiled.get(db);
    if (query === undefined) {
      query = build(db, (name) => sql`${new Param(name)}`, dialect).compile();
      compiled.set(db, query);
    }
    const values = args as Readonly<Record<string, unknown>>;
    const parameters = query.parameters.map((value) => (value instanceof Param ? values[value.name] : value));
    return (await db.executeQuery<Row>({ ...query, parameters })).rows;
  };
}
