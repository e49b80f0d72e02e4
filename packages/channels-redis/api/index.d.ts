import { ChannelLayer, Drop, GroupHistory, GroupHistoryOptions, GroupPosition, GroupProcesses, GroupSendOptions, LayerMessage, LayerOptions, LayerStats, LocalMember, Receiver, Subscription } from "@multichat/channels/layer";
import { ConnectionOptions } from "node:tls";
import { Presence, PresenceCounts, PresenceDiff, PresenceOptions, PresenceStats, PresenceWatch, PresentMember } from "@multichat/channels/presence";
type RedisHost = string | RedisUrlHost | RedisSentinelHost;
interface RedisUrlHost {
  readonly url: string;
  readonly tls?: ConnectionOptions;
}
interface RedisSentinelHost {
  readonly sentinels: readonly {
    readonly host: string;
    readonly port: number;
  }[];
  readonly masterName: string;
  readonly username?: string;
  readonly password?: string;
  readonly sentinelPassword?: string;
  readonly db?: number;
  readonly tls?: ConnectionOptions;
}
interface RedisConnectionOptions {
  readonly hosts?: readonly RedisHost[];
  readonly prefix?: string;
  readonly connectTimeoutMs?: number;
  readonly pingMs?: number;
}
declare class UnreadableMessageError extends Error {
  readonly name = "UnreadableMessageError";
  constructor();
}
type EncryptionKeys = readonly (string | Uint8Array)[];
interface RedisPresenceOptions extends PresenceOptions, RedisConnectionOptions {
  readonly symmetricEncryptionKeys?: EncryptionKeys;
}
declare class RedisPresence implements Presence {
  constructor(options?: RedisPresenceOptions);
  ready(): Promise<void>;
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
interface RedisCluster {
  readonly nodes: readonly {
    readonly host: string;
    readonly port: number;
  }[];
  readonly username?: string;
  readonly password?: string;
  readonly tls?: RedisSentinelHost["tls"];
  readonly natMap?: Readonly<Record<string, {
    readonly host: string;
    readonly port: number;
  }>>;
}
interface RedisLayerOptions extends LayerOptions, RedisConnectionOptions {
  readonly serializer?: "msgpack" | "json";
  readonly symmetricEncryptionKeys?: EncryptionKeys;
  readonly maxMessageBytes?: number;
}
interface RedisPubSubOptions extends RedisLayerOptions {
  readonly cluster?: RedisCluster;
  readonly accept?: (message: LayerMessage, target: MessageTarget) => boolean;
}
type MessageTarget = {
  readonly group: string;
} | {
  readonly channel: string;
};
declare class RedisPubSubLayer implements ChannelLayer {
  readonly groupProcesses: GroupProcesses;
  constructor(options?: RedisPubSubOptions);
  ready(): Promise<void>;
  newChannel(prefix?: string): string;
  send(channel: string, message: LayerMessage): Promise<void>;
  groupAdd(group: string, channel: string): Promise<void>;
  groupDiscard(group: string, channel: string): Promise<void>;
  groupSend(group: string, message: LayerMessage, options?: GroupSendOptions): Promise<GroupPosition | undefined>;
  groupHistory(group: string, options?: GroupHistoryOptions): Promise<GroupHistory>;
  groupSendLocal(group: string, message: LayerMessage, options?: GroupSendOptions): Promise<void>;
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
interface ExpiryRule {
  readonly channel: string | RegExp;
  readonly expiryMs: number;
}
interface ClaimedMessage {
  readonly message: LayerMessage;
  readonly attempt: number;
  ack(): Promise<void>;
  retry(error: unknown): Promise<void>;
  deadLetter(error: unknown): Promise<void>;
}
interface WorkOptions {
  readonly visibilityMs?: number;
  readonly maxAttempts?: number;
  readonly backoffMs?: number;
  readonly maxBackoffMs?: number;
  readonly pollMs?: number;
  readonly maxDeadLetters?: number;
  readonly keepMs?: number;
}
interface DeadLetter {
  readonly id: string;
  readonly message: LayerMessage | undefined;
  readonly attempts: number;
  readonly reason: string;
  readonly at: number;
}
interface RedisQueueOptions extends RedisLayerOptions {
  readonly inboxCapacity?: number;
  readonly channelExpiry?: readonly ExpiryRule[];
  readonly maxGroupSends?: number;
  readonly work?: WorkOptions;
}
declare class RedisQueueLayer implements ChannelLayer {
  readonly groupProcesses: GroupProcesses;
  constructor(options?: RedisQueueOptions);
  ready(): Promise<void>;
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
  receiveAck(channel: string, options?: {
    readonly signal?: AbortSignal;
  }): Promise<ClaimedMessage>;
  deadLetters(channel: string, limit?: number): Promise<readonly DeadLetter[]>;
  reviveDeadLetters(channel: string, ids: readonly string[]): Promise<number>;
  dropDeadLetters(channel: string, ids: readonly string[]): Promise<number>;
  localMembers(group?: string): readonly LocalMember[];
  onDrop(listener: (drop: Drop) => void): () => void;
  stats(): LayerStats;
  flush(): Promise<void>;
  close(): Promise<void>;
}
export { type ClaimedMessage, type DeadLetter, type ExpiryRule, type MessageTarget, type RedisCluster, type RedisConnectionOptions, type RedisHost, type RedisLayerOptions, RedisPresence, type RedisPresenceOptions, RedisPubSubLayer, type RedisPubSubOptions, RedisQueueLayer, type RedisQueueOptions, type RedisSentinelHost, type RedisUrlHost, UnreadableMessageError, type WorkOptions };