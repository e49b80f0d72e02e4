/** Why the database could not do something. The first four pass: trying again later can help. */
export type StoreErrorCode =
  /** The queue to the database is full, or another process holds the file's lock. */
  | "busy"
  /** The disk is full. */
  | "full"
  /** The disk answered with an error. */
  | "io"
  /** The store is closed, or its thread died. */
  | "closed"
  | "readonly"
  | "corrupt"
  | "cannot-open"
  /** The file was written by a newer version of this software. */
  | "newer"
  /** A constraint of the schema refused it. */
  | "constraint"
  /** The statement failed otherwise: a fault in this software. */
  | "failed";

/** What the store rejects with. The message says what happened and what to do. */
export class StoreError extends Error {
  readonly code: StoreErrorCode;

  constructor(code: StoreErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "StoreError";
    this.code = code;
  }

  /** Whether the same call can succeed later without anybody changing the call. */
  get isTransient(): boolean {
    return this.code === "busy" || this.code === "full" || this.code === "io" || this.code === "closed";
  }
}

const ADVICE: ReadonlyArray<readonly [prefix: string, code: StoreErrorCode, advice: string]> = [
  ["SQLITE_FULL", "full", "the disk is full: make room on it, nothing that was acknowledged is lost"],
  ["SQLITE_READONLY", "readonly", "the database cannot be written to: check the rights of the file and its folder"],
  ["SQLITE_PERM", "readonly", "the database cannot be written to: check the rights of the file and its folder"],
  ["SQLITE_CORRUPT", "corrupt", "the database file is damaged: stop the server and restore a backup"],
  ["SQLITE_NOTADB", "corrupt", "the file is not a database: check DATA_DIR, or restore a backup"],
  ["SQLITE_BUSY", "busy", "another process holds the database's lock: try again"],
  ["SQLITE_LOCKED", "busy", "the database is locked: try again"],
  ["SQLITE_IOERR", "io", "the disk answered with an error: check it and the system's log"],
  ["SQLITE_CANTOPEN", "cannot-open", "the file cannot be opened: check that its folder exists and may be written to"],
  ["SQLITE_CONSTRAINT", "constraint", "a rule of the schema refused it"],
];

/** Gives any failure of the database driver its code and a sentence that says what to do. */
export function toStoreError(error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  const message = error instanceof Error ? error.message : String(error);
  const driverCode =
    error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
  const known = ADVICE.find(([prefix]) => driverCode?.startsWith(prefix));
  if (known === undefined) return new StoreError("failed", message, { cause: error });
  return new StoreError(known[1], `${message} (${driverCode}): ${known[2]}`, { cause: error });
}
