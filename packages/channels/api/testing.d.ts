import { IncomingHttpHeaders, IncomingMessage, Server } from "node:http";
import { WebSocket } from "ws";
import { AddressInfo } from "node:net";
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
type FrameKind = Pick<SharedFrame, "binary" | "ephemeral">;
declare class SharedFrame {
  readonly buffer: Buffer;
  readonly binary: boolean;
  readonly ephemeral: boolean;
  readonly bytes: number;
  readonly parts: readonly SharedFrame[] | undefined;
  constructor(buffer: Buffer, headerBytes: number, {
    binary,
    ephemeral
  }: FrameKind, parts?: readonly SharedFrame[]);
  get count(): number;
  get payload(): Buffer;
  get compressed(): SharedFrame;
  get text(): string;
}
type FrameContent = string | Uint8Array | SharedFrame | object;
interface FrameEncoder {
  readonly type: string;
  encode(message: LayerMessage, position?: EventPosition): SharedFrame | undefined;
}
interface Encoders<out Types extends string = string> {
  readonly types: readonly Types[];
  findEncoder(type: string): FrameEncoder | undefined;
}
interface Logger {
  debug(details: object, message: string): void;
  info(details: object, message: string): void;
  warn(details: object, message: string): void;
  error(details: object, message: string): void;
}
interface ScopeTypes {
  readonly params?: unknown;
  readonly user?: unknown;
  readonly state?: unknown;
}
type NoScopeTypes = Record<never, never>;
type NoParams = Readonly<Record<never, never>>;
type ParamsOf<Types extends ScopeTypes> = Types extends {
  readonly params: infer Params;
} ? Params : NoParams;
type UserOf<Types extends ScopeTypes> = Types extends {
  readonly user: infer User;
} ? User : unknown;
type StateOf<Types extends ScopeTypes> = Types extends {
  readonly state: infer State;
} ? State : unknown;
interface Client {
  readonly address: string;
}
interface ScopeOf<Params = NoParams, User = unknown, State = unknown> {
  readonly type: "websocket";
  readonly path: string;
  readonly params: Params;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly cookies: ReadonlyMap<string, string>;
  readonly subprotocols: readonly string[];
  readonly client: Client;
  readonly user: User;
  readonly state: State;
  readonly signal: AbortSignal;
}
type WebSocketScope<Types extends ScopeTypes = NoScopeTypes> = ScopeOf<ParamsOf<Types>, UserOf<Types>, StateOf<Types>>;
interface ChannelScope {
  readonly type: "channel";
  readonly channel: string;
  readonly signal: AbortSignal;
}
type Scope = WebSocketScope | ChannelScope;
declare const eventsOf: unique symbol;
type NoEvents = Record<never, never>;
type MaybePromise<T> = T | Promise<T>;
interface ConsumerContext {
  readonly scope: Scope;
  readonly signal: AbortSignal;
  readonly logger: Logger;
  layer(): ChannelLayer;
  channelName(): string;
  readonly groups: ReadonlySet<string>;
  groupAdd(group: string): Promise<void>;
  groupDiscard(group: string): Promise<void>;
}
declare abstract class Consumer<Events extends EventMap = NoEvents> {
  static layer: string | null;
  static groups: readonly string[];
  static encoders: Encoders;
  readonly [eventsOf]: Events;
  constructor(context: ConsumerContext);
  get signal(): AbortSignal;
  get logger(): Logger;
  get channelLayer(): ChannelLayer;
  get channelName(): string;
  get groups(): ReadonlySet<string>;
  groupAdd(group: string): Promise<void>;
  groupDiscard(group: string): Promise<void>;
  groupSend(group: string, event: AnyEventOf<Events>, options?: GroupSendOptions): Promise<GroupPosition | undefined>;
  layerGap(_gap: LayerGap): MaybePromise<void>;
}
type FailedPart = "connect" | "frame" | "event" | "disconnect";
interface Failure {
  readonly consumer: string;
  readonly during: FailedPart;
  readonly scope: WebSocketScope;
}
type FailureOutcome = "close" | "keep";
type ErrorHandler = (error: unknown, failure: Failure) => FailureOutcome | undefined;
declare const scopeTypesOf: unique symbol;
interface WebSocketContext extends ConsumerContext {
  readonly scope: WebSocketScope;
  readonly bufferedBytes: number;
  continueFrame(work: Promise<void>): void;
  accept(subprotocol: string | undefined): void;
  refuse(status: number, reason: string, headers?: Readonly<Record<string, string>>): void;
  send(frame: SharedFrame): boolean;
  close(code: number, reason: string): void;
}
declare abstract class WebSocketConsumer<Events extends EventMap = NoEvents, Types extends ScopeTypes = NoScopeTypes> extends Consumer<Events> {
  static maxConcurrentFrames: number;
  static eventsInTurn: boolean;
  readonly [scopeTypesOf]: Types;
  constructor(context: WebSocketContext);
  get scope(): WebSocketScope<Types>;
  get bufferedBytes(): number;
  connect(): MaybePromise<void>;
  receive(_text: string): MaybePromise<void>;
  receiveBytes(_bytes: Uint8Array): MaybePromise<void>;
  disconnect(_code: number): MaybePromise<void>;
  onError(_error: unknown, _failure: Failure): FailureOutcome | undefined;
  onDrain(_reconnectAfterMs: number): MaybePromise<void>;
  memberUser(): string | undefined;
  onEventsDropped(): MaybePromise<void>;
  shouldSend(_event: AnyEventOf<Events>): boolean;
  continueFrame(work: Promise<void>): void;
  accept(subprotocol?: string): void;
  refuse(status: number, reason: string, headers?: Readonly<Record<string, string>>): void;
  close(code?: number, reason?: string): void;
  send(content: string | Uint8Array | SharedFrame): boolean;
  sendShared<Event extends AnyEventOf<Events>>(delivery: Delivery, make: (event: Event) => FrameContent): boolean;
}
interface ConsumerStatics {
  readonly name: string;
  readonly layer: string | null;
  readonly groups: readonly string[];
  readonly encoders: Encoders;
}
interface ConsumerClass extends ConsumerStatics {
  new (context: ConsumerContext): Consumer<EventMap>;
}
interface WebSocketConsumerClass extends ConsumerStatics {
  readonly eventsInTurn: boolean;
  readonly maxConcurrentFrames: number;
  new (context: WebSocketContext): WebSocketConsumer<EventMap, ScopeTypes>;
}
type FrameVerdict = "pass" | "drop" | {
  readonly close: number;
  readonly reason: string;
};
type FrameGuard = (bytes: number) => FrameVerdict;
interface Refusal {
  readonly status: number;
  readonly reason: string;
  readonly headers?: Readonly<Record<string, string>>;
}
interface MatchedConsumer {
  readonly kind: "matched";
  readonly consumer: WebSocketConsumerClass;
  readonly scope: WebSocketScope;
  readonly guards: readonly FrameGuard[];
}
interface RefusedHandshake extends Refusal {
  readonly kind: "refused";
}
type Resolution = MatchedConsumer | RefusedHandshake;
interface WebSocketApplication<User = unknown, State = unknown> {
  (scope: ScopeOf<NoParams, User, State>): MaybePromise<Resolution>;
  readonly servesPath?: (path: string) => boolean;
}
interface ChannelApplication {
  readonly names: readonly string[];
  findConsumer(scope: Pick<ChannelScope, "channel">): ConsumerClass | undefined;
}
interface Application {
  readonly websocket: WebSocketApplication;
  readonly channel: ChannelApplication;
}
interface ApplicationCommunicatorOptions {
  readonly layer?: ChannelLayer;
  readonly logger?: Logger;
}
declare class ApplicationCommunicator {
  constructor(application: ChannelApplication | Application, channel: string, options?: ApplicationCommunicatorOptions);
  start(): Promise<void>;
  send(message: LayerMessage): Promise<boolean>;
  stop(): Promise<void>;
}
interface EventuallyOptions {
  readonly timeoutMs?: number;
  readonly intervalMs?: number;
}
declare function eventually<T>(check: () => T | Promise<T>, options?: EventuallyOptions): Promise<Exclude<T, false>>;
type InboxOrder = {
  readonly kind: "disconnect";
  readonly code: number;
  readonly reason: string;
} | {
  readonly kind: "move";
  readonly from: string;
  readonly to: string;
};
declare class Inbox implements Receiver {
  readonly deliveries: Delivery[];
  readonly gaps: LayerGap[];
  capacity: number;
  beforeDeliver: ((delivery: Delivery) => void) | undefined;
  readonly orders: InboxOrder[];
  user: string | undefined;
  readonly control: MemberControl;
  onMove: ((from: string, to: string) => Promise<void>) | undefined;
  get messages(): readonly LayerMessage[];
  deliver(delivery: Delivery): boolean;
  layerGap(gap: LayerGap): void;
  waitForCount(count: number, timeoutMs?: number): Promise<readonly LayerMessage[]>;
  waitForType(type: string, timeoutMs?: number): Promise<readonly LayerMessage[]>;
  waitForGaps(count: number, timeoutMs?: number): Promise<readonly LayerGap[]>;
  waitForOrders(count: number, timeoutMs?: number): Promise<readonly InboxOrder[]>;
}
interface DrainOptions {
  readonly withinMs?: number;
  readonly message?: (reconnectAfterMs: number) => FrameContent;
  readonly reconnectSpreadMs?: number;
  readonly nextBatch?: (remaining: number) => Promise<number>;
  readonly closeAfterMs?: number;
}
interface ConnectionCounters {
  framesReceived: number;
  framesDropped: number;
  bytesReceived: number;
  eventsHandled: number;
  eventsEncoded: number;
  eventsDropped: number;
  eventsUnknown: number;
  queuedEvents: number;
  queuedFrames: number;
  handlerErrors: number;
  layerGaps: number;
}
interface ServerMetrics extends ConnectionCounters {
  connections: number;
  handshakes: number;
  accepted: number;
  refused: number;
  deliveries: number;
  writes: number;
  bytesSent: number;
  framesSkipped: number;
  slowCloses: number;
  deadPeers: number;
  flushes: number;
  delayedFlushes: number;
}
declare class LayerRegistry {
  register(alias: string, layer: ChannelLayer): void;
  get(alias?: string): ChannelLayer;
  unregister(alias: string): ChannelLayer | undefined;
  aliases(): readonly string[];
  close(): Promise<void>;
}
interface RefusalResponse {
  readonly contentType: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}
