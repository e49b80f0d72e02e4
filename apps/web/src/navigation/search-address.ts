import { navigate } from "wouter/use-browser-location";
import { columnsOf, openPane } from "./room-navigation.ts";

/** The page of the search, where no room is open. */
export function searchHref(query: string): string {
  return query === "" ? "/search" : `/search?q=${encodeURIComponent(query)}`;
}

/** Searches in all rooms: beside the one that is open, or on a page of its own. */
export function openSearch(query = ""): void {
  const columns = columnsOf(location.pathname, location.search);
  if (columns === undefined) navigate(searchHref(query));
  else openPane(columns.active, { name: "search", ...(query === "" ? {} : { query }), everywhere: true }, true);
}
