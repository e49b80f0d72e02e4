import { StandardSchemaV1 } from "@standard-schema/spec";
import { IncomingHttpHeaders, IncomingMessage, Server } from "node:http";
import { AddressInfo } from "node:net";
type Schema<Input = unknown, Output = Input> = StandardSchemaV1<Input, Output>;
type InputOf<S extends Schema> = StandardSchemaV1.InferInput<S>;
type OutputOf<S extends Schema> = StandardSchemaV1.InferOutput<S>;
declare const BUILT_IN_ERRORS: Readonly<{
  FRAME_INVALID: "Expected a JSON object with a whole number in id and a command in do.";
  COMMAND_UNKNOWN: "There is no such command.";
  INPUT_INVALID: "The input is not what the command expects.";
  COMMAND_TIMEOUT: "The command took too long. It may still have an effect.";
  COMMAND_CANCELED: "The command was canceled. It may still have an effect.";
  UNAVAILABLE: "A part of the server cannot be reached. Try again later.";
  INTERNAL: "Something went wrong on the server.";
}>;
interface PositionFrame {
  readonly group: string;
  readonly epoch: string;
  readonly offset: number;
}
interface GroupFrame extends Partial<PositionFrame> {
  readonly group: string;
  readonly recovered: boolean;
  readonly events?: readonly EventFrame[];
}
interface WireError<Code extends string = string> {
  readonly code: Code;
  readonly message: string;
  readonly details?: unknown;
}
interface EventFrame {
  readonly on: string;
  readonly $position?: PositionFrame;
  readonly [member: string]: unknown;
}
interface CommandDeclaration {
  readonly summary?: string;
  readonly input: Schema;
  readonly reply?: Schema;
}
interface Protocol {
  readonly commands: {
    readonly [name: string]: CommandDeclaration;
  };
  readonly events?: {
    readonly [name: string]: Schema;
  };
  readonly errors?: {
    readonly [code: string]: string;
  };
}
type CommandName<P extends Protocol> = keyof P["commands"] & string;
type CommandInput<P extends Protocol, Name extends CommandName<P>> = OutputOf<P["commands"][Name]["input"]>;
type ReplySchema<P extends Protocol, Name extends CommandName<P>> = P["commands"][Name] extends {
  readonly reply: infer Reply extends Schema;
} ? Reply : undefined;
type CommandResult<P extends Protocol, Name extends CommandName<P>> = ReplySchema<P, Name> extends infer Reply extends Schema ? InputOf<Reply> : void;
type EventSchemas<P extends Protocol> = P extends {
  readonly events: infer Events;
} ? Events : Record<never, never>;
type EventName<P extends Protocol> = keyof EventSchemas<P> & string;
type EventSchema<P extends Protocol, Name extends EventName<P>> = EventSchemas<P>[Name] extends infer S extends Schema ? S : never;
type EventArguments<P extends Protocol, Name extends EventName<P>> = InputOf<EventSchema<P, Name>>;
type EventContent<P extends Protocol, Name extends EventName<P>> = OutputOf<EventSchema<P, Name>>;
type DeclaredError<P extends Protocol> = P extends {
  readonly errors: infer Errors;
} ? keyof Errors & string : never;
type ProtocolErrorCode<P extends Protocol> = DeclaredError<P> | keyof typeof BUILT_IN_ERRORS;
interface CommandErrorOptions {
  readonly message?: string;
  readonly details?: unknown;
}
declare class CommandError extends Error {
  readonly code: string;
  readonly details: unknown;
  constructor(code: string, message: string, details?: unknown);
  toWire(): WireError;
}
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
type Camel<Text extends string, Separator extends string> = Text extends `${infer Head}${Separator}${infer Tail}` ? `${Head}${Capitalize<Camel<Tail, Separator>>}` : Text;
type HandlerName<Type extends string> = Camel<Camel<Camel<Type, ".">, "_">, "-">;
declare function handlerName<Type extends string>(type: Type): HandlerName<Type>;
interface FrameOptions {
  readonly ephemeral?: boolean;
}
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
declare function textFrame(text: string, options?: FrameOptions): SharedFrame;
declare function binaryFrame(bytes: Uint8Array, options?: FrameOptions): SharedFrame;
declare function frameSequence(frames: readonly SharedFrame[]): SharedFrame;
declare function jsonFrame(value: unknown, options?: FrameOptions): SharedFrame;
type FrameContent = string | Uint8Array | SharedFrame | object;
type Encoder<Event> = (event: Event, position?: EventPosition) => FrameContent | undefined;
interface FrameEncoder {
  readonly type: string;
  encode(message: LayerMessage, position?: EventPosition): SharedFrame | undefined;
}
interface Encoders<out Types extends string = string> {
  readonly types: readonly Types[];
  findEncoder(type: string): FrameEncoder | undefined;
}
declare function encoders<Events extends EventMap, Types extends keyof Events & string = keyof Events & string>(table: { readonly [Type in Types]: Encoder<EventOf<Events, Type>> }): Encoders<Types>;
interface GroupSubscribeOptions {
  readonly recover?: boolean;
  readonly limit?: number;
}
interface GroupSubscription {
  readonly recovered: boolean;
  readonly position: GroupPosition | undefined;
}
interface SubscriptionRequest {
  readonly since: PositionFrame | undefined;
  readonly limit: number | undefined;
  readonly cancellation: () => CommandError | undefined;
}
interface CallContext {
  readonly id: number;
  readonly command: string;
  readonly signal: AbortSignal;
  readonly since?: ReadonlyMap<string, PositionFrame> | undefined;
  subscribe(group: string, subscription: SubscriptionRequest): Promise<GroupFrame>;
}
declare class Call<P extends Protocol = Protocol> {
  readonly id: number;
  readonly command: string;
  constructor(protocol: P, context: CallContext);
  get groups(): readonly GroupFrame[] | undefined;
  subscribe(group: string, options?: GroupSubscribeOptions): Promise<GroupSubscription>;
  get signal(): AbortSignal;
  error(code: ProtocolErrorCode<P>, options?: CommandErrorOptions): CommandError;
  abort(reason: CommandError): void;
}
interface Logger {
  debug(details: object, message: string): void;
  info(details: object, message: string): void;
  warn(details: object, message: string): void;
  error(details: object, message: string): void;
}
declare const silentLogger: Logger;
declare const consoleLogger: Logger;
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
declare const protocolOf: unique symbol;
interface WithProtocol {
  readonly [protocolOf]: Protocol;
}
type ProtocolOf<C extends WithProtocol> = C[typeof protocolOf];
type CommandHandler<C extends WithProtocol, Name extends CommandName<ProtocolOf<C>>> = (consumer: C, input: CommandInput<ProtocolOf<C>, Name>, call: Call<ProtocolOf<C>>) => MaybePromise<CommandResult<ProtocolOf<C>, Name>>;
interface CommandImplementation<C extends WithProtocol, Name extends CommandName<ProtocolOf<C>>> {
  readonly run: CommandHandler<C, Name>;
  readonly concurrent?: boolean;
  readonly timeoutMs?: number;
  readonly idempotencyKey?: (consumer: C, input: CommandInput<ProtocolOf<C>, Name>) => string | undefined;
}
type CommandHandlers<C extends WithProtocol> = { readonly [Name in CommandName<ProtocolOf<C>>]: CommandHandler<C, Name> | CommandImplementation<C, Name> };
interface RegisteredCommand {
  readonly run: (consumer: never, input: never, call: never) => unknown;
  readonly concurrent: boolean;
  readonly timeoutMs: number | undefined;
  readonly idempotencyKey: ((consumer: never, input: never) => string | undefined) | undefined;
}
interface CommandTable {
  readonly names: readonly string[];
  findCommand(name: string): RegisteredCommand | undefined;
}
declare function commands$1<C extends WithProtocol>(handlers: CommandHandlers<C>): CommandTable;
interface IdempotencyStore {
  run<T>(key: string, work: () => Promise<T>): Promise<T>;
}
interface InMemoryIdempotencyOptions {
  readonly maxEntries?: number;
  readonly ttlMs?: number;
  readonly now?: () => number;
}
declare class InMemoryIdempotencyStore implements IdempotencyStore {
  constructor(options?: InMemoryIdempotencyOptions);
  run<T>(key: string, work: () => Promise<T>): Promise<T>;
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
declare abstract class JsonWebSocketConsumer<Events extends EventMap = NoEvents, Types extends ScopeTypes = NoScopeTypes> extends WebSocketConsumer<Events, Types> {
  receiveJson(_content: unknown): MaybePromise<void>;
  receiveInvalidJson(_text: string): MaybePromise<void>;
  sendJson(content: unknown, options?: FrameOptions): boolean;
  receive(text: string): MaybePromise<void>;
}
type Plain<T> = { readonly [Key in keyof T]: T[Key] };
type Payloads<P extends Protocol> = { readonly [Name in EventName<P>]: Plain<EventArguments<P, Name>> };
type ProtocolEvents<P extends Protocol> = Payloads<P> extends infer Events extends EventMap ? Events : never;
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
type ProtocolGroupEvent<P extends Protocol> = { [Name in EventName<P>]: {
  readonly event: Name;
  readonly payload: EventContent<P, Name>; /** Its number in the epoch of the history's `position`. */
  readonly offset: number; /** The channel that did not get it (L14). */
  readonly except?: string;
} }[EventName<P>];
interface ProtocolGroup<P extends Protocol> extends GroupMembers {
  readonly name: string;
  send<Name extends EventName<P>>(event: Name, payload: EventArguments<P, Name>, options?: GroupSendOptions): Promise<GroupPosition | undefined>;
  history(options?: GroupHistoryOptions): Promise<GroupHistory<ProtocolGroupEvent<P>>>;
  add(channel: string): Promise<void>;
  discard(channel: string): Promise<void>;
}
declare function protocolGroup<P extends Protocol>(protocol: P, layer: ChannelLayer, name: string): ProtocolGroup<P>;
declare abstract class ProtocolConsumer<P extends Protocol, Types extends ScopeTypes = NoScopeTypes, Internal extends EventMap = NoEvents> extends JsonWebSocketConsumer<ProtocolEvents<P> & Internal, Types> {
  static readonly protocol: Protocol;
  static commands: CommandTable;
  static idempotency: IdempotencyStore;
  readonly [protocolOf]: P;
  constructor(context: WebSocketContext);
  static checkClass({
    name: consumer,
    protocol,
    commands
  }: typeof ProtocolConsumer): void;
  accept(subprotocol?: string | undefined): void;
  onDrain(reconnectAfterMs: number): MaybePromise<void>;
  layerGap(_gap: LayerGap): MaybePromise<void>;
  onEventsDropped(): MaybePromise<void>;
  emit<Name extends EventName<P>>(event: Name, payload: EventArguments<P, Name>): boolean;
  group(name: string): ProtocolGroup<P>;
  onCommandError(error: unknown, {
    id,
    command
  }: Call<P>): CommandError | undefined;
  receiveInvalidJson(): void;
  receiveJson(content: unknown): MaybePromise<void>;
}
interface ProtocolConsumerBase<P extends Protocol> {
  new <Types extends ScopeTypes = NoScopeTypes, Internal extends EventMap = NoEvents>(context: WebSocketContext): ProtocolConsumer<P, Types, Internal>;
  readonly protocol: P;
  layer: string | null;
  groups: readonly string[];
  encoders: Encoders<EventName<P>>;
  commands: CommandTable;
  idempotency: IdempotencyStore;
  maxConcurrentFrames: number;
  eventsInTurn: boolean;
  checkClass(consumerClass: typeof ProtocolConsumer): void;
}
declare function protocolConsumer<P extends Protocol>(protocol: P): ProtocolConsumerBase<P>;
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
type InstanceOf<Class> = Class extends {
  new (context: never): infer Instance;
} ? Instance : never;
type EventsOf<Class> = InstanceOf<Class> extends {
  readonly [eventsOf]: infer Events;
} ? Events : never;
type ScopeTypesOf<Class> = InstanceOf<Class> extends {
  readonly [scopeTypesOf]: infer Types extends ScopeTypes;
} ? Types : never;
type EncodedBy<Class> = Class extends {
  readonly encoders: {
    readonly types: readonly (infer Type)[];
  };
} ? string extends Type ? never : Type : never;
type UnhandledIn<Class, Events> = Events extends EventMap ? { [Type in Exclude<keyof Events & string, EncodedBy<Class>>]: InstanceOf<Class> extends { readonly [Name in HandlerName<Type>]: (event: EventOf<Events, Type>, delivery: Delivery) => unknown } ? never : Type }[Exclude<keyof Events & string, EncodedBy<Class>>] : never;
type UnhandledEvents<Class> = UnhandledIn<Class, EventsOf<Class>>;
type RequireHandlers<Class> = [UnhandledEvents<Class>] extends [never] ? unknown : {
  readonly eventWithoutEncoderOrMethod: UnhandledEvents<Class>;
};
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
declare function refuse(status: number, reason: string, headers?: Readonly<Record<string, string>>): RefusedHandshake;
declare function parseCookies(header: string | undefined): ReadonlyMap<string, string>;
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
interface Clock {
  now(): number;
  setTimeout(callback: () => void, ms: number): ClockTimer;
  clearTimeout(timer: ClockTimer): void;
}
type ClockTimer = object;
declare const systemClock: Clock;
declare function groupName(...parts: readonly [string | number, ...(string | number)[]]): string;
interface HistoryRule {
  readonly group: string | RegExp;
  readonly history: number;
  readonly historyTtlMs?: number;
}
interface CapacityRule {
  readonly channel: string | RegExp;
  readonly capacity: number;
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
declare const addedTypes: unique symbol;
interface Middleware<User = unknown, State = unknown> {
  (scope: ScopeOf, next: (scope: ScopeOf<NoParams, User, State>) => MaybePromise<Resolution>): MaybePromise<Resolution>;
  readonly [addedTypes]?: {
    readonly user: User;
    readonly state: State;
  };
}
type Intersection$1<Union> = (Union extends unknown ? (one: Union) => void : never) extends ((all: infer All) => void) ? All : never;
type AddedTypes<Middlewares extends readonly Middleware[]> = Intersection$1<{ [Index in keyof Middlewares]: Middlewares[Index] extends Middleware<infer User, infer State> ? {
  readonly user: User;
  readonly state: State;
} : never }[number]>;
type AddedUser<Middlewares extends readonly Middleware[]> = AddedTypes<Middlewares> extends {
  readonly user: infer User;
} ? User : unknown;
type AddedState<Middlewares extends readonly Middleware[]> = AddedTypes<Middlewares> extends {
  readonly state: infer State;
} ? State : unknown;
type Remaining<Needed, Added> = unknown extends Added ? Needed : unknown;
type RequireUser<Needed, Added> = unknown extends Added ? unknown : [Added] extends [Needed] ? unknown : {
  readonly requiredUser: Needed;
};
type RequireState<Needed, Added> = unknown extends Added ? unknown : [Added] extends [Needed] ? unknown : {
  readonly requiredState: Needed;
};
declare function stack<const Middlewares extends readonly Middleware[]>(...middlewares: Middlewares): <User, State>(application: WebSocketApplication<User, State> & RequireUser<User, AddedUser<Middlewares>> & RequireState<State, AddedState<Middlewares>>) => WebSocketApplication<Remaining<User, AddedUser<Middlewares>>, Remaining<State, AddedState<Middlewares>>>;
type UserResolver<User> = (scope: WebSocketScope) => MaybePromise<User | null | undefined>;
interface AuthOptions {
  readonly anonymous?: "refuse" | "allow";
  readonly status?: 401 | 403;
}
declare function authMiddleware<User>(resolve: UserResolver<User>, options?: AuthOptions & {
  readonly anonymous?: "refuse";
}): Middleware<NonNullable<User>>;
declare function authMiddleware<User>(resolve: UserResolver<User>, options: AuthOptions & {
  readonly anonymous: "allow";
}): Middleware<NonNullable<User> | undefined>;
declare function bearerToken({
  headers,
  subprotocols
}: Pick<WebSocketScope, "headers" | "subprotocols">): string | undefined;
type ChainedMiddleware<User, State, NextUser, NextState> = (scope: ScopeOf<NoParams, User, State>, next: (scope: ScopeOf<NoParams, NextUser, NextState>) => MaybePromise<Resolution>) => MaybePromise<Resolution>;
type RequireNew<State, Added> = keyof Added & keyof State extends never ? unknown : {
  readonly alreadyProvided: keyof Added & keyof State;
};
type NextUserOf<User, NextUser> = unknown extends NextUser ? User : NextUser;
interface Chain<User = unknown, State = unknown> {
  <NeededUser, NeededState>(application: WebSocketApplication<NeededUser, NeededState> & RequireUser<NeededUser, User> & RequireState<NeededState, State>): WebSocketApplication<Remaining<NeededUser, User>, Remaining<NeededState, State>>;
  use<NextUser, NextState>(middleware: ChainedMiddleware<User, State, NextUser, NextState>): Chain<NextUserOf<User, NextUser>, State & NextState>;
  provide<Added extends object>(make: ((scope: ScopeOf<NoParams, User, State>) => MaybePromise<Added | RefusedHandshake>) & RequireNew<State, Added>): Chain<User, State & Added>;
}
declare function chain(): Chain;
interface OriginOptions {
  readonly allowed?: readonly string[];
  readonly sameHost?: boolean;
  readonly missing?: "allow" | "refuse";
}
declare function originValidator(options?: OriginOptions): Middleware;
interface Rate {
  readonly burst: number;
  readonly perSecond: number;
}
interface RateLimitOptions {
  readonly perConnection?: Rate;
  readonly perUser?: Rate;
  readonly handshakesPerAddress?: Rate;
  readonly userKey?: (scope: WebSocketScope) => string | undefined;
  readonly onLimit?: "close" | "drop";
  readonly closeCode?: number;
  readonly maxKeys?: number;
  readonly now?: () => number;
}
declare function rateLimit(options: RateLimitOptions): Middleware;
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
type ResolvedPresenceOptions = Readonly<Required<PresenceOptions>>;
declare const PRESENCE_DEFAULTS: Readonly<{
  windowMs: 250;
  graceMs: 5000;
  leaseMs: 30000;
  renewMs: 10000;
}>;
declare function resolvePresenceOptions(options?: PresenceOptions): ResolvedPresenceOptions;
declare function checkPresenceId(kind: "member" | "connection", id: string): void;
interface PresenceUpdate {
  readonly isPresent: boolean;
  readonly members: number;
}
declare class PresenceWatchers {
  constructor(options: ResolvedPresenceOptions);
  get size(): number;
  hasWatchers(group: string): boolean;
  add(group: string, notify: (diff: PresenceDiff) => void): () => {
    readonly isLast: boolean;
  };
  recordChange(group: string, member: string, {
    isPresent,
    members
  }: PresenceUpdate): void;
  close(): void;
}
interface PresenceStoreClient {
  onChange(group: string, member: string, change: PresenceUpdate): void;
}
declare class InMemoryPresenceStore {
  readonly options: ResolvedPresenceOptions;
  constructor(options?: PresenceOptions);
  addClient(client: PresenceStoreClient): void;
  removeClient(client: PresenceStoreClient): void;
  join(client: PresenceStoreClient, groupName: string, member: string, connection: string): void;
  leave(groupName: string, connection: string): void;
  disconnect(connection: string, graceMs?: number): void;
  renewLease(client: PresenceStoreClient): boolean;
  counts(groupName: string): PresenceCounts;
  members(groupName: string): readonly PresentMember[];
  has(groupName: string, member: string): boolean;
  stats(): {
    readonly groups: number;
    readonly members: number;
  };
}
interface InMemoryPresenceOptions extends PresenceOptions {
  readonly store?: InMemoryPresenceStore;
}
declare class InMemoryPresence implements Presence {
  constructor(options?: InMemoryPresenceOptions);
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
declare function channelNameRouter<const Table extends Readonly<Record<string, ConsumerClass>>>(table: Table & { readonly [Name in keyof Table]: RequireHandlers<Table[Name]> }): ChannelApplication;
interface ConvertedTypes {
  readonly int: number;
  readonly slug: string;
  readonly uuid: string;
}
type Param<Segment extends string> = Segment extends `:${infer Name}<${infer Kind}>` ? Kind extends keyof ConvertedTypes ? { readonly [Key in Name]: ConvertedTypes[Kind] } : never : Segment extends `:${infer Name}` ? { readonly [Key in Name]: string } : Segment extends `*${infer Name}` ? { readonly [Key in Name]: string } : unknown;
type ParamsIn<Pattern extends string> = Pattern extends `${infer Segment}/${infer Rest}` ? Param<Segment> & ParamsIn<Rest> : Param<Pattern>;
type RouteParams<Pattern extends string> = { readonly [Name in keyof ParamsIn<Pattern>]: ParamsIn<Pattern>[Name] };
interface Application {
  readonly websocket: WebSocketApplication;
  readonly channel: ChannelApplication;
}
declare function protocolTypeRouter(routes: Partial<Application>): Application;
interface Route<User = unknown, State = unknown> {
  readonly pattern: string;
  readonly matches: (segments: readonly string[], path: string) => boolean;
  readonly resolve: (segments: readonly string[], scope: ScopeOf<NoParams, User, State>) => MaybePromise<Resolution> | undefined;
}
type RequireParams<Class, Pattern extends string> = RouteParams<Pattern> extends ParamsOf<ScopeTypesOf<Class>> ? unknown : {
  readonly missingParams: Exclude<keyof ParamsOf<ScopeTypesOf<Class>>, keyof RouteParams<Pattern>>;
};
declare function route<const Pattern extends string, Class extends WebSocketConsumerClass>(pattern: Pattern, consumer: Class & RequireParams<Class, Pattern> & RequireHandlers<Class>): Route<UserOf<ScopeTypesOf<Class>>, StateOf<ScopeTypesOf<Class>>>;
declare function mount<User, State>(prefix: string, application: WebSocketApplication<User, State>): Route<User, State>;
type Intersection<Union> = (Union extends unknown ? (one: Union) => void : never) extends ((all: infer All) => void) ? All : never;
type RequiredTypes<Routes extends readonly Route<never, never>[]> = Intersection<{ [Index in keyof Routes]: Routes[Index] extends Route<infer User, infer State> ? {
  readonly user: User;
  readonly state: State;
} : never }[number]>;
type RequiredUser<Routes extends readonly Route<never, never>[]> = RequiredTypes<Routes> extends {
  readonly user: infer User;
} ? User : unknown;
type RequiredState<Routes extends readonly Route<never, never>[]> = RequiredTypes<Routes> extends {
  readonly state: infer State;
} ? State : unknown;
declare function urlRouter<const Routes extends readonly Route<never, never>[]>(routes: Routes): WebSocketApplication<RequiredUser<Routes>, RequiredState<Routes>>;
interface DrainOptions {
  readonly withinMs?: number;
  readonly message?: (reconnectAfterMs: number) => FrameContent;
  readonly reconnectSpreadMs?: number;
  readonly nextBatch?: (remaining: number) => Promise<number>;
  readonly closeAfterMs?: number;
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
declare const SERVER_DEFAULTS: Readonly<{
  maxFrameBytes: number;
  maxConnections: number;
  maxConnectionsPerAddress: number;
  maxConnectionsPerUser: number;
  handshakeTimeoutMs: number;
  maxQueuedFrames: number;
  maxQueuedEvents: number;
  maxQueuedBytes: number;
  slowCloseCode: number;
  drainCloseCode: number;
  heartbeatMs: number;
  missedHeartbeats: number;
  closeTimeoutMs: number;
  flushWindowMs: number;
  compressFromBytes: number;
  handlerGraceMs: number;
}>;
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
declare function createServer(application: WebSocketApplication | Application, options?: ServerOptions): ChannelServer;
declare function attach(httpServer: Server, application: WebSocketApplication | Application, options?: ServerOptions): ChannelServer;
interface PendingMessage {
  readonly message: LayerMessage;
  ack(): Promise<void>;
  retry(error: unknown): Promise<void>;
  deadLetter?(error: unknown): Promise<void>;
}
declare class UnusableMessage extends Error {
  readonly name = "UnusableMessage";
}
interface AcknowledgingLayer extends ChannelLayer {
  receiveAck(channel: string, options?: {
    readonly signal?: AbortSignal;
  }): Promise<PendingMessage>;
}
declare function isAcknowledgingLayer(layer: ChannelLayer): layer is AcknowledgingLayer;
interface WorkerOptions {
  readonly layer?: ChannelLayer;
  readonly concurrency?: number;
  readonly signal?: AbortSignal;
  readonly graceMs?: number;
  readonly logger?: Logger;
  readonly onMessage?: (outcome: Outcome, channel: string) => void;
}
type Outcome = "handled" | "failed" | "unknown";
declare function runWorker(application: ChannelApplication | Application, names: readonly string[], options?: WorkerOptions): Promise<void>;
export { type AcknowledgingLayer, type AnyEventOf, type Application, type AuthOptions, Call, type CallContext, type Chain, type ChainedMiddleware, type ChannelApplication, type ChannelLayer, type ChannelScope, type ChannelServer, ChannelsError, type Client, type Clock, type ClockTimer, type CommandHandlers, type CommandImplementation, type CommandTable, type ConnectionCounters, Consumer, type ConsumerClass, type ConsumerContext, type ControlCallOptions, type ControlOutcome, type Delivery, type DisconnectOptions, type DrainOptions, type Drop, type DropReason, type Encoder, type Encoders, type ErrorCode, type ErrorDetails, type ErrorHandler, type EventMap, type EventOf, type EventPayload, type EventPosition, type EventsOf, type FailedPart, type Failure, type FailureOutcome, type FrameContent, type FrameGuard, type FrameOptions, type FrameVerdict, GroupControl, type GroupControlOptions, type GroupEvent, type GroupHistory, type GroupHistoryOptions, type GroupMember, type GroupMembers, type GroupMembersOptions, type GroupPosition, type GroupSendOptions, type GroupSubscribeOptions, type GroupSubscription, type HandlerName, type HistoryGapReason, type HistoryRule, type IdempotencyStore, type InMemoryIdempotencyOptions, InMemoryIdempotencyStore, InMemoryLayer, type InMemoryLayerOptions, InMemoryPresence, type InMemoryPresenceOptions, InMemoryPresenceStore, JsonWebSocketConsumer, type LayerGap, type LayerMessage, type LayerOptions, LayerRegistry, type LayerStats, type LayerValue, type ListenOptions, type LocalMember, type Logger, type MatchedConsumer, type MaybePromise, type MemberControl, type MemberCount, type MemberList, type MemberListOptions, type MemberTarget, type Middleware, type NoEvents, type NoParams, type NoScopeTypes, type OriginOptions, PRESENCE_DEFAULTS, type PendingMessage, type Presence, type PresenceCounts, type PresenceDiff, type PresenceOptions, type PresenceStats, type PresenceWatch, PresenceWatchers, type PresentMember, ProtocolConsumer, type ProtocolConsumerBase, type ProtocolEvents, type ProtocolGroup, type ProtocolGroupEvent, type Rate, type RateLimitOptions, type Receiver, type Refusal, type RefusalResponse, type RefusedHandshake, type RequireHandlers, type Resolution, type ResolvedPresenceOptions, type ResolvedServerOptions, type Route, type RouteParams, SERVER_DEFAULTS, type Scope, type ScopeOf, type ScopeTypes, type ScopeTypesOf, type ServerMetrics, type ServerOptions, SharedDelivery, SharedFrame, type Subscription, type TypedChannel, type TypedGroup, UnusableMessage, type UserResolver, type WebSocketApplication, WebSocketConsumer, type WebSocketConsumerClass, type WebSocketContext, type WebSocketScope, type WorkerOptions, attach, authMiddleware, bearerToken, binaryFrame, chain, channelNameRouter, checkPresenceId, closeLayers, commands$1 as commands, consoleLogger, createServer, encoders, errorCodes, frameSequence, getLayer, getLayerRegistry, groupName, handlerName, isAcknowledgingLayer, isChannelsError, jsonFrame, mount, originValidator, parseCookies, protocolConsumer, protocolGroup, protocolTypeRouter, rateLimit, refuse, registerLayer, resolvePresenceOptions, route, runWorker, silentLogger, stack, systemClock, textFrame, typedChannel, typedGroup, unregisterLayer, urlRouter };