export type {
  Presence,
  PresenceCounts,
  PresenceDiff,
  PresenceStats,
  PresenceWatch,
  PresentMember,
} from "./presence.ts";
export {
  checkPresenceId,
  type PresenceOptions,
  presenceDefaults,
  type ResolvedPresenceOptions,
  resolvePresenceOptions,
} from "./presence-options.ts";
export { PresenceWatches } from "./presence-watches.ts";
