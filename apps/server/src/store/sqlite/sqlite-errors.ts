import { StoreError, type StoreErrorCode } from "../store-error.ts";

const DAMAGED =
  "the database is damaged: stop the server, run `multichat doctor`, and restore a backup with `multichat restore`";

const ADVICE: ReadonlyArray<readonly [prefix: string, code: StoreErrorCode, advice: string]> = [
  ["SQLITE_FULL", "full", "the disk is full: free some space; no acknowledged change is lost"],
  ["SQLITE_READONLY", "readonly", "the database is not writable: check the permissions of the file and its folder"],
  ["SQLITE_PERM", "readonly", "the database is not writable: check the permissions of the file and its folder"],
  ["SQLITE_CORRUPT", "corrupt", DAMAGED],
  ["SQLITE_NOTADB", "corrupt", `the file is not a database: check DATA_DIR. If it is right, ${DAMAGED}`],
  ["SQLITE_BUSY", "busy", "another process holds the database's lock: try again"],
  ["SQLITE_LOCKED", "busy", "the database is locked: try again"],
  ["SQLITE_IOERR", "io", "the disk reported an error: check it and the system's log"],
  ["SQLITE_CANTOPEN", "cannot-open", "the file cannot be opened: check that its folder exists and is writable"],
  ["SQLITE_CONSTRAINT", "constraint", "a constraint of the schema refused it"],
];

const DAMAGE_MESSAGES = /disk image is malformed|file is not a database/;

/** Gives any failure of the database driver its code, and a message that says what to do. */
export function toStoreError(error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  const message = error instanceof Error ? error.message : String(error);
  const driverCode =
    error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
  // An error of another thread may have lost its code.
  if (driverCode === undefined && DAMAGE_MESSAGES.test(message)) {
    return new StoreError("corrupt", `${message}: ${DAMAGED}`, { cause: error });
  }
  const known = ADVICE.find(([prefix]) => driverCode?.startsWith(prefix));
  if (known === undefined) return new StoreError("failed", message, { cause: error });
  return new StoreError(known[1], `${message} (${driverCode}): ${known[2]}`, { cause: error });
}
