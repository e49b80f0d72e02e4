import { type CompiledQuery, type Expression, type Kysely, sql } from "kysely";
import type { Dialect, ReadContext } from "./dialect.ts";
import type { Statement } from "./statement.ts";
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

interface PreparedQuery<Row> {
  readonly query: CompiledQuery<Row>;
  /** Undefined where the database runs no statement at once. */
  readonly statement: Statement | undefined;
}

/**
 * Declares a query that is compiled and prepared once per connection and run with new arguments each time: building a query
 * costs several times what SQLite needs to run it, and so does Kysely's way to the driver.
 */
export function prepared<Args extends object, Row>(
  build: Build<Args, Row>,
): (context: ReadContext, args: Args) => Promise<Row[]> {
  const queries = new WeakMap<Kysely<Tables>, PreparedQuery<Row>>();
  return async ({ db, dialect, prepare, send }, args) => {
    let prepared = queries.get(db);
    if (prepared === undefined) {
      const query = build(db, (name) => sql`${new Param(name)}`, dialect).compile();
      prepared = { query, statement: prepare?.(query.sql) };
      queries.set(db, prepared);
    }
    const { query, statement } = prepared;
    const parameters = bind(query.parameters, args as Readonly<Record<string, unknown>>);
    // Kysely's own assumption: a query yields the rows of its type.
    if (statement !== undefined) return statement.run(parameters) as Row[];
    if (send !== undefined) return (await send(query.sql, parameters)) as Row[];
    return (await db.executeQuery<Row>({ ...query, parameters })).rows;
  };
}

function bind(parameters: readonly unknown[], args: Readonly<Record<string, unknown>>): unknown[] {
  return parameters.map((value) => (value instanceof Param ? args[value.name] : value));
}
