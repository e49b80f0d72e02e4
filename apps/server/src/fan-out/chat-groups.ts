/** Who hears a room. */
export const roomGroup = (room: string): string => `room.${room}`;
/** A person's connections. */
export const userGroup = (user: string): string => `user.${user}`;
/** Every connection of the chat. */
export const EVERYBODY = "everybody";
/** Every server, beside the connections. */
export const PROCESSES = "processes";
