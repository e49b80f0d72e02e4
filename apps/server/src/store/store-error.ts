/** Why the database could not do something. The first five are transient: a later attempt can succeed. */
export type StoreErrorCode =
  /** The queue to the database is full, or another process holds the file's lock. */
  | "busy"
  /** The disk is full. */
  | "full"
  /** The disk reported an error. */
  | "io"
  /** The store is closed, or its thread failed. */
  | "closed"
  /** The database server cannot be reached, or ended the connection: whether the change was committed is unknown. */
  | "unreachable"
  | "readonly"
  | "corrupt"
  | "cannot-open"
  /** The file was written by a newer version of this software. */
  | "newer"
  /** A constraint of the schema refused it. */
  | "constraint"
  /** Any other failure of a statement: a bug in this software. */
  | "failed";

/** The rejection of every call to the store. The message says what happened and what to do. */
export class StoreError extends Error {
  readonly code: StoreErrorCode;

  constructor(code: StoreErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "StoreError";
    this.code = code;
  }

  /** Whether the same call can succeed later. */
  get isTransient(): boolean {
    return TRANSIENT.has(this.code);
  }
}

/** Returns an error of the store as it is, and any other one as a failure of this software. */
export function asStoreError(error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new StoreError("failed", message, { cause: error });
}

const TRANSIENT: ReadonlySet<StoreErrorCode> = new Set(["busy", "full", "io", "closed", "unreachable"]);
