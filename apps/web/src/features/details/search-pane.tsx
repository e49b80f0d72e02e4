import type { RoomListEntry } from "@multichat/protocol";
import type { PaneAt } from "../../navigation/pane-address.ts";
import { openPane } from "../../navigation/room-navigation.ts";
import { MessageSearch } from "../search/message-search.tsx";

interface SearchPaneProps {
  readonly room: RoomListEntry;
  readonly pane: PaneAt;
}

/** The search beside a conversation: in its room, or in all. */
export function SearchPane({ room, pane }: SearchPaneProps) {
  return (
    <MessageSearch
      room={room}
      query={pane.query ?? ""}
      everywhere={pane.everywhere === true}
      onSearch={(query, everywhere) =>
        openPane(room.number, {
          name: "search",
          ...(query === "" ? {} : { query }),
          ...(everywhere ? { everywhere } : {}),
        })
      }
    />
  );
}
