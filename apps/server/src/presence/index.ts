export { publishEntry as announceEntry, publishExit as announceExit } from "./announce-presence.ts";
export { listPresences } from "./list-presences.ts";
export type { PresenceContext } from "./presence-context.ts";
export type { PresenceGroups } from "./presence-roster.ts";
export { PresenceService as PeopleHere } from "./presence-service.ts";
export { setPresence } from "./set-presence.ts";
export { authorizeTyping as startTyping } from "./start-typing.ts";
