export { ChannelsError, type ErrorCode, type ErrorDetails, errorCodes, isChannelsError } from "../errors.ts";
export { type CapacityRule, capacityOf } from "./capacity.ts";
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
} from "./channel-layer.ts";
export { type Clock, type ClockTimer, maxDelayMs, systemClock } from "./clock.ts";
export { DropReports } from "./drop-reports.ts";
export {
  type AnyEventOf,
  type EventMap,
  type EventOf,
  type EventPayload,
  type HandlerName,
  handlerName,
} from "./events.ts";
export { InMemoryLayer } from "./in-memory-layer.ts";
export {
  type LayerOptions,
  layerDefaults,
  type ResolvedLayerOptions,
  resolveLayerOptions,
  wholeOption,
} from "./layer-options.ts";
export {
  closeLayers,
  getLayer,
  LayerRegistry,
  layerRegistry,
  registerLayer,
  unregisterLayer,
} from "./layer-registry.ts";
export { LocalChannels, type LocalChannelsHooks } from "./local-channels.ts";
export { freezeMessage, maxMessageDepth, thawMessage } from "./message.ts";
export { ChannelNamer, checkAlias, checkChannelName, checkGroupName } from "./names.ts";
export { SharedDelivery } from "./shared-delivery.ts";
export { type TypedChannel, type TypedGroup, typedChannel, typedGroup } from "./typed-group.ts";
