import { sql } from "kysely";
import type { ReadContext, WriteContext } from "../database/context.ts";
import { prepared } from "../database/prepared.ts";
import type { FileRow } from "../database/tables.ts";
import { type StoredFile, toStoredFile } from "./stored-file.ts";

export interface NewFile extends Omit<FileRow, "created_at" | "message"> {
  /** Bytes of all files of its author, and of all users; null: any number. */
  readonly maxAuthorBytes: number | null;
  readonly maxTotalBytes: number | null;
}

export type AddFileResult =
  | { readonly outcome: "added"; readonly file: StoredFile }
  /** The author has uploaded a file with this client id before. */
  | { readonly outcome: "repeated"; readonly file: StoredFile }
  /** It would be more than all files of the author, or of all users, may have. */
  | { readonly outcome: "author-full" | "full" };

const selectById = prepared<{ id: string }, FileRow>((db, param) =>
  db.selectFrom("file").selectAll().where("id", "=", param("id")),
);

const selectByClientId = prepared<{ author: string; client_id: string }, FileRow>((db, param) =>
  db.selectFrom("file").selectAll().where("author", "=", param("author")).where("client_id", "=", param("client_id")),
);

const selectKey = prepared<{ hash: string }, { key: string }>((db, param) =>
  db.selectFrom("file").select("key").where("hash", "=", param("hash")).limit(sql.lit(1)),
);

const sumAuthorBytes = prepared<{ author: string }, { bytes: number | null }>((db, param) =>
  db
    .selectFrom("file")
    // As text: a sum of many rows is a decimal number in Postgres.
    .select((e) => e.cast<number | null>(e.fn.sum("bytes"), "bigint").as("bytes"))
    .where("author", "=", param("author")),
);

const sumBytes = prepared<Record<never, never>, { bytes: number | null }>((db) =>
  db.selectFrom("file").select((e) => e.cast<number | null>(e.fn.sum("bytes"), "bigint").as("bytes")),
);

export async function findFile(context: ReadContext, { id }: { id: string }): Promise<StoredFile | undefined> {
  const [row] = await selectById(context, { id });
  return row && toStoredFile(row);
}

export async function findUpload(
  context: ReadContext,
  { author, clientId }: { author: string; clientId: string },
): Promise<StoredFile | undefined> {
  const [row] = await selectByClientId(context, { author, client_id: clientId });
  return row && toStoredFile(row);
}

/** Returns what of a quota is left; undefined: there is none. */
export async function remainingFileBytes(
  context: ReadContext,
  { author, maxAuthorBytes, maxTotalBytes }: { author: string } & Pick<NewFile, "maxAuthorBytes" | "maxTotalBytes">,
): Promise<{ readonly author: number; readonly total: number }> {
  const [own, all] = [
    maxAuthorBytes === null ? [] : await sumAuthorBytes(context, { author }),
    maxTotalBytes === null ? [] : await sumBytes(context, {}),
  ];
  return {
    author: (maxAuthorBytes ?? Number.POSITIVE_INFINITY) - (own[0]?.bytes ?? 0),
    total: (maxTotalBytes ?? Number.POSITIVE_INFINITY) - (all[0]?.bytes ?? 0),
  };
}

/**
 * Adds an uploaded file, whose content is stored at its key. Where another file has the same content, the new one shares that:
 * then nothing refers to the given key.
 */
export async function addFile(
  context: WriteContext,
  { maxAuthorBytes, maxTotalBytes, ...given }: NewFile,
): Promise<AddFileResult> {
  const { author, client_id, hash, bytes } = given;
  const [known] = await selectByClientId(context, { author, client_id });
  if (known !== undefined) return { outcome: "repeated", file: toStoredFile(known) };
  const remaining = await remainingFileBytes(context, { author, maxAuthorBytes, maxTotalBytes });
  if (bytes > remaining.author) return { outcome: "author-full" };
  if (bytes > remaining.total) return { outcome: "full" };
  const [shared] = await selectKey(context, { hash });
  const row: FileRow = { ...given, key: shared?.key ?? given.key, created_at: context.now, message: null };
  await context.db.insertInto("file").values(row).execute();
  return { outcome: "added", file: toStoredFile(row) };
}
