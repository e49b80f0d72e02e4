/** A value that JSON and msgpack can represent, or bytes. `undefined` members are dropped, as in JSON. */
export type LayerValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | readonly LayerValue[]
  | { readonly [key: string]: LayerValue | undefined };

/** A plain object with a string `type`, which names the receiver's handler (L2). */
export type LayerMessage = { readonly type: string; readonly [key: string]: LayerValue | undefined };

/** A place in the history of a group, to continue from (L15). What Centrifugo calls offset and epoch. */
export interface GroupPosition {
  /** The numbering of the group's events, at most 64 characters. A later numbering says nothing about an earlier one (L18). */
  readonly epoch: string;
  /** The number of an event, from 1; 0 before the first one. */
  readonly offset: number;
}

/** The position of an event in the history of its group. */
export interface EventPosition extends GroupPosition {
  readonly group: string;
}

/**
 * One message for the receivers of one process. All of them get the same `Delivery`, so that work with the same result
 * for all of them, such as encoding the event as a frame, is done once and not once for each receiver.
 */
export interface Delivery {
  /** The message, deeply frozen and shared by all receivers. */
  readonly message: LayerMessage;
  /** Where the message is in the history of the group that it was sent to, if the layer keeps one (L15). */
  readonly position?: EventPosition | undefined;
  /** Returns a deep copy that the receiver may change (L2). Use `message` where reading is enough. */
  copy(): LayerMessage;
  /**
   * Returns the result of `make` for this key: computed by the first call, shared by the later ones. Keys are compared
   * by identity; `make` must be pure.
   */
  shared<T>(key: object, make: (message: LayerMessage) => T): T;
}

/** The listener of a channel. The layer calls it synchronously; it must neither block nor throw. */
export interface Receiver {
  /**
   * Accepts the delivery, or returns false when its mailbox is full: the layer then counts and reports the drop (L6).
   */
  deliver(delivery: Delivery): boolean;
  /** Reports that the layer was disconnected and is back: messages sent since `gap.since` may be missing (L11). */
  layerGap(gap: LayerGap): void;
  /** What `GroupControl` may do with it; without it, the receiver is no connection. */
  readonly control?: MemberControl;
}

/** A connection of this process, for `GroupControl`. */
export interface MemberControl {
  /** The user whose connection it is, as its consumer says. */
  user(): string | undefined;
  disconnect(code: number, reason: string): void;
  /** Joins the second group, then leaves the first. */
  move(from: string, to: string): Promise<void>;
}

/** A channel of this process. */
export interface LocalMember {
  readonly channel: string;
  /** Of its listener. */
  readonly control: MemberControl | undefined;
}

/** The processes that have members of a group, for `GroupControl`. */
export interface GroupProcesses {
  /** Returns how many there are, as the layer's server knows. */
  count(group: string): Promise<number>;
  /** Whether this process is one of those that are counted. */
  isOne(group: string): boolean;
}

export interface LayerGap {
  /** Milliseconds since the epoch at which the connection was lost. */
  readonly since: number;
  /** Milliseconds since the epoch at which all subscriptions were restored. */
  readonly until: number;
}

/** A receiver's subscription to a channel. */
export interface Subscription {
  readonly channel: string;
  /** Ends the subscription and the channel's memberships, and drops queued messages (L13). Idempotent. */
  unsubscribe(): Promise<void>;
}

export type DropReason = "capacity" | "expired" | "disconnected";

/** A message that was not delivered. Every drop is reported (L6). */
export interface Drop {
  readonly channel: string;
  readonly group?: string;
  readonly reason: DropReason;
  readonly type: string;
}

export interface LayerStats {
  readonly channels: number;
  readonly groups: number;
  readonly memberships: number;
  readonly sent: number;
  readonly delivered: number;
  /** Deliveries in which the receiver threw, which it must not. Other receivers are not affected (L8). */
  readonly failed: number;
  readonly dropped: Readonly<Record<DropReason, number>>;
  readonly gaps: number;
}

/** Who of a group gets a message. */
export interface GroupSendOptions {
  /** The name of a channel that does not get the message, whether it is in the group or not (L14). */
  readonly except?: string;
}

