import type { SqliteDatabase } from "./sqlite-database.ts";

/**
 * Records the end of every session in the change feed, in the transaction that ends it and whichever statement does. The
 * trigger belongs to this connection alone (TEMP), because it has to know which process writes.
 */
export function createSessionTrigger(raw: SqliteDatabase, origin: string): void {
  if (!/^[0-9a-f-]+$/.test(origin)) throw new Error(`expected a UUID as origin, got ${origin}`);
  raw.exec(`
    create temp trigger session_ended after delete on main.session begin
      insert into change (origin, kind, data, at) values (
        '${origin}', 'session', json_object('user', old.userId, 'session', old.id),
        cast((julianday('now') - 2440587.5) * 86400000 as integer)
      );
    end`);
}
