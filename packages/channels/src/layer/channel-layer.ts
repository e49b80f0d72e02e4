/** What a layer carries: JSON and msgpack values, with bytes. `undefined` members are dropped, as JSON drops them. */
export type LayerValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | readonly LayerValue[]
  | { readonly [key: string]: LayerValue | undefined };

/** A message is a plain object with a string `type`; the type names the handler at the receiver (L2). */
export type LayerMessage = { readonly type: string; readonly [key: string]: LayerValue | undefined };

/**
 * One message on its way to the receivers of one process. All of them are handed the same `Delivery`, so that work
 * which is the same for all (turning the event into a finished frame) is done once and not once a receiver.
 */
export interface Delivery {
  /** The message, deeply frozen and shared by every receiver: for those that only read. */
  readonly message: LayerMessage;
  /** A copy that the receiver may keep and change (L2). Costs a clone: use `message` where reading is enough. */
  copy(): LayerMessage;
  /**
   * What `make` returned for this delivery and this key, computed at the first call and shared afterwards.
   * `key` is compared by identity; `make` must be pure.
   */
  shared<T>(key: object, make: (message: LayerMessage) => T): T;
}

/** Who listens on a channel. Called synchronously; it must neither block nor throw. */
export interface Receiver {
  /** Takes the delivery, or returns false when its mailbox is full: the layer then counts and reports the drop (L6). */
  deliver(delivery: Delivery): boolean;
  /** The layer was disconnected and is back: anything sent since `gap.since` may be missing (L11). */
  layerGap(gap: LayerGap): void;
}

export interface LayerGap {
  /** Milliseconds since the epoch at which the connection was lost. */
  readonly since: number;
  /** Milliseconds since the epoch at which subscriptions were whole again. */
  readonly until: number;
}

/** A receiver's hold on a channel. */
export interface Subscription {
  readonly channel: string;
  /** Ends it; the channel's memberships end with it and what is still queued is dropped (L13). Twice is once. */
  unsubscribe(): Promise<void>;
}

export type DropReason = "capacity" | "expired" | "disconnected";

/** A message that was not delivered. Reported for every drop, never silent (L6). */
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
  /** Deliveries at which the receiver threw, against its contract. They hurt nobody else (L8). */
  readonly failed: number;
  readonly dropped: Readonly<Record<DropReason, number>>;
  readonly gaps: number;
}

/** A mailbox for every channel, and groups that fan out to many. The rules L1 to L13 are in docs/reference/layer-rules.md. */
export interface ChannelLayer {
  /**
   * A name that no other call, process or machine returns, of the form `prefix.process!local`.
   * @throws InvalidName when the prefix breaks L1.
   */
  newChannel(prefix?: string): string;

  /**
   * Puts a message into a channel. A channel that nobody receives is no error: the message waits until it expires (L3, L7).
   * @throws ChannelFull when the channel holds `capacity` messages; InvalidName; InvalidMessage.
   */
  send(channel: string, message: LayerMessage): Promise<void>;

  /** Twice is once (L9). Resolves when every later `groupSend`, from any process, reaches the channel. */
  groupAdd(group: string, channel: string): Promise<void>;
  /** Of a non-member is no error. After it resolved no later `groupSend` reaches the channel (L9). */
  groupDiscard(group: string, channel: string): Promise<void>;
  /** To every member. A full channel is passed over and reported; it delays nobody (L6, L8). */
  groupSend(group: string, message: LayerMessage): Promise<void>;

  /**
   * Makes `receiver` the one listener of the channel. What already waits there is delivered first, in order.
   * @throws ChannelTaken when the channel has a listener.
   */
  subscribe(channel: string, receiver: Receiver): Promise<Subscription>;

  /** The channel's next message, for scripts, workers and tests; waits until there is one or the signal aborts. */
  receive(channel: string, options?: { readonly signal?: AbortSignal }): Promise<LayerMessage>;

  /** Reports drops from now on; returns the way to stop it. */
  onDrop(listener: (drop: Drop) => void): () => void;
  stats(): LayerStats;

  /** Empties the layer: queues and groups. It can be used again (L12). */
  flush(): Promise<void>;
  /** Stops everything the layer started; afterwards the process can exit (L12). */
  close(): Promise<void>;
}
