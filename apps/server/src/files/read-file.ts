import type { Readable } from "node:stream";
import type { MessageFile } from "@multichat/protocol";
import { canSeeRoom } from "../access/policies/rooms.ts";
import { Refusal } from "../access/refusal.ts";
import type { Actor } from "../accounts/accounts.ts";
import type { Context } from "../context.ts";
import { type ByteRange, StorageError } from "../storage/file-storage.ts";
import { isInlineType } from "./content/content-type.ts";
import type { Files } from "./files.ts";

export interface VisibleFile {
  readonly file: MessageFile;
  /** SHA-256 of the content, in hexadecimal digits. */
  readonly hash: string;
  /** Whether a browser may display it. */
  readonly isInline: boolean;
  /** Reads the content, or a part of it. @throws Refusal NOT_FOUND, UNAVAILABLE. */
  open(range?: ByteRange): Promise<Readable>;
}

/**
 * Finds a file of a room that the actor can see. A file of another room, and someone else's upload that no message has, are
 * refused like an id that does not exist.
 *
 * @throws Refusal NOT_FOUND.
 */
export async function findVisibleFile(
  { store }: Pick<Context, "store">,
  files: Files,
  actor: Actor,
  { id }: { readonly id: string },
): Promise<VisibleFile> {
  const stored = await store.files.find({ id });
  if (stored === undefined || (!stored.isPosted && stored.author !== actor.id)) throw new Refusal("NOT_FOUND");
  const room = await store.rooms.find(stored.room);
  if (room === undefined || !canSeeRoom(actor, room)) throw new Refusal("NOT_FOUND");
  const { file, hash, key } = stored;
  const open = async (range?: ByteRange): Promise<Readable> => {
    try {
      return await files.storage.read(key, range);
    } catch (error) {
      if (!(error instanceof StorageError)) throw error;
      files.onError(error, "read a file");
      throw error.isMissing ? new Refusal("NOT_FOUND") : new Refusal("UNAVAILABLE", undefined, { retryAfter: 5 });
    }
  };
  return { file, hash, isInline: isInlineType(file.type), open };
}
