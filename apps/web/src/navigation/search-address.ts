import { currentPath, goTo } from "../state/address.ts";
import { openPane, parseRoomAddress } from "./room-navigation.ts";

/** Returns the address of the search page, which is used when no room is open. */
export function getSearchHref(query: string): string {
  return query === "" ? "/search" : `/search?q=${encodeURIComponent(query)}`;
}

/** Opens the search in all rooms: beside the open room, or as a page when none is open. */
export function openSearch(query = ""): void {
  const columns = parseRoomAddress(currentPath(), location.search);
  if (columns === undefined) goTo(getSearchHref(query));
  else
    openPane(
      columns.active,
      { name: "search", ...(query === "" ? {} : { query }), inAllRooms: true },
      { moveFocus: true },
    );
}
