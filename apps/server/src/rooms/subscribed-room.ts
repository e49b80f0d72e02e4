/** A room that a connection has subscribed to. */
export interface SubscribedRoom {
  readonly id: string;
  /**
   * The head of its log, read after the subscription and before the log: the answer is complete up to this seq at least, and
   * everything later arrives as an event.
   */
  readonly lastSeq: number;
  /** The last seq that the client has; undefined: none. */
  readonly since: number | undefined;
}
