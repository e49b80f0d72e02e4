/** A statement that a connection has prepared. Values are bound in the order of its placeholders. */
export interface Statement {
  /** Runs the statement at once, and returns its rows; none where it returns no rows. */
  run(parameters: readonly unknown[]): unknown[];
}

/** Prepares a statement once, to be run many times. */
export type PrepareStatement = (sql: string) => Statement;
