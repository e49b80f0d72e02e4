import type { RoomListEntry } from "@multichat/protocol";
import { Fragment, type MouseEvent, useSyncExternalStore } from "react";
import { chat } from "../connection/chat.ts";
import { addressOf } from "../navigation/columns.ts";
import { goToRoom } from "../navigation/room-navigation.ts";
import styles from "./message-text.module.css";
import { findRooms, indexRooms, type RoomIndex } from "./room-index.ts";

let indexed: readonly RoomListEntry[] = [];
let index: RoomIndex = [];

/** The same object for as long as no name changes: the list itself changes with every message that is unread. */
function currentIndex(): RoomIndex {
  const { rooms } = chat.rooms.get();
  if (rooms === indexed) return index;
  indexed = rooms;
  const next = indexRooms(rooms);
  const same =
    next.length === index.length &&
    next.every((room, at) => room.number === index[at]?.number && room.title === index[at].title);
  if (!same) index = next;
  return index;
}

/** Text in which #rooms that one may enter are links to them. */
export function RoomReferences({ text }: { readonly text: string }) {
  const rooms = useSyncExternalStore(chat.rooms.subscribe, currentIndex, currentIndex);
  return findRooms(text, rooms).map((piece, at) =>
    typeof piece === "string" ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: a text's pieces never move.
      <Fragment key={at}>{piece}</Fragment>
    ) : (
      <a
        // biome-ignore lint/suspicious/noArrayIndexKey: a text's pieces never move.
        key={at}
        href={addressOf({ open: [piece.number], active: piece.number })}
        className={styles.room}
        onClick={(event) => follow(event, () => goToRoom(piece.number))}
      >
        {piece.text}
      </a>
    ),
  );
}

/** Goes there in place, but where somebody asks for another tab or window. */
function follow(event: MouseEvent, go: () => void): void {
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  go();
}
