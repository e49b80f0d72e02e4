/** A person, a bot, a device: whoever is counted once in a group, however many connections they have there. */
export interface PresentMember {
  readonly member: string;
  /** Live connections; 0 while the last one is gone and the grace is running. */
  readonly connections: number;
  /** Milliseconds since the epoch at which the member's present stay began. */
  readonly since: number;
}

export interface PresenceCounts {
  readonly members: number;
  readonly connections: number;
}

/**
 * What changed in a group within one window. Who came and went within it, or went and came back, is not in it.
 * Take the lists as sets: a watcher that begins in the middle of a window may be told what it saw already.
 */
export interface PresenceDiff {
  readonly group: string;
  readonly joined: readonly string[];
  readonly left: readonly string[];
  /** Members of the group when the window ended. */
  readonly members: number;
}

export interface PresenceWatch {
  /** Who was there when the watch began. */
  readonly members: readonly string[];
  /** Ends it; twice is once. */
  stop(): Promise<void>;
}

export interface PresenceStats {
  readonly groups: number;
  readonly members: number;
  /** Connections of this process that are in a group. */
  readonly connections: number;
  readonly watches: number;
}

/**
 * Who is in which group, over all processes. The rules P1 to P10 are in docs/reference/presence-rules.md.
 *
 * Group names are those of the layer (L1). A member and a connection are strings of 1 to 200 characters; a connection
 * (a channel name does well) belongs to one process, and in one group to one member.
 */
export interface Presence {
  /**
   * The member is in the group by this connection. Twice is once (P2); as another member, it leaves as the former.
   * @throws InvalidName; PresenceClosed.
   */
  join(group: string, member: string, connection: string): Promise<void>;
  /** The connection leaves the group on purpose: no grace (P6). Of one that is not there is no error (P2). */
  leave(group: string, connection: string): Promise<void>;
  /** The connection is gone, from all its groups: a member it was the last of stays for the grace (P5). */
  disconnect(connection: string): Promise<void>;

  /** Costs the same for any number of members (P3). */
  counts(group: string): Promise<PresenceCounts>;
  members(group: string): Promise<readonly PresentMember[]>;
  has(group: string, member: string): Promise<boolean>;

  /** Tells of changes from now on, a diff a window (P4). A listener that throws hurts nobody else. */
  watch(group: string, listener: (diff: PresenceDiff) => void): Promise<PresenceWatch>;

  /** This process's own; groups and members are those it knows of. */
  stats(): PresenceStats;
  /** Ends this process's connections, as `disconnect` does, and stops everything that was started (P10). */
  close(): Promise<void>;
}
