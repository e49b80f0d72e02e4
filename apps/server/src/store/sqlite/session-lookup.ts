import { sql } from "kysely";
import type { ActiveSession } from "../people/session.ts";
import { type SelectedSession, selectSessionByTokenHash, toActiveSession } from "../people/sessions.ts";
import { type Connection, connect } from "./connection.ts";
import { resultCode, type Statement } from "./sqlite-database.ts";

/**
 * Reads sessions on the calling thread. Every handshake needs one, and waking the reader's thread costs six times what the
 * row does. In WAL mode a read waits for no commit; where the file is locked all the same (a recovery, a checkpoint that
 * restarts the log), the lookup gives up at once and the caller asks the reader's thread.
 */
export class SessionLookup {
  readonly #connection: Connection;
  readonly #byTokenHash: Statement<[tokenHash: string, now: string], SelectedSession>;

  constructor(file: string) {
    this.#connection = connect({ file, readOnly: true, busyTimeoutMs: 0 });
    const { raw, db } = this.#connection;
    // Run without the query builder, which takes longer than the row.
    const { sql: text } = selectSessionByTokenHash(db, sql`${""}`, sql`${""}`).compile();
    this.#byTokenHash = raw.prepare(text);
  }

  /** Returns `"unavailable"` where the session cannot be read without waiting. */
  find(tokenHash: string): ActiveSession | undefined | "unavailable" {
    try {
      const row = this.#byTokenHash.get(tokenHash, new Date().toISOString());
      return row && toActiveSession(row);
    } catch (error) {
      if (resultCode(error) === undefined) throw error;
      // The reader's thread waits for a lock, and reports any other failure as a `StoreError`.
      return "unavailable";
    }
  }

  close(): void {
    this.#connection.raw.close();
  }
}
