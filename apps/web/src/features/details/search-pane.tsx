import type { RoomListEntry } from "@multichat/protocol";
import type { Pane } from "../../navigation/pane-address.ts";
import { openPane } from "../../navigation/room-navigation.ts";
import { MessageSearch } from "../search/message-search.tsx";

interface SearchPaneProps {
  readonly room: RoomListEntry;
  readonly pane: Pane;
}

/** The search beside a conversation, in its room or in all rooms. */
export function SearchPane({ room, pane }: SearchPaneProps) {
  return (
    <MessageSearch
      room={room}
      query={pane.query ?? ""}
      inAllRooms={pane.inAllRooms === true}
      onSearch={(query, { inAllRooms }) =>
        openPane(room.number, {
          name: "search",
          ...(query === "" ? {} : { query }),
          ...(inAllRooms ? { inAllRooms } : {}),
        })
      }
    />
  );
}
