import { batchedWrite, read, write } from "../database/operation.ts";
import { appendMessage, findByClientId } from "./append/append-message.ts";
import { appendPacking } from "./append/append-packing.ts";
import { deleteMessage } from "./delete-message.ts";
import { editMessage } from "./edit-message.ts";
import { findMessage } from "./find-messages.ts";
import { readHistory, readHistoryJson } from "./history.ts";
import { listPinned, listPinnedJson, setPinned } from "./pins.ts";
import { setReaction } from "./set-reaction.ts";
import { listVersions } from "./versions.ts";

export const messageOperations = {
  /** Posts a message; see `MessageStore`. */
  append: batchedWrite(appendMessage, appendPacking),
  /** Returns the message that this author posted with this client id, as it is now. */
  findByClientId: read(findByClientId),
  /** Returns a message as it is now, also a deleted one. `viewer`: the user whose reactions are marked as `mine`. */
  find: read(findMessage),
  /** Returns one page of a room's messages, in the order of their seq. */
  readHistory: read(readHistory),
  /** Returns the same page as the text of its JSON. */
  readHistoryJson: read(readHistoryJson),
  edit: write(editMessage),
  /** Empties the message and takes it out of the search; its last body stays among its versions. */
  delete: write(deleteMessage),
  setReaction: write(setReaction),
  setPinned: write(setPinned),
  /** Returns the pinned messages of a room, newest pin first; where edits have made them longer than a page, fewer. */
  listPinned: read(listPinned),
  /** Returns the same messages as the text of their JSON. */
  listPinnedJson: read(listPinnedJson),
  /** Returns the previous bodies of a message, oldest first; of very many, the latest. */
  listVersions: read(listVersions),
};
