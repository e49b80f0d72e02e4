export interface Room {
  readonly id: number;
  readonly title: string;
  readonly staffOnly: boolean;
}

export const rooms: ReadonlyMap<number, Room> = new Map(
  [
    { id: 1, title: "General", staffOnly: false },
    { id: 2, title: "Random", staffOnly: false },
    { id: 3, title: "Staff only", staffOnly: true },
  ].map((room) => [room.id, room]),
);

/** The room that a client means: pages send its number, some as a string. */
export function roomOf(value: unknown): Room | undefined {
  if (typeof value === "number") return rooms.get(value);
  return typeof value === "string" && /^[1-9][0-9]{0,8}$/.test(value) ? rooms.get(Number(value)) : undefined;
}
