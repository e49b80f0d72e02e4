import type { RoomListEntry } from "@multichat/protocol";
import { Fragment, type MouseEvent, useSyncExternalStore } from "react";
import { chat } from "../connection/chat.ts";
import { formatRoomAddress } from "../navigation/columns.ts";
import { goToRoom } from "../navigation/room-navigation.ts";
import styles from "./message-text.module.css";
import { buildRoomIndex, type RoomIndex, splitRoomReferences } from "./room-index.ts";

let indexedRooms: readonly RoomListEntry[] = [];
let index: RoomIndex = [];

/** Returns the same index until a title changes: the list itself changes with every unread message. */
function getRoomIndex(): RoomIndex {
  const { rooms } = chat.rooms.get();
  if (rooms === indexedRooms) return index;
  indexedRooms = rooms;
  const rebuilt = buildRoomIndex(rooms);
  const isSame =
    rebuilt.length === index.length &&
    rebuilt.every((room, position) => room.number === index[position]?.number && room.title === index[position].title);
  if (!isSame) index = rebuilt;
  return index;
}

/** Renders text with links for references to rooms that the user can see. */
export function RoomReferences({ text }: { readonly text: string }) {
  const rooms = useSyncExternalStore(chat.rooms.subscribe, getRoomIndex, getRoomIndex);
  return splitRoomReferences(text, rooms).map((piece, position) =>
    typeof piece === "string" ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: the pieces of a text never move.
      <Fragment key={position}>{piece}</Fragment>
    ) : (
      <a
        // biome-ignore lint/suspicious/noArrayIndexKey: the pieces of a text never move.
        key={position}
        href={formatRoomAddress({ open: [piece.number], active: piece.number })}
        className={styles.room}
        onClick={(event) => followInPage(event, () => goToRoom(piece.number))}
      >
        {piece.text}
      </a>
    ),
  );
}

/** Navigates in place, unless a modifier key asks for another tab or window. */
function followInPage(event: MouseEvent, navigate: () => void): void {
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  navigate();
}
