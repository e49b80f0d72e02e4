import { read, write } from "../database/operation.ts";
import { deleteAbandoned, deleteRemovals, findKnownKeys, listContents, takeRemovals } from "./removals.ts";
import { addFile, findFile, findUpload, remainingFileBytes } from "./uploads.ts";

export const fileOperations = {
  /** Adds an uploaded file; a retry with the same author and client id is `repeated`. */
  add: write(addFile),
  find: read(findFile),
  /** Returns what this author has uploaded with this client id. */
  findUpload: read(findUpload),
  /** Returns the bytes that an author, and all users together, can still upload. */
  remainingBytes: read(remainingFileBytes),
  /** Deletes a batch of uploads that no message has taken, and of files of deleted rooms. */
  deleteAbandoned: write(deleteAbandoned),
  /** Returns keys of contents that no file has any more. */
  takeRemovals: write(takeRemovals),
  /** Forgets keys whose contents were removed. */
  deleteRemovals: write(deleteRemovals),
  /** Returns a page of the contents that files have. */
  listContents: read(listContents),
  /** Returns those of the keys whose contents belong to files, or wait for their removal. */
  findKnownKeys: read(findKnownKeys),
};
