import { StoreError, type StoreErrorCode } from "../store-error.ts";
import { resultCode } from "./sqlite-database.ts";

const DAMAGED =
  "the database is damaged: stop the server, run `multichat doctor`, and restore a backup with `multichat restore`";
const NOT_WRITABLE = "the database is not writable: check the permissions of the file and its folder";

/** SQLITE_READONLY_DBMOVED: the file has another name now, or none. */
const MOVED_CODE = 1032;
const MOVED: Advice = {
  name: "SQLITE_READONLY_DBMOVED",
  code: "busy",
  advice: "the database was replaced or moved while it was opened, by a restore for example: try again",
};

interface Advice {
  /** The name of SQLite's primary result code. */
  readonly name: string;
  readonly code: StoreErrorCode;
  readonly advice: string;
}

/** By SQLite's primary result code. */
const ADVICE: ReadonlyMap<number, Advice> = new Map([
  [
    13,
    { name: "SQLITE_FULL", code: "full", advice: "the disk is full: free some space; no acknowledged change is lost" },
  ],
  [8, { name: "SQLITE_READONLY", code: "readonly", advice: NOT_WRITABLE }],
  [3, { name: "SQLITE_PERM", code: "readonly", advice: NOT_WRITABLE }],
  [11, { name: "SQLITE_CORRUPT", code: "corrupt", advice: DAMAGED }],
  [
    26,
    {
      name: "SQLITE_NOTADB",
      code: "corrupt",
      advice: `the file is not a database: check DATA_DIR. If it is right, ${DAMAGED}`,
    },
  ],
  [5, { name: "SQLITE_BUSY", code: "busy", advice: "another process holds the database's lock: try again" }],
  [6, { name: "SQLITE_LOCKED", code: "busy", advice: "the database is locked: try again" }],
  [10, { name: "SQLITE_IOERR", code: "io", advice: "the disk reported an error: check it and the system's log" }],
  [
    14,
    {
      name: "SQLITE_CANTOPEN",
      code: "cannot-open",
      advice: "the file cannot be opened: check that its folder exists and is writable",
    },
  ],
  [19, { name: "SQLITE_CONSTRAINT", code: "constraint", advice: "a constraint of the schema refused it" }],
]);

const DAMAGE_MESSAGES = /disk image is malformed|file is not a database/;

/** Gives any failure of the database driver its code, and a message that says what to do. */
export function toStoreError(error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  const message = error instanceof Error ? error.message : String(error);
  const extendedCode = resultCode(error);
  // An error of another thread may have lost its code.
  if (extendedCode === undefined && DAMAGE_MESSAGES.test(message)) {
    return new StoreError("corrupt", `${message}: ${DAMAGED}`, { cause: error });
  }
  // The extended code keeps the primary one in its last byte.
  const primary = extendedCode === undefined ? undefined : ADVICE.get(extendedCode & 0xff);
  const known = extendedCode === MOVED_CODE ? MOVED : primary;
  if (known === undefined) return new StoreError("failed", message, { cause: error });
  const { name, code, advice } = known;
  return new StoreError(code, `${message} (${name}, code ${extendedCode}): ${advice}`, { cause: error });
}
