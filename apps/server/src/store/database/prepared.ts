import { type CompiledQuery, type Expression, type Kysely, sql } from "kysely";
import type { Tables } from "./tables.ts";

/** Stands in a compiled query where an argument goes. */
class Param {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

type Holes<A> = <K extends keyof A & string>(name: K) => Expression<A[K]>;

/**
 * A query that is built once per database handle, and run with other arguments each time: building one costs several
 * times what SQLite needs to run it.
 */
export function prepared<A extends object, O>(
  build: (db: Kysely<Tables>, hole: Holes<A>) => { compile(): CompiledQuery<O> },
): (db: Kysely<Tables>, args: A) => Promise<O[]> {
  const compiled = new WeakMap<Kysely<Tables>, CompiledQuery<O>>();
  return async (db, args) => {
    let query = compiled.get(db);
    if (query === undefined) {
      query = build(db, (name) => sql`${new Param(name)}`).compile();
      compiled.set(db, query);
    }
    const values = args as Readonly<Record<string, unknown>>;
    const parameters = query.parameters.map((value) => (value instanceof Param ? values[value.name] : value));
    return (await db.executeQuery<O>({ ...query, parameters })).rows;
  };
}
