import { navigate } from "wouter/use-browser-location";
import { openPane, parseRoomAddress } from "./room-navigation.ts";

/** The page of the search, where no room is open. */
export function getSearchHref(query: string): string {
  return query === "" ? "/search" : `/search?q=${encodeURIComponent(query)}`;
}

/** Searches in all rooms: beside the one that is open, or on a page of its own. */
export function openSearch(query = ""): void {
  const columns = parseRoomAddress(location.pathname, location.search);
  if (columns === undefined) navigate(getSearchHref(query));
  else openPane(columns.active, { name: "search", ...(query === "" ? {} : { query }), inAllRooms: true }, true);
}
