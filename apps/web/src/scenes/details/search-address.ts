import { addressOf, type Columns } from "../chat/columns.ts";

/** Where one searches: beside the rooms that are open; a page of its own where none is. */
export function searchHref(columns: Columns | undefined, query = ""): string {
  if (columns === undefined) return query === "" ? "/search" : `/search?q=${encodeURIComponent(query)}`;
  return addressOf({
    ...columns,
    pane: { name: "search", ...(query === "" ? {} : { query }), everywhere: true },
  });
}
