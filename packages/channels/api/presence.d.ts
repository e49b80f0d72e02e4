interface PresentMember {
  readonly member: string;
  readonly connections: number;
  readonly since: number;
}
interface PresenceCounts {
  readonly members: number;
  readonly connections: number;
}
interface PresenceDiff {
  readonly group: string;
  readonly joined: readonly string[];
  readonly left: readonly string[];
  readonly members: number;
}
interface PresenceWatch {
  readonly members: readonly string[];
  stop(): Promise<void>;
}
interface PresenceStats {
  readonly groups: number;
  readonly members: number;
  readonly connections: number;
  readonly watches: number;
}
interface Presence {
  join(group: string, member: string, connection: string): Promise<void>;
  leave(group: string, connection: string): Promise<void>;
  disconnect(connection: string): Promise<void>;
  counts(group: string): Promise<PresenceCounts>;
  members(group: string): Promise<readonly PresentMember[]>;
  has(group: string, member: string): Promise<boolean>;
  watch(group: string, listener: (diff: PresenceDiff) => void): Promise<PresenceWatch>;
  stats(): PresenceStats;
  close(): Promise<void>;
}
interface Clock {
  now(): number;
  setTimeout(callback: () => void, ms: number): ClockTimer;
  clearTimeout(timer: ClockTimer): void;
}
type ClockTimer = object;
type OptionNames<Options> = Readonly<Record<keyof Required<Options>, unknown>>;
interface PresenceOptions {
  readonly windowMs?: number;
  readonly graceMs?: number;
  readonly leaseMs?: number;
  readonly renewMs?: number;
  readonly clock?: Clock;
  readonly onError?: (error: unknown, group: string) => void;
}
declare const PRESENCE_OPTION_NAMES: OptionNames<PresenceOptions>;
type ResolvedPresenceOptions = Readonly<Required<PresenceOptions>>;
declare const PRESENCE_DEFAULTS: Readonly<{
  windowMs: 250;
  graceMs: 5000;
  leaseMs: 30000;
  renewMs: 10000;
}>;
declare function resolvePresenceOptions(options?: PresenceOptions): ResolvedPresenceOptions;
declare function checkPresenceId(kind: "member" | "connection", id: string): void;
declare function isPresenceId(id: unknown): id is string;
interface PresenceUpdate {
  readonly isPresent: boolean;
  readonly members: number;
}
declare class PresenceWatchers {
  constructor(options: ResolvedPresenceOptions);
  get size(): number;
  hasWatchers(group: string): boolean;
  add(group: string, notify: (diff: PresenceDiff) => void): () => {
    readonly isLast: boolean;
  };
  recordChange(group: string, member: string, {
    isPresent,
    members
  }: PresenceUpdate): void;
  close(): void;
}
export { PRESENCE_DEFAULTS, PRESENCE_OPTION_NAMES, type Presence, type PresenceCounts, type PresenceDiff, type PresenceOptions, type PresenceStats, type PresenceUpdate, type PresenceWatch, PresenceWatchers, type PresentMember, type ResolvedPresenceOptions, checkPresenceId, isPresenceId, resolvePresenceOptions };