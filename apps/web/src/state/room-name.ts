import type { Room } from "@multichat/protocol";

export type NamedRoom = Pick<Room, "kind" | "title" | "people">;

/** What a room is called by one of those in it: a direct conversation has the other person's name. */
export function getRoomName(room: NamedRoom, me: string): string {
  if (room.kind !== "direct") return room.title;
  const other = room.people.find((person) => person.id !== me) ?? room.people[0];
  return other?.username ?? room.title;
}

/** The other person of a direct conversation; undefined for every other room. */
export function findOtherPerson(room: Pick<Room, "kind" | "people">, me: string): Room["people"][number] | undefined {
  return room.kind === "direct" ? room.people.find((person) => person.id !== me) : undefined;
}
