import type { ChannelLayer, GroupPosition, LayerMessage } from "../layer/channel-layer.ts";
import type { Protocol } from "../protocol/define-protocol.ts";
import type { EventFrame, GroupFrame, PositionFrame } from "../protocol/wire.ts";
import { checkEvent } from "./protocol-encoders.ts";

export interface GroupSubscribeOptions {
  /**
   * Whether the client gets what it missed since its last position. Pass false for what it must not get, such as what was sent
   * while its user had no access.
   * @default true
   */
  readonly recover?: boolean;
  /** Missed events to send at most; with more, nothing is recovered. 0 to 10,000. @default 1_000 */
  readonly limit?: number;
}

/** What has become of a client's subscription to a group. */
export interface GroupSubscription {
  /** Whether the client continues where it was, and so needs nothing else. False at its first subscription. */
  readonly recovered: boolean;
  /** From where on the client gets events; undefined where the layer keeps no history of the group. */
  readonly position: GroupPosition | undefined;
}

/** The groups that a client can resume with one command. */
const MAX_POSITIONS = 100;
const MAX_EPOCH_LENGTH = 64;
const DEFAULT_LIMIT = 1_000;
/** Missed events of one reply, over all its groups: far less than what a server lets wait for one client (`maxQueuedBytes`). */
const MAX_RECOVERED_BYTES = 262_144;

/** What the missed events of one reply may still take. */
export interface RecoveryBudget {
  bytes: number;
}

export function newRecoveryBudget(): RecoveryBudget {
  return { bytes: MAX_RECOVERED_BYTES };
}

/** Returns the client's positions by group; undefined for something else. */
export function readPositions(since: unknown): ReadonlyMap<string, PositionFrame> | undefined {
  if (!Array.isArray(since) || since.length > MAX_POSITIONS) return undefined;
  const positions = new Map<string, PositionFrame>();
  for (const entry of since as readonly unknown[]) {
    if (!isPosition(entry)) return undefined;
    positions.set(entry.group, entry);
  }
  return positions;
}

function isPosition(value: unknown): value is PositionFrame {
  if (typeof value !== "object" || value === null) return false;
  const { group, epoch, offset } = value as Partial<Record<keyof PositionFrame, unknown>>;
  const isEpoch = typeof epoch === "string" && epoch !== "" && epoch.length <= MAX_EPOCH_LENGTH;
  return typeof group === "string" && isEpoch && Number.isSafeInteger(offset) && (offset as number) >= 0;
}

/** What a subscription needs of the consumer. */
export interface SubscribingConsumer {
  readonly protocol: Protocol;
  readonly channelName: string;
  readonly channelLayer: Pick<ChannelLayer, "groupHistory">;
  groupAdd(group: string): Promise<void>;
  /** Whether the client gets an event (`shouldSend`). */
  isSent(message: LayerMessage): boolean;
  /** Called with what was wrong with an event, which is left out. */
  onInvalidEvent(error: unknown, type: string): void;
}

/**
 * Joins a group, and reads what the client has missed. Joins first: what is sent meanwhile is delivered, and the client leaves out
 * what it gets twice, by the position (L17).
 */
export async function subscribeToGroup(
  consumer: SubscribingConsumer,
  group: string,
  since: PositionFrame | undefined,
  { limit = DEFAULT_LIMIT, budget }: { readonly limit: number | undefined; readonly budget: RecoveryBudget },
): Promise<GroupFrame> {
  await consumer.groupAdd(group);
  if (since === undefined) {
    const { position } = await consumer.channelLayer.groupHistory(group, { limit: 0 });
    return { group, ...position, recovered: false };
  }
  const { epoch, offset } = since;
  const history = await consumer.channelLayer.groupHistory(group, { since: { epoch, offset }, limit });
  const { recovered, position } = history;
  if (!recovered) return { group, ...position, recovered };
  const events: EventFrame[] = [];
  for (const { message, except } of history.events) {
    const frame = except === consumer.channelName ? undefined : toFrame(consumer, message);
    if (frame === undefined) continue;
    events.push(frame);
    budget.bytes -= Buffer.byteLength(JSON.stringify(frame));
    if (budget.bytes < 0) return { group, ...position, recovered: false };
  }
  return { group, ...position, recovered, events };
}

/** Returns the event as the client gets it; undefined for one that it does not get. */
function toFrame(consumer: SubscribingConsumer, message: LayerMessage): EventFrame | undefined {
  const { type, ...payload } = message;
  const schema = Object.hasOwn(consumer.protocol.events ?? {}, type) ? consumer.protocol.events?.[type] : undefined;
  if (schema === undefined) return undefined;
  try {
    if (!consumer.isSent(message)) return undefined;
    return { on: type, ...checkEvent(type, schema, payload) };
  } catch (error) {
    consumer.onInvalidEvent(error, type);
    return undefined;
  }
}
