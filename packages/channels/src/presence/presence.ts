/** A member of a group, such as a user or a device, with any number of connections. */
export interface PresentMember {
  readonly member: string;
  /** Number of open connections; 0 during the grace period after the last one was lost. */
  readonly connections: number;
  /** Milliseconds since the epoch since which the member has been present without interruption. */
  readonly since: number;
}

export interface PresenceCounts {
  readonly members: number;
  readonly connections: number;
}

/**
 * The net changes in a group within one window: a member that joined and left within it, or left and joined again, is
 * in neither list. Apply the lists as sets: a watch that starts within a window can get a member that it already has.
 */
export interface PresenceDiff {
  readonly group: string;
  readonly joined: readonly string[];
  readonly left: readonly string[];
  /** Number of members when the window ended. */
  readonly members: number;
}

/** A watch on a group. */
export interface PresenceWatch {
  /** The members when the watch started. */
  readonly members: readonly string[];
  /** Ends the watch. Idempotent. */
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
 * Tracks which members are in which groups, across all processes. The rules P1 to P10 are in
 * docs/reference/presence-rules.md.
 *
 * Group names follow the layer's rule (L1). A member and a connection are strings of 1 to 200 characters. A connection,
 * such as a channel name, belongs to one process, and in each group to one member.
 */
export interface Presence {
  /**
   * Adds a connection of a member to a group. Idempotent (P2); a connection that joins as another member first leaves
   * as the previous one.
   * @throws InvalidName; PresenceClosed.
   */
  join(group: string, member: string, connection: string): Promise<void>;
  /** Removes a connection from a group, without a grace period (P6). Does nothing if it is not in the group (P2). */
  leave(group: string, connection: string): Promise<void>;
  /**
   * Removes a lost connection from all groups. If it was a member's last, the member stays for the grace period (P5).
   */
  disconnect(connection: string): Promise<void>;

  /** Returns the number of members and connections, in constant time (P3). */
  counts(group: string): Promise<PresenceCounts>;
  /** Returns the members of a group. */
  members(group: string): Promise<readonly PresentMember[]>;
  /** Returns whether the member is in the group. */
  has(group: string, member: string): Promise<boolean>;

  /** Reports changes to a group, one diff for each window (P4). A listener that throws does not affect others. */
  watch(group: string, listener: (diff: PresenceDiff) => void): Promise<PresenceWatch>;

  /** Returns the counts of this process; groups and members are those it knows of. */
  stats(): PresenceStats;
  /** Ends this process's connections as `disconnect` does, and stops everything that was started (P10). */
  close(): Promise<void>;
}