/** An event in the history of a group. */
export interface GroupEvent {
  /** Deeply frozen. */
  readonly message: LayerMessage;
  /** Its number in the epoch of the history's `position`. */
  readonly offset: number;
  /** The channel that did not get it (L14). */
  readonly except?: string;
}

/** What of a group's history to return. */
export interface GroupHistoryOptions {
  /** The position of the last known event: return all that followed, or the reason why that cannot be done. */
  readonly since?: GroupPosition;
  /** Events to return at most, 0 to 10,000; without `since` the newest. @default all that are kept */
  readonly limit?: number;
}

/** Why the events after a position cannot be returned (L16). */
export type HistoryGapReason = "disabled" | "epoch" | "expired" | "limit" | "unreadable";

/** The events of a group, oldest first, and the position after them. */
export type GroupHistory<Event = GroupEvent> =
  | {
      /** Nothing is missing between `since` and `position`. */
      readonly recovered: true;
      readonly position: GroupPosition;
      readonly events: readonly Event[];
    }
  | {
      readonly recovered: false;
      readonly reason: HistoryGapReason;
      /** Undefined if the layer keeps no history of this group. */
      readonly position: GroupPosition | undefined;
      readonly events: readonly [];
    };

/** Carries messages to channels and groups. The rules L1 to L22 are in docs/reference/layer-rules.md. */
export interface ChannelLayer {
  /**
   * Returns a name that no other call, process or machine returns, of the form `prefix.process!local`.
   * @throws InvalidName when the prefix breaks L1.
   */
  newChannel(prefix?: string): string;

  /**
   * Sends a message to a channel. Without a receiver the message waits until it expires (L3, L7).
   * @throws ChannelFull when the channel holds `capacity` messages; InvalidName; InvalidMessage.
   */
  send(channel: string, message: LayerMessage): Promise<void>;

  /** Adds a channel to a group. Once it resolves, every later `groupSend` of any process reaches the channel (L9). */
  groupAdd(group: string, channel: string): Promise<void>;
  /**
   * Removes a channel from a group, if it is in it. Once it resolves, no later `groupSend` reaches the channel (L9).
   */
  groupDiscard(group: string, channel: string): Promise<void>;
  /**
   * Sends a message to every member of a group, or to all but one (L14). A full channel is skipped and reported; it delays
   * no other (L6, L8).
   * @returns the event's position, if the layer keeps a history of the group (L15).
   */
  groupSend(group: string, message: LayerMessage, options?: GroupSendOptions): Promise<GroupPosition | undefined>;
  /**
   * Returns what was sent to a group: the last events, or all since a position (L16). Join the group before, and nothing is
   * missed between the answer and what is delivered (L17).
   * @throws InvalidName; InvalidOption; LayerDisconnected.
   */
  groupHistory(group: string, options?: GroupHistoryOptions): Promise<GroupHistory>;

  /**
   * Makes `receiver` the only listener of the channel. Messages that wait there are delivered first, in order.
   * @throws ChannelTaken when the channel has a listener.
   */
  subscribe(channel: string, receiver: Receiver): Promise<Subscription>;

  /** Waits for the channel's next message, for scripts, workers and tests. Rejects when the signal aborts. */
  receive(channel: string, options?: { readonly signal?: AbortSignal }): Promise<LayerMessage>;

  /**
   * Returns the members of a group that are channels of this process; without a group, all of its channels that have a listener.
   * Needed by `GroupControl` (L19 to L22).
   */
  localMembers?(group?: string): readonly LocalMember[];
  /** Lets `GroupControl` say how many processes have not answered (L19). */
  readonly groupProcesses?: GroupProcesses;

  /** Calls the listener for every drop. Returns a function that removes the listener. */
  onDrop(listener: (drop: Drop) => void): () => void;
  stats(): LayerStats;

  /** Removes all queued messages and groups. The layer can be used again (L12). */
  flush(): Promise<void>;
  /** Stops everything that the layer started, so that the process can exit (L12). */
  close(): Promise<void>;
}