interface ServerOptions {
  readonly layers?: LayerRegistry;
  readonly logger?: Logger;
  readonly onError?: ErrorHandler;
  readonly maxFrameBytes?: number;
  readonly maxConnections?: number;
  readonly maxConnectionsPerAddress?: number;
  readonly maxConnectionsPerUser?: number;
  readonly userKey?: (scope: WebSocketScope) => string | undefined;
  readonly clientAddress?: (request: IncomingMessage) => string;
  readonly refusalResponse?: (refused: Refusal) => RefusalResponse;
  readonly unknownPaths?: "leave" | "refuse";
  readonly handshakeTimeoutMs?: number;
  readonly maxQueuedFrames?: number;
  readonly maxQueuedEvents?: number;
  readonly maxQueuedBytes?: number;
  readonly slowCloseCode?: number;
  readonly drainCloseCode?: number;
  readonly heartbeatMs?: number;
  readonly missedHeartbeats?: number;
  readonly closeTimeoutMs?: number;
  readonly flushWindowMs?: number;
  readonly perMessageDeflate?: boolean;
  readonly compressFromBytes?: number;
  readonly handlerGraceMs?: number;
}
type ResolvedServerOptions = Readonly<Required<Omit<ServerOptions, "onError">>> & {
  readonly onError: ErrorHandler | undefined;
};
interface ListenOptions {
  readonly port?: number;
  readonly host?: string;
}
declare class ChannelServer {
  readonly metrics: Readonly<ServerMetrics>;
  readonly options: ResolvedServerOptions;
  constructor(application: WebSocketApplication | Application, options?: ServerOptions);
  attach(httpServer: Server): void;
  listen(options?: ListenOptions): Promise<AddressInfo>;
  drain(options?: DrainOptions): Promise<void>;
  close(): Promise<void>;
}
declare class AsyncQueue<T> {
  get size(): number;
  push(item: T): void;
  end(error: unknown): void;
  shift(expected: string, timeoutMs: number): Promise<T>;
  drain(): T[];
  staysEmpty(ms: number): Promise<boolean>;
}
interface CloseInfo {
  readonly code: number;
  readonly reason: string;
}
declare abstract class TestClient {
  readonly closed: Promise<CloseInfo>;
  protected readonly frames: AsyncQueue<string | Uint8Array>;
  constructor(timeoutMs: number);
  abstract send(content: string | Uint8Array): void;
  sendJson(content: unknown): void;
  receive(): Promise<string | Uint8Array>;
  receiveText(): Promise<string>;
  receiveBytes(): Promise<Uint8Array>;
  receiveJson(): Promise<unknown>;
  received(): (string | Uint8Array)[];
  receiveNothing(ms?: number): Promise<boolean>;
  protected notifyClosed(close: CloseInfo): void;
}
interface LiveRequest {
  readonly headers?: Readonly<Record<string, string>>;
  readonly subprotocols?: readonly string[];
  readonly timeoutMs?: number;
}
declare class HandshakeRefused extends Error {
  readonly status: number;
  readonly body: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  constructor(status: number, body: string, headers: Readonly<Record<string, string | string[] | undefined>>);
}
declare class LiveClient extends TestClient {
  readonly socket: WebSocket;
  static connect(url: string, request?: LiveRequest): Promise<LiveClient>;
  get subprotocol(): string;
  send(content: string | Uint8Array): void;
  sendTogether(contents: readonly (string | Uint8Array)[]): void;
  close(code?: number, reason?: string): Promise<void>;
  terminate(): void;
}
interface LiveServer extends AsyncDisposable {
  readonly server: ChannelServer;
  readonly port: number;
  url(path: string): string;
  connect(path: string, request?: LiveRequest): Promise<LiveClient>;
  close(): Promise<void>;
}
declare function liveServer(application: WebSocketApplication | Application, options?: ServerOptions): Promise<LiveServer>;
interface Clock {
  now(): number;
  setTimeout(callback: () => void, ms: number): ClockTimer;
  clearTimeout(timer: ClockTimer): void;
}
type ClockTimer = object;
declare class PausableClock implements Clock {
  constructor(clock: Clock);
  now(): number;
  setTimeout(callback: () => void, ms: number): ClockTimer;
  clearTimeout(timer: ClockTimer): void;
  pause(): void;
  resume(): void;
}
declare class SteppableClock implements Clock {
  constructor(startMs?: number);
  now(): number;
  setTimeout(callback: () => void, ms: number): ClockTimer;
  clearTimeout(timer: ClockTimer): void;
  get pendingTimers(): number;
  advance(ms: number): Promise<void>;
}
type ConnectionState = {
  readonly phase: "connecting";
} | {
  readonly phase: "open";
  readonly subprotocol: string | undefined;
} | {
  readonly phase: "closing";
  readonly code: number;
} | {
  readonly phase: "closed";
  readonly code: number;
};
interface CommunicatorOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly subprotocols?: readonly string[];
  readonly address?: string;
  readonly user?: unknown;
  readonly state?: unknown;
  readonly layers?: LayerRegistry;
  readonly logger?: Logger;
  readonly onError?: ErrorHandler;
  readonly clock?: Clock;
  readonly maxQueuedFrames?: number;
  readonly maxQueuedEvents?: number;
  readonly handlerGraceMs?: number;
  readonly timeoutMs?: number;
}
type CommunicatorArguments<User, State> = [unknown, unknown] extends [User, State] ? [options?: CommunicatorOptions] : [options: Omit<CommunicatorOptions, "user" | "state"> & (unknown extends User ? Pick<CommunicatorOptions, "user"> : {
  readonly user: User;
}) & (unknown extends State ? Pick<CommunicatorOptions, "state"> : {
  readonly state: State;
})];
type Handshake = {
  readonly accepted: true;
  readonly subprotocol: string | undefined;
} | ({
  readonly accepted: false;
} & Refusal);
declare class WebsocketCommunicator<User = unknown, State = unknown> extends TestClient {
  readonly counters: ConnectionCounters;
  readonly errors: unknown[];
  readonly scope: WebSocketScope;
  constructor(application: WebSocketApplication<User, State> | Application, path: string, ...[given]: CommunicatorArguments<User, State>);
  get state(): ConnectionState;
  get paused(): boolean;
  connect(): Promise<Handshake>;
  send(content: string | Uint8Array): void;
  disconnect(code?: number): Promise<void>;
  drain(reconnectAfterMs: number): void;
  done(): Promise<void>;
}
export { ApplicationCommunicator, type ApplicationCommunicatorOptions, type CloseInfo, type CommunicatorArguments, type CommunicatorOptions, type EventuallyOptions, type Handshake, HandshakeRefused, Inbox, type InboxOrder, LiveClient, type LiveRequest, type LiveServer, PausableClock, SteppableClock, TestClient, WebsocketCommunicator, eventually, liveServer };