export interface Room {
  readonly id: number;
  readonly title: string;
  readonly isStaffOnly: boolean;
}

export const rooms: ReadonlyMap<number, Room> = new Map(
  [
    { id: 1, title: "General", isStaffOnly: false },
    { id: 2, title: "Random", isStaffOnly: false },
    { id: 3, title: "Staff only", isStaffOnly: true },
  ].map((room) => [room.id, room]),
);

/** Finds a room by the id that a client sent, as a number or a string. */
export function findRoom(value: unknown): Room | undefined {
  if (typeof value === "number") return rooms.get(value);
  return typeof value === "string" && /^[1-9][0-9]{0,8}$/.test(value) ? rooms.get(Number(value)) : undefined;
}
