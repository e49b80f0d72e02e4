import type { StoredContent } from "../../files/removals.ts";
import { SqliteDatabase } from "../sqlite-database.ts";

const PAGE_SIZE = 1_000;

/** Yields the contents that the files of a database have, each once. A database from before there were files has none. */
export function* listContentsOf(file: string): Generator<StoredContent> {
  const raw = new SqliteDatabase(file, { readOnly: true });
  try {
    if (!hasFiles(raw)) return;
    const select = raw.prepare<[string, number], { key: string; hash: string; bytes: number }>(
      "select key, hash, max(bytes) as bytes from file where key > ? group by key, hash order by key limit ?",
    );
    for (let after = ""; ; ) {
      const page = select.all(after, PAGE_SIZE);
      yield* page;
      const last = page.at(-1);
      if (last === undefined) return;
      after = last.key;
    }
  } finally {
    raw.close();
  }
}

/** Whether a file of the database has this content. */
export function hasContent(file: string, key: string): boolean {
  const raw = new SqliteDatabase(file, { readOnly: true });
  try {
    return hasFiles(raw) && raw.prepare("select 1 from file where key = ?").all(key).length > 0;
  } finally {
    raw.close();
  }
}

function hasFiles(raw: SqliteDatabase): boolean {
  return raw.prepare("select 1 from sqlite_schema where type = 'table' and name = 'file'").all().length > 0;
}
