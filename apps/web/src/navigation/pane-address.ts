/** The panes of a room's details. */
export const PANES = ["about", "members", "pins", "search"] as const;
export type PaneName = (typeof PANES)[number];

/** The details pane as encoded in the address: `pane=search&q=soup&in=all`. */
export interface Pane {
  readonly name: PaneName;
  /** A name among the members, or search terms among the messages. */
  readonly query?: string;
  /** Searches all rooms instead of this one. */
  readonly inAllRooms?: true;
}

export function parsePane(params: URLSearchParams): Pane | undefined {
  const name = PANES.find((pane) => pane === params.get("pane"));
  if (name === undefined) return undefined;
  const query = params.get("q") ?? "";
  return {
    name,
    ...(query === "" ? {} : { query }),
    ...(params.get("in") === "all" ? { inAllRooms: true } : {}),
  };
}

export function paneParams(pane: Pane | undefined): readonly string[] {
  if (pane === undefined) return [];
  return [
    `pane=${pane.name}`,
    pane.query === undefined || pane.query === "" ? "" : `q=${encodeURIComponent(pane.query)}`,
    pane.inAllRooms ? "in=all" : "",
  ];
}
