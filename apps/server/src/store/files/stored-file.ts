import type { MessageFile } from "@multichat/protocol";
import type { FileRow } from "../database/tables.ts";

/** A file as the store has it. */
export interface StoredFile {
  readonly id: string;
  readonly room: string;
  /** The id of the user who uploaded it. */
  readonly author: string;
  /** SHA-256 of the content, in hexadecimal digits. */
  readonly hash: string;
  /** Where the content is. Files with the same content share it; it is never given to another content. */
  readonly key: string;
  readonly createdAt: number;
  /** Whether a message has it. */
  readonly isPosted: boolean;
  /** As clients see it. */
  readonly file: MessageFile;
}

export function toStoredFile(row: FileRow): StoredFile {
  const { id, room, author, hash, key, created_at: createdAt, message } = row;
  return { id, room, author, hash, key, createdAt, isPosted: message !== null, file: toMessageFile(row) };
}

type DescribedFile = Pick<FileRow, "id" | "name" | "type" | "bytes" | "width" | "height">;

export function toMessageFile({ id, name, type, bytes, width, height }: DescribedFile): MessageFile {
  return { id, name, type, bytes, ...(width === null || height === null ? {} : { width, height }) };
}

/** What a message keeps of its files, so that no query of messages needs another one. */
export function toFilesColumn(files: readonly MessageFile[]): string | null {
  return files.length === 0 ? null : JSON.stringify(files);
}

export function fromFilesColumn(column: string | null): { readonly files?: readonly MessageFile[] } {
  // Written by `toFilesColumn` alone.
  return column === null ? {} : { files: JSON.parse(column) as readonly MessageFile[] };
}

/** Returns what stands for a message that has files and no text, where only a text is shown. */
export function textOf({ body, files }: { readonly body: string; readonly files: string | null }): string {
  if (body !== "" || files === null) return body;
  return (fromFilesColumn(files).files ?? []).map(({ name }) => name).join(", ");
}
