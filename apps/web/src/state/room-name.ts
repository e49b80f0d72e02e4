import type { Room } from "@multichat/protocol";

export type NamedRoom = Pick<Room, "kind" | "title" | "people">;

/** Returns a room's name for one of its members: a direct conversation has the name of the other person. */
export function getRoomName(room: NamedRoom, me: string): string {
  if (room.kind !== "direct") return room.title;
  const other = room.people.find((person) => person.id !== me) ?? room.people[0];
  return other?.username ?? room.title;
}

/** Returns the other person of a direct conversation; undefined for every other room. */
export function findOtherPerson(room: Pick<Room, "kind" | "people">, me: string): Room["people"][number] | undefined {
  return room.kind === "direct" ? room.people.find((person) => person.id !== me) : undefined;
}
