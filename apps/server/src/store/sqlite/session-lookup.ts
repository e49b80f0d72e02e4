import Database, { type Statement } from "better-sqlite3";
import { sql } from "kysely";
import type { ActiveSession } from "../people/account-store.ts";
import { type SessionShape, sessionByToken, toSession } from "../people/sessions.ts";
import { type Connection, connect } from "./connection.ts";

/**
 * Sessions read on the caller's own thread. Waking the reader's thread for one row costs six times what the row does, and
 * every handshake asks. In WAL a read waits for no commit; where the file is locked all the same (a recovery, a
 * checkpoint that begins anew), this one gives up at once and the reader's thread is asked.
 */
export class SessionLookup {
  readonly #connection: Connection;
  readonly #byToken: Statement<[token: string, now: string], SessionShape>;

  constructor(file: string) {
    this.#connection = connect({ file, readOnly: true, busyTimeoutMs: 0 });
    const { raw, db } = this.#connection;
    // Past the query builder, whose own way to a row costs more than the row.
    const { sql: text } = sessionByToken(db, sql`${""}`, sql`${""}`).compile();
    this.#byToken = raw.prepare(text);
  }

  /** `"ask-reader"`: not to be had here without waiting. */
  find(token: string): ActiveSession | undefined | "ask-reader" {
    try {
      const row = this.#byToken.get(token, new Date().toISOString());
      return row && toSession(row);
    } catch (error) {
      if (!(error instanceof Database.SqliteError)) throw error;
      // Locked, or whatever else is wrong with the file: the reader's thread waits, or says it in the store's own words.
      return "ask-reader";
    }
  }

  close(): void {
    this.#connection.raw.close();
  }
}
