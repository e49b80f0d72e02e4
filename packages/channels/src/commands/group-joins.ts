interface PendingJoins {
  count: number;
  /** Whether the connection was in the group before, or is for a command that goes on. */
  isMember: boolean;
  isJoined: boolean;
}

/** What joining a group needs of the consumer. */
export interface JoiningConsumer {
  readonly groups: { has(group: string): boolean };
  groupAdd(group: string): Promise<void>;
  groupDiscard(group: string): Promise<void>;
}

/** Joins groups for the commands of one connection, of which some are canceled before they have joined. */
export class GroupJoins {
  readonly #pending = new Map<string, PendingJoins>();

  /**
   * Joins a group. Where the command was canceled meanwhile, the connection is in the group afterwards only if it was before, or if
   * another command has joined at the same time: the client has left, or has never been in it.
   * @param cancellation returns why the command was canceled; undefined while it goes on
   * @throws what `cancellation` returns
   */
  async join(consumer: JoiningConsumer, group: string, cancellation: () => unknown): Promise<void> {
    const reason = cancellation();
    if (reason !== undefined) throw reason;
    const pending = this.#pending.get(group) ?? { count: 0, isMember: consumer.groups.has(group), isJoined: false };
    this.#pending.set(group, pending);
    pending.count += 1;
    try {
      await consumer.groupAdd(group);
      pending.isJoined = true;
      if (cancellation() === undefined) pending.isMember = true;
    } finally {
      pending.count -= 1;
      if (pending.count === 0) {
        this.#pending.delete(group);
        if (pending.isJoined && !pending.isMember) await consumer.groupDiscard(group);
      }
    }
    const canceled = cancellation();
    if (canceled !== undefined) throw canceled;
  }
}
