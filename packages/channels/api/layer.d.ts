declare const messages: {
  readonly InvalidName: ({
    kind,
    got
  }: {
    readonly kind: NameKind;
    readonly got: unknown;
  }) => string;
  readonly InvalidMessage: ({
    path,
    expected,
    got
  }: {
    readonly path: string;
    readonly expected: string;
    readonly got: string;
  }) => string;
  readonly InvalidOption: ({
    option,
    expected,
    got,
    meant
  }: {
    readonly option: string;
    readonly expected: string;
    readonly got: unknown; /** The known option that an unknown one resembles. */
    readonly meant?: string;
  }) => string;
  readonly ChannelFull: ({
    channel,
    group,
    capacity
  }: {
    readonly channel: string; /** The group whose sends wait for the server; `channel` is empty then. */
    readonly group?: string;
    readonly capacity?: number;
  }) => string;
  readonly ChannelTaken: ({
    channel
  }: {
    readonly channel: string;
  }) => string;
  readonly LayerClosed: ({
    operation
  }: {
    readonly operation: string;
  }) => string;
  readonly UnknownLayer: ({
    alias,
    registered
  }: {
    readonly alias: string;
    readonly registered: readonly string[];
  }) => string;
  readonly PresenceClosed: ({
    operation
  }: {
    readonly operation: string;
  }) => string;
  readonly LayerTaken: ({
    alias
  }: {
    readonly alias: string;
  }) => string;
  readonly LayerDisconnected: ({
    reason
  }: {
    readonly reason: string;
  }) => string;
  readonly ClaimLapsed: ({
    channel
  }: {
    readonly channel: string;
  }) => string;
  readonly ForeignChannel: ({
    channel
  }: {
    readonly channel: string;
  }) => string;
  readonly InvalidConsumer: ({
    consumer,
    problem
  }: {
    readonly consumer: string;
    readonly problem: string;
  }) => string;
  readonly InvalidProtocol: ({
    part,
    problem
  }: {
    readonly part: string;
    readonly problem: string;
  }) => string;
  readonly InvalidEvent: ({
    event,
    issues
  }: {
    readonly event: string;
    readonly issues: readonly {
      readonly path: string;
      readonly message: string;
    }[];
  }) => string;
  readonly InvalidRoute: ({
    pattern,
    problem
  }: {
    readonly pattern: string;
    readonly problem: string;
  }) => string;
  readonly StateReplaced: ({
    key
  }: {
    readonly key: string;
  }) => string;
  readonly InvalidSubprotocol: ({
    got,
    offered
  }: {
    readonly got: string;
    readonly offered: readonly string[];
  }) => string;
  readonly InvalidCloseCode: ({
    got
  }: {
    readonly got: number;
  }) => string;
  readonly OutOfTurn: ({
    operation,
    phase,
    expected
  }: {
    readonly operation: string;
    readonly phase: string;
    readonly expected: string;
  }) => string;
  readonly ConnectionEnded: ({
    operation
  }: {
    readonly operation: string;
  }) => string;
};
declare const NAME_RULES: {
  readonly channel: string;
  readonly group: 'made of ASCII letters, digits, "-", "_" and ".", and shorter than 100 characters';
  readonly prefix: 'made of ASCII letters, digits, "-", "_" and ".", and at most 50 characters long';
  readonly alias: 'made of ASCII letters, digits, "-", "_" and ".", and shorter than 100 characters';
  readonly member: "a string of 1 to 200 characters";
  readonly connection: "a string of 1 to 200 characters";
};
type NameKind = keyof typeof NAME_RULES;
type Messages = typeof messages;
type ErrorCode = keyof Messages;
type ErrorDetails<Code extends ErrorCode> = Parameters<Messages[Code]>[0];
declare const errorCodes: readonly ErrorCode[];
declare class ChannelsError<Code extends ErrorCode = ErrorCode> extends Error {
  readonly code: Code;
  readonly details: ErrorDetails<Code>;
  constructor(code: Code, details: ErrorDetails<Code>, options?: ErrorOptions);
}
declare function isChannelsError<Code extends ErrorCode = ErrorCode>(error: unknown, code?: Code): error is ChannelsError<Code>;
type OptionNames<Options> = Readonly<Record<keyof Required<Options>, unknown>>;
declare function checkOptions<Options extends object>(options: Options, names: OptionNames<Options>, path?: string): void;
interface CapacityRule {
  readonly channel: string | RegExp;
  readonly capacity: number;
}
declare function compileCapacityRules(rules: readonly CapacityRule[], defaultCapacity: number): (channel: string) => number;
declare function compileNamePattern(pattern: string | RegExp, option: string): (name: string) => boolean;
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
interface Clock {
  now(): number;
  setTimeout(callback: () => void, ms: number): ClockTimer;
  clearTimeout(timer: ClockTimer): void;
}
type ClockTimer = object;
declare const MAX_DELAY_MS = 2147483647;
declare const systemClock: Clock;
type MemberTarget = {
  readonly group: string;
  readonly user?: string;
} | {
  readonly group?: string;
  readonly user: string;
};
interface GroupMember {
  readonly channel: string;
  readonly process: string;
  readonly user?: string;
}
interface GroupControlOptions {
  readonly processName?: string;
  readonly timeoutMs?: number;
  readonly renewMs?: number;
  readonly batchSize?: number;
  readonly batchIntervalMs?: number;
}
interface ControlOutcome {
  readonly processes: number;
  readonly unanswered: readonly string[];
  readonly silentProcesses: number | undefined;
}
interface MemberCount extends ControlOutcome {
  readonly count: number;
}
interface MemberList extends ControlOutcome {
  readonly members: readonly GroupMember[];
  readonly next: string | undefined;
}
interface ControlCallOptions {
  readonly except?: string;
  readonly timeoutMs?: number;
}
interface MemberListOptions extends ControlCallOptions {
  readonly limit?: number;
  readonly after?: string;
}
interface DisconnectOptions extends ControlCallOptions {
  readonly code?: number;
  readonly reason?: string;
}
declare class GroupControl {
  static start(layer: ChannelLayer, options?: GroupControlOptions): Promise<GroupControl>;
  count(group: string, options?: ControlCallOptions): Promise<MemberCount>;
  members(group: string, options?: MemberListOptions): Promise<MemberList>;
  disconnect(target: MemberTarget, options?: DisconnectOptions): Promise<MemberCount>;
  move(groups: {
    readonly from: string;
    readonly to: string;
    readonly user?: string;
  }, options?: ControlCallOptions): Promise<MemberCount>;
  close(): Promise<void>;
}
interface GroupMembersOptions extends ControlCallOptions {
  readonly user?: string;
}
interface GroupMembers {
  count(options?: ControlCallOptions): Promise<MemberCount>;
  members(options?: MemberListOptions): Promise<MemberList>;
  disconnect(options?: GroupMembersOptions & DisconnectOptions): Promise<MemberCount>;
  move(to: string, options?: GroupMembersOptions): Promise<MemberCount>;
}
declare class DropReporter {
  constructor(onError: (error: unknown, channel: string) => void);
  report(drop: Drop): void;
  addListener(notify: (drop: Drop) => void): () => void;
  counts(): Readonly<Record<DropReason, number>>;
  close(): void;
}
type EventPayload = {
  readonly [key: string]: LayerValue | undefined;
  readonly type?: never;
};
type EventMap = {
  readonly [type: string]: EventPayload;
};
type EventOf<Events extends EventMap, Type extends keyof Events & string> = {
  readonly type: Type;
} & Readonly<Events[Type]>;
type AnyEventOf<Events extends EventMap> = { [Type in keyof Events & string]: EventOf<Events, Type> }[keyof Events & string];
type Camel<Text extends string, Separator extends string> = Text extends `${infer Head}${Separator}${infer Tail}` ? `${Head}${Capitalize<Camel<Tail, Separator>>}` : Text;
type HandlerName<Type extends string> = Camel<Camel<Camel<Type, ".">, "_">, "-">;
declare function handlerName<Type extends string>(type: Type): HandlerName<Type>;
interface HistoryRule {
  readonly group: string | RegExp;
  readonly history: number;
  readonly historyTtlMs?: number;
}
interface HistorySettings {
  readonly size: number;
  readonly ttlMs: number;
}
type HistoryPolicy = (group: string) => HistorySettings | undefined;
declare function newEpoch(): string;
declare function checkHistoryOptions(options: GroupHistoryOptions): number;
declare function historyGap(reason: HistoryGapReason, position?: GroupPosition): GroupHistory;
declare function exceptOf(options: GroupSendOptions): string | undefined;
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
interface ResolvedLayerOptions {
  readonly capacityOf: (channel: string) => number;
  readonly expiryMs: number;
  readonly groupExpiryMs: number;
  readonly historyOf: HistoryPolicy | undefined;
  readonly clock: Clock;
  readonly onError: (error: unknown, channel: string) => void;
}
declare const LAYER_OPTION_NAMES: OptionNames<LayerOptions>;
declare const LAYER_DEFAULTS: Readonly<{
  capacity: 100;
  expiryMs: 60000;
  groupExpiryMs: 86400000;
  history: 0;
  historyTtlMs: 300000;
}>;
declare function resolveLayerOptions(options?: LayerOptions): ResolvedLayerOptions;
interface InMemoryLayerOptions extends LayerOptions {
  readonly maxHistoryGroups?: number;
}
declare class InMemoryLayer implements ChannelLayer {
  constructor(options?: InMemoryLayerOptions);
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
  localMembers(group?: string): readonly LocalMember[];
  onDrop(listener: (drop: Drop) => void): () => void;
  stats(): LayerStats;
  flush(): Promise<void>;
  close(): Promise<void>;
}
declare class LayerRegistry {
  register(alias: string, layer: ChannelLayer): void;
  get(alias?: string): ChannelLayer;
  unregister(alias: string): ChannelLayer | undefined;
  aliases(): readonly string[];
  close(): Promise<void>;
}
declare function registerLayer(alias: string, layer: ChannelLayer): void;
declare function getLayer(alias?: string): ChannelLayer;
declare function unregisterLayer(alias: string): ChannelLayer | undefined;
declare function closeLayers(): Promise<void>;
declare function getLayerRegistry(): LayerRegistry;
interface LocalChannelsHooks {
  onGroupOpened?(group: string): void;
  onGroupClosed?(group: string): void;
  onMemberLeft?(group: string, channel: string): void;
  onMembersRenewed?(group: string): void;
}
declare class LocalChannels {
  constructor(options: ResolvedLayerOptions, drops: DropReporter, hooks?: LocalChannelsHooks);
  deliver(channel: string, delivery: Delivery): void | Promise<void>;
  deliverToAll(channels: readonly string[], delivery: Delivery, group?: string): void | Promise<void>;
  deliverToGroup(group: string, delivery: Delivery, except?: string): void | Promise<void>;
  addMember(group: string, channel: string): void;
  removeMember(group: string, channel: string): void;
  subscribe(channel: string, receiver: Receiver, onEnd?: () => void | Promise<void>): Promise<Subscription>;
  receive(channel: string, signal?: AbortSignal): Promise<LayerMessage>;
  expireMembers(group: string): void;
  memberships(): IterableIterator<readonly [group: string, channels: readonly string[]]>;
  members(group: string | undefined): readonly LocalMember[];
  listeningMembers(group: string): readonly string[];
  hasReceiver(channel: string): boolean;
  notifyGap(gap: LayerGap): void;
  stats(): {
    channels: number;
    groups: number;
    memberships: number;
    delivered: number;
    failed: number;
  };
  flush(): void;
  close(): void;
}
declare const MAX_MESSAGE_DEPTH = 100;
declare function freezeMessage(message: unknown): LayerMessage;
declare function copyMessage(message: LayerMessage): LayerMessage;
declare function checkChannelName(name: string): void;
declare function checkGroupName(name: string): void;
declare function checkAlias(alias: string): void;
declare class ChannelNameGenerator {
  readonly processId: string;
  next(prefix?: string): string;
}
declare function requireInteger(option: string, value: number, min: number, max: number): number;
declare class SharedDelivery implements Delivery {
  readonly message: LayerMessage;
  readonly position: EventPosition | undefined;
  constructor(frozen: LayerMessage, position?: EventPosition);
  static from(message: unknown): SharedDelivery;
  copy(): LayerMessage;
  shared<T>(key: object, make: (message: LayerMessage) => T): T;
}
interface TypedGroup<Events extends EventMap> extends GroupMembers {
  readonly name: string;
  send(event: AnyEventOf<Events>, options?: GroupSendOptions): Promise<GroupPosition | undefined>;
  history(options?: GroupHistoryOptions): Promise<GroupHistory>;
  add(channel: string): Promise<void>;
  discard(channel: string): Promise<void>;
}
interface TypedChannel<Events extends EventMap> {
  readonly name: string;
  send(event: AnyEventOf<Events>): Promise<void>;
}
declare function typedGroup<Events extends EventMap>(layer: ChannelLayer, name: string): TypedGroup<Events>;
declare function typedChannel<Events extends EventMap>(layer: ChannelLayer, name: string): TypedChannel<Events>;
export { type AnyEventOf, type CapacityRule, type ChannelLayer, ChannelNameGenerator, ChannelsError, type Clock, type ClockTimer, type ControlCallOptions, type ControlOutcome, type Delivery, type DisconnectOptions, type Drop, type DropReason, DropReporter, type ErrorCode, type ErrorDetails, type EventMap, type EventOf, type EventPayload, type EventPosition, GroupControl, type GroupControlOptions, type GroupEvent, type GroupHistory, type GroupHistoryOptions, type GroupMember, type GroupMembers, type GroupMembersOptions, type GroupPosition, type GroupProcesses, type GroupSendOptions, type HandlerName, type HistoryGapReason, type HistoryPolicy, type HistoryRule, type HistorySettings, InMemoryLayer, type InMemoryLayerOptions, LAYER_DEFAULTS, LAYER_OPTION_NAMES, type LayerGap, type LayerMessage, type LayerOptions, LayerRegistry, type LayerStats, type LayerValue, LocalChannels, type LocalChannelsHooks, type LocalMember, MAX_DELAY_MS, MAX_MESSAGE_DEPTH, type MemberControl, type MemberCount, type MemberList, type MemberListOptions, type MemberTarget, type OptionNames, type Receiver, type ResolvedLayerOptions, SharedDelivery, type Subscription, type TypedChannel, type TypedGroup, checkAlias, checkChannelName, checkGroupName, checkHistoryOptions, checkOptions, closeLayers, compileCapacityRules, compileNamePattern, copyMessage, errorCodes, exceptOf, freezeMessage, getLayer, getLayerRegistry, handlerName, historyGap, isChannelsError, newEpoch, registerLayer, requireInteger, resolveLayerOptions, systemClock, typedChannel, typedGroup, unregisterLayer };