import { StoreError, type StoreErrorCode } from "../store-error.ts";

interface Advice {
  readonly code: StoreErrorCode;
  readonly advice: string;
}

const UNREACHABLE: Advice = {
  code: "unreachable",
  advice: "check that PostgreSQL runs and that DATABASE_URL leads to it; the server connects again by itself",
};
const REFUSED: Advice = {
  code: "cannot-open",
  advice: "check the user, the password and the database of DATABASE_URL",
};
const NOT_ALLOWED: Advice = {
  code: "readonly",
  advice: "give the user of DATABASE_URL the right to create and change tables in its schema",
};
const BUSY: Advice = { code: "busy", advice: "the database is busy: try again" };
/** A statement that this connection has prepared is not there, or another one is: another process uses the same session. */
const POOLED: Advice = {
  code: "cannot-open",
  advice:
    "DATABASE_URL leads to a pooler that lends a session for one transaction: lead it to PostgreSQL itself, or set pool_mode = session in PgBouncer",
};
const DAMAGED: Advice = {
  code: "corrupt",
  advice: "the database is damaged: see PostgreSQL's log, and restore a backup",
};

/** By SQLSTATE; the entries of two characters stand for a whole class. */
const ADVICE: ReadonlyMap<string, Advice> = new Map([
  ["08", UNREACHABLE],
  ["57P", UNREACHABLE],
  ["25P03", UNREACHABLE],
  ["28", REFUSED],
  ["3D", REFUSED],
  ["3F", NOT_ALLOWED],
  ["42501", NOT_ALLOWED],
  // Also while a standby takes over, so that connections to the former primary are opened again.
  ["25006", { code: "unreachable", advice: "the database takes no writes: DATABASE_URL has to lead to the primary" }],
  ["23", { code: "constraint", advice: "a constraint of the schema refused it" }],
  ["53100", { code: "full", advice: "the disk is full: free some space; no acknowledged change is lost" }],
  ["53", { code: "busy", advice: "PostgreSQL has no connection or memory left: raise max_connections, or try again" }],
  ["42P05", POOLED],
  ["26000", POOLED],
  ["55P03", BUSY],
  ["57014", BUSY],
  ["40", BUSY],
  ["58", { code: "io", advice: "the disk of the database reported an error: check it and PostgreSQL's log" }],
  ["XX001", DAMAGED],
  ["XX002", DAMAGED],
]);

/** Returns an error of an operation as it is, where it is one of the store, and any other one as a bug. */
export function toOperationError(error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  return new StoreError("failed", error instanceof Error ? error.message : String(error), { cause: error });
}

/** Gives any failure of the driver its code, and a message that says what to do. */
export function toStoreError(error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  const message = error instanceof Error ? describe(error) : String(error);
  const state = sqlState(error);
  // Without a state the server has not answered: the driver or the network failed.
  const known = state === undefined ? UNREACHABLE : findAdvice(state);
  if (known === undefined) return new StoreError("failed", `${message} (SQLSTATE ${state})`, { cause: error });
  const from = state === undefined ? "" : ` (SQLSTATE ${state})`;
  return new StoreError(known.code, `${message}${from}: ${known.advice}`, { cause: error });
}

/** Whether a statement failed because an earlier one of its transaction had. */
export function isOfFailedTransaction(error: unknown): boolean {
  return sqlState(error) === "25P02";
}

function findAdvice(state: string): Advice | undefined {
  return ADVICE.get(state) ?? ADVICE.get(state.slice(0, 3)) ?? ADVICE.get(state.slice(0, 2));
}

function sqlState(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error) || typeof error.code !== "string") return undefined;
  // Every state has a digit; the system's codes, such as EPIPE, have none.
  return /^(?=.*\d)[0-9A-Z]{5}$/.test(error.code) ? error.code : undefined;
}

/** A host with several addresses fails with one error for each, and no message of its own. */
function describe(error: Error): string {
  if (!(error instanceof AggregateError) || error.message !== "") return error.message;
  return error.errors.map((each) => (each instanceof Error ? each.message : String(each))).join("; ");
}
