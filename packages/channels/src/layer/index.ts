export { ChannelsError, type ErrorCode, type ErrorDetails, errorCodes, isChannelsError } from "../errors.ts";
export { checkOptions, type OptionNames } from "../options.ts";
export { type CapacityRule, compileCapacityRules, compileNamePattern } from "./capacity.ts";
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
  GroupProcesses,
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
} from "./channel-layer.ts";
export { type Clock, type ClockTimer, MAX_DELAY_MS, systemClock } from "./clock.ts";
export type { GroupMember, MemberTarget } from "./control/control-messages.ts";
export {
  type ControlCallOptions,
  type ControlOutcome,
  type DisconnectOptions,
  GroupControl,
  type GroupControlOptions,
  type MemberCount,
  type MemberList,
  type MemberListOptions,
} from "./control/group-control.ts";
export type { GroupMembers, GroupMembersOptions } from "./control/group-members.ts";
export { DropReporter } from "./drop-reporter.ts";
export {
  type AnyEventOf,
  type EventMap,
  type EventOf,
  type EventPayload,
  type HandlerName,
  handlerName,
} from "./events.ts";
export { checkHistoryOptions, historyGap, newEpoch } from "./group-histories.ts";
export { exceptOf } from "./group-send-options.ts";
export type { HistoryPolicy, HistoryRule, HistorySettings } from "./history-policy.ts";
export { InMemoryLayer, type InMemoryLayerOptions } from "./in-memory-layer.ts";
export {
  LAYER_DEFAULTS,
  LAYER_OPTION_NAMES,
  type LayerOptions,
  type ResolvedLayerOptions,
  resolveLayerOptions,
} from "./layer-options.ts";
export {
  closeLayers,
  getLayer,
  getLayerRegistry,
  LayerRegistry,
  registerLayer,
  unregisterLayer,
} from "./layer-registry.ts";
export { LocalChannels, type LocalChannelsHooks } from "./local-channels.ts";
export { copyMessage, freezeMessage, MAX_MESSAGE_DEPTH } from "./message.ts";
export { ChannelNameGenerator, checkAlias, checkChannelName, checkGroupName } from "./names.ts";
export { requireInteger } from "./require-integer.ts";
export { SharedDelivery } from "./shared-delivery.ts";
export { type TypedChannel, type TypedGroup, typedChannel, typedGroup } from "./typed-group.ts";
