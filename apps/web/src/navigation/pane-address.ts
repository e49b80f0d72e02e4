/** What can be shown of a room beside its conversation. */
export const PANES = ["about", "members", "pins", "search"] as const;
export type PaneName = (typeof PANES)[number];

/** The details as the address holds them: `pane=search&q=soup&in=all`. */
export interface Pane {
  readonly name: PaneName;
  /** What is looked for in it: a name among the members, words among the messages. */
  readonly query?: string;
  /** Searching in all rooms, and not in this one alone. */
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
