import type { MessageFile } from "@multichat/protocol";
import { sql } from "kysely";
import type { WriteContext } from "../database/context.ts";
import { prepared } from "../database/prepared.ts";
import type { FileRow } from "../database/tables.ts";
import { toMessageFile } from "./stored-file.ts";

/** The files of messages: they are posted and removed in the transaction of their message. */

const selectUnposted = prepared<{ ids: string; room: string; author: string }, FileRow>((db, param, dialect) =>
  db
    .selectFrom("file")
    .selectAll()
    .where("id", "in", dialect.jsonElements(param("ids")))
    .where("room", "=", param("room"))
    .where("author", "=", param("author"))
    .where("message", "is", null),
);

const setMessage = prepared<{ ids: string; message: number }, never>((db, param, dialect) =>
  db
    .updateTable("file")
    .set({ message: param("message") })
    .where("id", "in", dialect.jsonElements(param("ids"))),
);

/** Queues the contents of a message's files; whether another file has the same content is asked when they are removed. */
const queueContents = prepared<{ message: number; at: number }, never>((db, param) =>
  db
    .insertInto("file_removal")
    .columns(["key", "at"])
    .expression((e) =>
      e
        .selectFrom("file")
        .select(["key", sql<number>`${param("at")}`.as("at")])
        .distinct()
        .where("message", "=", param("message")),
    )
    .onConflict((conflict) => conflict.doNothing()),
);

const deleteRows = prepared<{ message: number }, never>((db, param) =>
  db.deleteFrom("file").where("message", "=", param("message")),
);

/**
 * Finds what a message is to be posted with, in the given order: uploads of its author to its room that are in no message.
 *
 * @returns undefined where one of them is not.
 */
export async function findPostable(
  context: WriteContext,
  {
    ids,
    room,
    author,
  }: { readonly ids: readonly string[]; readonly room: string; readonly author: string | undefined },
): Promise<readonly MessageFile[] | undefined> {
  if (ids.length === 0) return [];
  if (author === undefined) return undefined;
  const rows = await selectUnposted(context, { ids: JSON.stringify(ids), room, author });
  const byId = new Map(rows.map((row) => [row.id, toMessageFile(row)]));
  const files = ids.flatMap((id) => byId.get(id) ?? []);
  return files.length === ids.length ? files : undefined;
}

export async function attachFiles(
  context: WriteContext,
  { files, message }: { readonly files: readonly MessageFile[]; readonly message: number },
): Promise<void> {
  if (files.length === 0) return;
  await setMessage(context, { ids: JSON.stringify(files.map(({ id }) => id)), message });
}

/** @param row of the message, as it was before its deletion. */
export async function deleteFiles(
  context: WriteContext,
  { n, files }: { readonly n: number; readonly files: string | null },
): Promise<void> {
  if (files === null) return;
  await queueContents(context, { message: n, at: context.now });
  await deleteRows(context, { message: n });
}
