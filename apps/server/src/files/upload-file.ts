import { randomBytes } from "node:crypto";
import type { MessageFile, RoomAddress } from "@multichat/protocol";
import { uuidv7 } from "uuidv7";
import { Refusal } from "../access/refusal.ts";
import { assertCanWrite, loadRoomAccess } from "../access/room-access.ts";
import type { Actor } from "../accounts/accounts.ts";
import type { Context } from "../context.ts";
import { StorageError } from "../storage/file-storage.ts";
import type { Files } from "./files.ts";
import { discard, type PreparedContent, prepareContent } from "./prepare-content.ts";

export interface UploadFile {
  readonly room: RoomAddress;
  /** Validated by the interface's schema. */
  readonly name: string;
  /** The client's id of the upload. A retry with the same id returns the first file. */
  readonly clientId: string;
  readonly body: AsyncIterable<Buffer>;
  /** Called when the body has arrived, which may take an hour. Returns the actor as of then. @throws Refusal */
  readonly actorAfterBody: () => Promise<Actor>;
  /** Bytes of the body, where they are known. */
  readonly announcedBytes: number | undefined;
}

/** Room on the disk that uploads leave to the database and its log. */
const RESERVED_BYTES = 256 * 1_024 * 1_024;
const BUSY_RETRY_SECONDS = 1;
const FAILURE_RETRY_SECONDS = 30;

/**
 * Stores a file that a message to the room can take within a day. When this resolves, the content and its row are synced to disk.
 *
 * @throws Refusal ROOM_INVALID, ROOM_ARCHIVED, PERSON_DEACTIVATED, MEMBER_MUTED, FORBIDDEN, PAYLOAD_TOO_LARGE, LIMIT_EXCEEDED,
 * RATE_LIMITED, UNAVAILABLE; whatever the body fails with.
 */
export async function uploadFile(
  context: Pick<Context, "store" | "limits">,
  files: Files,
  actor: Actor,
  upload: UploadFile,
): Promise<MessageFile> {
  const { clientId, announcedBytes = 0 } = upload;
  const access = await loadRoomAccess(context, actor, upload.room);
  const room = access.room.id;
  const known = await context.store.files.findUpload({ author: actor.id, clientId });
  if (known !== undefined) return repeated(known, room);
  assertCanWrite(actor, access);
  const { fileBytes } = context.limits;
  if (fileBytes === 0) throw new Refusal("FORBIDDEN", "This server takes no files.");
  const tooLarge = new Refusal("PAYLOAD_TOO_LARGE", `Expected a file of at most ${fileBytes} bytes, got a larger one.`);
  if (announcedBytes > fileBytes) throw tooLarge;
  const end = files.beginUpload(actor.id);
  if (end === undefined) {
    const message = "Too many files are being uploaded. Wait for one of them.";
    throw new Refusal("RATE_LIMITED", message, { retryAfter: BUSY_RETRY_SECONDS });
  }
  try {
    const limit = await findLimit(context, files, actor, { fileBytes, tooLarge });
    if (announcedBytes > limit.maxBytes) throw limit.tooLarge;
    const prepared = await prepareContent(upload.body, { folder: files.storage.incoming, ...limit });
    try {
      assertCanWrite(actor, await loadRoomAccess(context, await upload.actorAfterBody(), room));
    } catch (error) {
      await discard(prepared.path);
      throw error;
    }
    return await add(context, files, actor, { room, upload, prepared });
  } catch (error) {
    throw toRefusal(error, files);
  } finally {
    end();
  }
}

/** Of the limits of a file, of the user, of all users and of the disk the lowest one, with its refusal. */
async function findLimit(
  { store }: Pick<Context, "store">,
  { storage, maxUserBytes, maxTotalBytes }: Files,
  actor: Actor,
  { fileBytes, tooLarge }: { readonly fileBytes: number; readonly tooLarge: Refusal },
): Promise<{ readonly maxBytes: number; readonly tooLarge: Refusal }> {
  const remaining = await store.files.remainingBytes({
    author: actor.id,
    maxAuthorBytes: maxUserBytes,
    maxTotalBytes,
  });
  const free = (await storage.freeBytes()) - RESERVED_BYTES;
  const limits = [
    { maxBytes: fileBytes, tooLarge },
    { maxBytes: remaining.author, tooLarge: userFull() },
    { maxBytes: remaining.total, tooLarge: totalFull() },
    { maxBytes: free, tooLarge: storageFull() },
  ];
  return limits.reduce((lowest, limit) => (limit.maxBytes < lowest.maxBytes ? limit : lowest));
}

interface PreparedUpload {
  readonly room: string;
  readonly upload: UploadFile;
  readonly prepared: PreparedContent;
}

async function add(
  { store }: Pick<Context, "store">,
  files: Files,
  actor: Actor,
  { room, upload, prepared }: PreparedUpload,
): Promise<MessageFile> {
  const { path, hash, bytes, type, width = null, height = null } = prepared;
  // Never given to another content, so that one that is removed at this moment takes nothing with it.
  const key = `${hash}-${randomBytes(8).toString("hex")}`;
  try {
    await files.storage.put(path, key);
  } catch (error) {
    await discard(path);
    throw error;
  }
  // Where this fails, the row may be there nevertheless: what no row has is removed a day later.
  const added = await store.files.add({
    id: uuidv7(),
    room,
    author: actor.id,
    client_id: upload.clientId,
    hash,
    key,
    name: upload.name,
    type,
    bytes,
    width,
    height,
    maxAuthorBytes: files.maxUserBytes,
    maxTotalBytes: files.maxTotalBytes,
  });
  if (!("file" in added) || added.file.key !== key) await files.storage.delete(key);
  switch (added.outcome) {
    case "author-full":
      throw userFull();
    case "full":
      throw totalFull();
    case "repeated":
      return repeated(added.file, room);
    case "added":
      files.totals.uploads += 1;
      files.totals.uploadedBytes += bytes;
      return added.file.file;
  }
}

function repeated(
  { room, file }: { readonly room: string; readonly file: MessageFile },
  expected: string,
): MessageFile {
  if (room === expected) return file;
  throw new Refusal("COMMAND_INVALID", "Expected a clientId of its own for each upload, got that of another room.");
}

function userFull(): Refusal {
  return new Refusal(
    "LIMIT_EXCEEDED",
    "Your files take all the space that you have. Delete messages with files first.",
  );
}

function totalFull(): Refusal {
  return new Refusal("LIMIT_EXCEEDED", "The files of this server take all the space that they have.");
}

function storageFull(): Refusal {
  return new Refusal("UNAVAILABLE", "The storage of this server is full.", { retryAfter: FAILURE_RETRY_SECONDS });
}

function toRefusal(error: unknown, { onError }: Files): unknown {
  const isOfSystem = error instanceof StorageError || (error instanceof Error && "syscall" in error && "path" in error);
  if (!isOfSystem) return error;
  onError(error, "store a file");
  const code = (error as NodeJS.ErrnoException).code;
  const isFull = (error instanceof StorageError && error.isFull) || code === "ENOSPC" || code === "EDQUOT";
  return isFull ? storageFull() : new Refusal("UNAVAILABLE", undefined, { retryAfter: FAILURE_RETRY_SECONDS });
}
