/** The names of the groups of rooms. Each connection keeps those of its rooms, and would have copies of its own. */
const roomGroups = new Map<string, string>();
const MAX_ROOM_GROUPS = 2_000;

/** Returns the group of the connections that have joined a room. */
export function roomGroup(room: string): string {
  let group = roomGroups.get(room);
  if (group === undefined) {
    // The rooms that are in use are added again.
    if (roomGroups.size >= MAX_ROOM_GROUPS) roomGroups.clear();
    group = `room.${room}`;
    roomGroups.set(room, group);
  }
  return group;
}
/**
 * Returns the group of the connections in a room that receive each entry and exit: those of the classic protocol. Without any,
 * publishing one costs nothing.
 */
export const classicRoomGroup = (room: string): string => `classic.${room}`;
/** Returns the group of a user's connections. */
export const userGroup = (user: string): string => `user.${user}`;
/** The group of every connection of the chat. */
export const EVERYBODY = "everybody";
/** The group of the presences of every server, see `BusPresence`. */
export const PRESENCES = "presences";
/** The group of what accounts and addresses use of their limits, see `SharedLimits`. */
export const LIMITS = "limits";
/** The group of every server process, which holds no connections. */
export const PROCESSES = "processes";
