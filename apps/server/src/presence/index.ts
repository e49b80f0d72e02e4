export { authorizeTyping } from "./authorize-typing.ts";
export { listPresences } from "./list-presences.ts";
export { NoticeLimiter } from "./notice-limiter.ts";
export type { PresenceContext } from "./presence-context.ts";
export type { PresenceGroups } from "./presence-roster.ts";
export { PresenceService } from "./presence-service.ts";
export { RoomOccupancy } from "./room-occupancy.ts";
export { setPresence } from "./set-presence.ts";
