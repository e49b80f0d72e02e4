type LayerValue = null | boolean | number | bigint | string | Uint8Array | readonly LayerValue[] | {
  readonly [key: string]: LayerValue | undefined;
};
type LayerMessage = {
  readonly type: string;
  readonly [key: string]: LayerValue | undefined;
};
interface GroupPosition {
  readonly epoch: string;
  readonly offset: number;
}
interface EventPosition extends GroupPosition {
  readonly group: string;
}
interface Delivery {
  readonly message: LayerMessage;
  readonly position?: EventPosition | undefined;
  copy(): LayerMessage;
  shared<T>(key: object, make: (message: LayerMessage) => T): T;
}
interface Receiver {
  deliver(delivery: Delivery): boolean;
  layerGap(gap: LayerGap): void;
  readonly control?: MemberControl;
}
interface MemberControl {
  user(): string | undefined;
  disconnect(code: number, reason: string): void;
  move(from: string, to: string): Promise<void>;
}
interface LocalMember {
  readonly channel: string;
  readonly control: MemberControl | undefined;
}
interface GroupProcesses {
  count(group: string): Promise<number>;
  isOne(group: string): boolean;
}
interface LayerGap {
  readonly since: number;
  readonly until: number;
}
interface Subscription {
  readonly channel: string;
  unsubscribe(): Promise<void>;
}
type DropReason = "capacity" | "expired" | "disconnected";
interface Drop {
  readonly channel: string;
  readonly group?: string;
  readonly reason: DropReason;
  readonly type: string;
}
interface LayerStats {
  readonly channels: number;
  readonly groups: number;
  readonly memberships: number;
  readonly sent: number;
  readonly delivered: number;
  readonly failed: number;
  readonly dropped: Readonly<Record<DropReason, number>>;
  readonly gaps: number;
}
interface GroupSendOptions {
  readonly except?: string;
}
interface GroupEvent {
  readonly message: LayerMessage;
  readonly offset: number;
  readonly except?: string;
}
interface GroupHistoryOptions {
  readonly since?: GroupPosition;
  readonly limit?: number;
}
type HistoryGapReason = "disabled" | "epoch" | "expired" | "limit" | "unreadable";
type GroupHistory<Event = GroupEvent> = {
  readonly position: GroupPosition | undefined;
  readonly events: readonly [];
};
interface ChannelLayer {
  newChannel(prefix?: string): string;
  send(channel: string, message: LayerMessage): Promise<void>;
  groupAdd(group: string, channel: string): Promise<void>;
  groupDiscard(group: string, channel: string): Promise<void>;
  groupSend(group: string, message: LayerMessage, options?: GroupSendOptions): Promise<GroupPosition | undefined>;
  groupHistory(group: string, options?: GroupHistoryOptions): Promise<GroupHistory>;
  subscribe(channel: string, receiver: Receiver): Promise<Subscription>;
  receive(channel: string, options?: {
    readonly signal?: AbortSignal;
  }): Promise<LayerMessage>;
  localMembers?(group?: string): readonly LocalMember[];
  readonly groupProcesses?: GroupProcesses;
  onDrop(listener: (drop: Drop) => void): () => void;
  stats(): LayerStats;
  flush(): Promise<void>;
  close(): Promise<void>;
}
interface CapacityRule {
  readonly channel: string | RegExp;
  readonly capacity: number;
}
interface Clock {
  now(): number;
  setTimeout(callback: () => void, ms: number): ClockTimer;
  clearTimeout(timer: ClockTimer): void;
}
type ClockTimer = object;
interface HistoryRule {
  readonly group: string | RegExp;
  readonly history: number;
  readonly historyTtlMs?: number;
}
interface LayerOptions {
  readonly capacity?: number;
  readonly channelCapacity?: readonly CapacityRule[];
  readonly expiryMs?: number;
  readonly groupExpiryMs?: number;
  readonly history?: number;
  readonly historyTtlMs?: number;
  readonly groupHistory?: readonly HistoryRule[];
  readonly clock?: Clock;
  readonly onError?: (error: unknown, channel: string) => void;
}
interface ContractLayerOptions extends LayerOptions {
  readonly prefix: string;
}
type LayerFactory = (options: ContractLayerOptions) => ChannelLayer | Promise<ChannelLayer>;
type LayerCapability = /** Messages wait for a later listener. */"waiting" /** Messages wait for a later listener on a channel whose name is not from `newChannel`. */ | "namedWaiting" /** When `send` or `groupSend` resolves, the message has reached its listeners. */ | "instant" /** A reported drop names the message's group. */ | "groupDrops" /** `send` rejects when a listener's mailbox is full. */ | "backpressure" /** Messages that expire while they wait are counted and reported. */ | "expiryReports" /** Memberships expire. */ | "groupExpiry" /** Messages can contain bytes. */ | "bytes" /** Messages can contain integers beyond 2^53. */ | "bigint" /** Two layers with the same prefix share channels and groups. */ | "peers" /** The layer has a server that it can lose. */ | "server" /** The layer keeps the history of groups. */ | "history" /** The layer has `localMembers`, which `GroupControl` needs. */ | "groupControl" /** The layer has `groupProcesses`, by which `GroupControl` knows how many processes have not answered. */ | "groupProcesses";
interface ContractServer {
  disconnect(): Promise<void>;
  reconnect(): Promise<void>;
}
interface LayerContractOptions {
  readonly unsupported?: Readonly<Partial<Record<LayerCapability, string>>>;
  readonly time?: "stepped" | "real";
  readonly expiryMs?: number;
  readonly server?: ContractServer;
  readonly listLeftovers?: (prefix: string) => Promise<readonly string[]>;
  readonly runs?: number;
  readonly leakCycles?: number;
}
type LayerRule = `L${1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 11 | 12 | 13 | 14 | 15 | 16 | 17 | 18 | 19 | 20 | 21 | 22}`;
declare function layerContract(name: string, createLayer: LayerFactory, options?: LayerContractOptions): void;
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
interface PresenceOptions {
  readonly windowMs?: number;
  readonly graceMs?: number;
  readonly leaseMs?: number;
  readonly renewMs?: number;
  readonly clock?: Clock;
  readonly onError?: (error: unknown, group: string) => void;
}
interface ContractPresenceOptions extends PresenceOptions {
  readonly prefix: string;
  readonly sharedClock: Clock;
}
type PresenceFactory = (options: ContractPresenceOptions) => Presence | Promise<Presence>;
interface PresenceContractOptions {
  readonly time?: "stepped" | "real";
  readonly timeScale?: number;
  readonly runs?: number;
  readonly leakCycles?: number;
}
type PresenceRule = `P${1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10}`;
declare function presenceContract(name: string, createPresence: PresenceFactory, options?: PresenceContractOptions): void;
export { type ContractLayerOptions, type ContractPresenceOptions, type ContractServer, type LayerCapability, type LayerContractOptions, type LayerFactory, type LayerRule, type PresenceContractOptions, type PresenceFactory, type PresenceRule, layerContract, presenceContract };