export { ChannelsError, type ErrorCode, type ErrorDetails, errorCodes, isChannelsError } from "./errors.ts";
export type {
  ChannelLayer,
  Delivery,
  Drop,
  DropReason,
  LayerGap,
  LayerMessage,
  LayerStats,
  LayerValue,
  Receiver,
  Subscription,
} from "./layer/channel-layer.ts";
export { type Clock, type ClockTimer, systemClock } from "./layer/clock.ts";
export {
  type AnyEventOf,
  type EventMap,
  type EventOf,
  type EventPayload,
  type HandlerName,
  handlerName,
} from "./layer/events.ts";
export { InMemoryLayer } from "./layer/in-memory-layer.ts";
export type { LayerOptions } from "./layer/layer-options.ts";
export {
  closeLayers,
  getLayer,
  LayerRegistry,
  layerRegistry,
  registerLayer,
  unregisterLayer,
} from "./layer/layer-registry.ts";
export { SharedDelivery } from "./layer/shared-delivery.ts";
export { type TypedChannel, type TypedGroup, typedChannel, typedGroup } from "./layer/typed-group.ts";
