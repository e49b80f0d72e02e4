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
  isPresenceId,
  PRESENCE_DEFAULTS,
  PRESENCE_OPTION_NAMES,
  type PresenceOptions,
  type ResolvedPresenceOptions,
  resolvePresenceOptions,
} from "./presence-options.ts";
export { type PresenceUpdate, PresenceWatchers } from "./presence-watchers.ts";
