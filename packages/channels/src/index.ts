export { Call, type CallContext } from "./commands/call.ts";
export {
  type CommandHandlers,
  type CommandImplementation,
  type CommandTable,
  commands,
} from "./commands/command-table.ts";
export type { GroupSubscribeOptions, GroupSubscription } from "./commands/group-subscription.ts";
export {
  type IdempotencyStore,
  type InMemoryIdempotencyOptions,
  InMemoryIdempotencyStore,
} from "./commands/idempotency-store.ts";
export { ProtocolConsumer, type ProtocolConsumerBase, protocolConsumer } from "./commands/protocol-consumer.ts";
export type { ProtocolEvents } from "./commands/protocol-encoders.ts";
export { type ProtocolGroup, type ProtocolGroupEvent, protocolGroup } from "./commands/protocol-group.ts";
export {
  type ChannelApplication,
  type MatchedConsumer,
  type RefusedHandshake,
  type Resolution,
  refuse,
  type WebSocketApplication,
} from "./consumer/application.ts";
export { Consumer, type ConsumerContext, type MaybePromise, type NoEvents } from "./consumer/consumer.ts";
export type {
  ConsumerClass,
  EventsOf,
  RequireHandlers,
  ScopeTypesOf,
  WebSocketConsumerClass,
} from "./consumer/consumer-class.ts";
export { parseCookies } from "./consumer/cookies.ts";
export { type Encoder, type Encoders, encoders } from "./consumer/encoders.ts";
export type { ErrorHandler, FailedPart, Failure, FailureOutcome } from "./consumer/failure.ts";
export {
  binaryFrame,
  type FrameContent,
  type FrameOptions,
  frameSequence,
  jsonFrame,
  SharedFrame,
  textFrame,
} from "./consumer/frame.ts";
export type { FrameGuard, FrameVerdict } from "./consumer/frame-guard.ts";
export { JsonWebSocketConsumer } from "./consumer/json-websocket-consumer.ts";
export { consoleLogger, type Logger, silentLogger } from "./consumer/logger.ts";
export type { ConnectionCounters } from "./consumer/runner/connection-counters.ts";
export type { Refusal } from "./consumer/runner/transport.ts";
export type {
  ChannelScope,
  Client,
  NoParams,
  NoScopeTypes,
  Scope,
  ScopeOf,
  ScopeTypes,
  WebSocketScope,
} from "./consumer/scope.ts";
export { WebSocketConsumer, type WebSocketContext } from "./consumer/websocket-consumer.ts";
export { ChannelsError, type ErrorCode, type ErrorDetails, errorCodes, isChannelsError } from "./errors.ts";
export type {
  ChannelLayer,
  Delivery,
  Drop,
  DropReason,
  EventPosition,
  GroupEvent,
  GroupHistory,
  GroupHistoryOptions,
  GroupPosition,
  GroupSendOptions,
  HistoryGapReason,
  LayerGap,
  LayerMessage,
  LayerStats,
  LayerValue,
  LocalMember,
  MemberControl,
  Receiver,
  Subscription,
} from "./layer/channel-layer.ts";
export { type Clock, type ClockTimer, systemClock } from "./layer/clock.ts";
export type { GroupMember, MemberTarget } from "./layer/control/control-messages.ts";
export {
  type ControlCallOptions,
  type ControlOutcome,
  type DisconnectOptions,
  GroupControl,
  type GroupControlOptions,
  type MemberCount,
  type MemberList,
  type MemberListOptions,
} from "./layer/control/group-control.ts";
export type { GroupMembers, GroupMembersOptions } from "./layer/control/group-members.ts";
export {
  type AnyEventOf,
  type EventMap,
  type EventOf,
  type EventPayload,
  type HandlerName,
  handlerName,
} from "./layer/events.ts";
export { groupName } from "./layer/group-name.ts";
export type { HistoryRule } from "./layer/history-policy.ts";
export { InMemoryLayer, type InMemoryLayerOptions } from "./layer/in-memory-layer.ts";
export type { LayerOptions } from "./layer/layer-options.ts";
export {
  closeLayers,
  getLayer,
  getLayerRegistry,
  LayerRegistry,
  registerLayer,
  unregisterLayer,
} from "./layer/layer-registry.ts";
export { SharedDelivery } from "./layer/shared-delivery.ts";
export { type TypedChannel, type TypedGroup, typedChannel, typedGroup } from "./layer/typed-group.ts";
export { type AuthOptions, authMiddleware, type UserResolver } from "./middleware/auth-middleware.ts";
export { bearerToken } from "./middleware/bearer-token.ts";
export { type Chain, type ChainedMiddleware, chain } from "./middleware/chain.ts";
export { type Middleware, stack } from "./middleware/middleware.ts";
export { type OriginOptions, originValidator } from "./middleware/origin-validator.ts";
export { type RateLimitOptions, rateLimit } from "./middleware/rate-limit.ts";
export type { Rate } from "./middleware/token-bucket.ts";
export { InMemoryPresence, type InMemoryPresenceOptions } from "./presence/in-memory-presence.ts";
export { InMemoryPresenceStore } from "./presence/in-memory-presence-store.ts";
export type {
  Presence,
  PresenceCounts,
  PresenceDiff,
  PresenceStats,
  PresenceWatch,
  PresentMember,
} from "./presence/presence.ts";
export {
  checkPresenceId,
  PRESENCE_DEFAULTS,
  type PresenceOptions,
  type ResolvedPresenceOptions,
  resolvePresenceOptions,
} from "./presence/presence-options.ts";
export { PresenceWatchers } from "./presence/presence-watchers.ts";
export { channelNameRouter } from "./routing/channel-name-router.ts";
export type { RouteParams } from "./routing/path-pattern.ts";
export { type Application, protocolTypeRouter } from "./routing/protocol-type-router.ts";
export { mount, type Route, route, urlRouter } from "./routing/url-router.ts";
export { attach, type ChannelServer, createServer, type ListenOptions } from "./server/channel-server.ts";
export type { DrainOptions } from "./server/drain.ts";
export type { ServerMetrics } from "./server/server-metrics.ts";
export {
  type RefusalResponse,
  type ResolvedServerOptions,
  SERVER_DEFAULTS,
  type ServerOptions,
} from "./server/server-options.ts";
export {
  type AcknowledgingLayer,
  isAcknowledgingLayer,
  type PendingMessage,
  UnusableMessage,
} from "./worker/acknowledgement.ts";
export { runWorker, type WorkerOptions } from "./worker/run-worker.ts";
