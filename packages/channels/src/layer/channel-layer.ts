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

/**
 * One message for the receivers of one process. All of them get the same `Delivery`, so that work with the same result
 * for all of them, such as encoding the event as a frame, is done once and not once for each receiver.
 */
export interface Delivery {
  /** The message, deeply frozen and shared by all receivers. */
  readonly message: LayerMessage;
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

/** Carries messages to channels and groups. The rules L1 to L14 are in docs/reference/layer-rules.md. */
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
   */
  groupSend(group: string, message: LayerMessage, options?: GroupSendOptions): Promise<void>;

  /**
   * Makes `receiver` the only listener of the channel. Messages that wait there are delivered first, in order.
   * @throws ChannelTaken when the channel has a listener.
   */
  subscribe(channel: string, receiver: Receiver): Promise<Subscription>;

  /** Waits for the channel's next message, for scripts, workers and tests. Rejects when the signal aborts. */
  receive(channel: string, options?: { readonly signal?: AbortSignal }): Promise<LayerMessage>;

  /** Calls the listener for every drop. Returns a function that removes the listener. */
  onDrop(listener: (drop: Drop) => void): () => void;
  stats(): LayerStats;

  /** Removes all queued messages and groups. The layer can be used again (L12). */
  flush(): Promise<void>;
  /** Stops everything that the layer started, so that the process can exit (L12). */
  close(): Promise<void>;
}
