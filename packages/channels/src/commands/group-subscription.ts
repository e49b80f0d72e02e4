import type { Encoders } from "../consumer/encoders.ts";
import type { SharedFrame } from "../consumer/frame.ts";
import type { ChannelLayer, EventPosition, GroupPosition, LayerMessage } from "../layer/channel-layer.ts";
import type { Protocol } from "../protocol/define-protocol.ts";
import type { EventFrame, GroupFrame, PositionFrame } from "../protocol/wire.ts";

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
  /** Those that the events are delivered with. */
  readonly encoders: Encoders;
  readonly channelName: string;
  readonly channelLayer: Pick<ChannelLayer, "groupHistory">;
  /** Joins the group, unless the command was canceled. */
  join(group: string): Promise<void>;
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
  await consumer.join(group);
  if (since === undefined) {
    const { position } = await consumer.channelLayer.groupHistory(group, { limit: 0 });
    return { group, ...position, recovered: false };
  }
  const { epoch, offset } = since;
  const history = await consumer.channelLayer.groupHistory(group, { since: { epoch, offset }, limit });
  const { recovered, position } = history;
  if (!recovered) return { group, ...position, recovered };
  const events: EventFrame[] = [];
  for (const { message, offset: eventOffset, except } of history.events) {
    if (except === consumer.channelName) continue;
    const frames = toFrames(consumer, message, { group, epoch: position.epoch, offset: eventOffset });
    if (frames === undefined) return { group, ...position, recovered: false };
    events.push(...frames);
    for (const frame of frames) budget.bytes -= Buffer.byteLength(JSON.stringify(frame));
    if (budget.bytes < 0) return { group, ...position, recovered: false };
  }
  return { group, ...position, recovered, events };
}

/** Returns the event as the client gets it, by the encoder of the consumer; undefined where a reply cannot contain it. */
function toFrames(
  consumer: SubscribingConsumer,
  message: LayerMessage,
  position: EventPosition,
): readonly EventFrame[] | undefined {
  const { type } = message;
  // Other events are those of the server's processes.
  if (!Object.hasOwn(consumer.protocol.events ?? {}, type)) return [];
  const encoder = consumer.encoders.findEncoder(type);
  // A method decides what the client gets, and only when the event is delivered.
  if (encoder === undefined) return undefined;
  try {
    if (!consumer.isSent(message)) return [];
    const frame = encoder.encode(message, position);
    const frames = frame === undefined ? [] : (frame.parts ?? [frame]).map(toEventFrame);
    return frames.every((parsed) => parsed !== undefined) ? frames : undefined;
  } catch (error) {
    consumer.onInvalidEvent(error, type);
    return [];
  }
}

/** Returns what a frame says, without its position; undefined for one that is no event of a protocol. */
function toEventFrame({ binary, text }: SharedFrame): EventFrame | undefined {
  if (binary) return undefined;
  const parsed = parseJson(text);
  if (typeof parsed !== "object" || parsed === null || !("on" in parsed) || typeof parsed.on !== "string")
    return undefined;
  const { $position: _, ...event } = parsed as EventFrame;
  return event;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
