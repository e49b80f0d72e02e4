import {
  type EventPosition,
  type GroupHistory,
  type GroupHistoryOptions,
  type GroupPosition,
  type HistorySettings,
  newEpoch,
} from "@multichat/channels/layer";
import type { Codec } from "../codec/codec.ts";
import { RedisScript } from "../connection/redis-script.ts";
import { type MessageFilter, readCommand, readValues, toGroupHistory, toPosition } from "./history-reader.ts";
import { publishScript } from "./history-scripts.ts";
import type { HistoryConnection } from "./history-server.ts";
import { checksumOf, PositionAnnouncements } from "./position-announcements.ts";

const publishCommand = new RedisScript(publishScript);

/** The scripts to load before a server is used. */
export const PUBSUB_HISTORY_SCRIPTS: readonly RedisScript[] = [publishCommand, readCommand];

export interface PubSubHistoryOptions {
  readonly prefix: string;
  readonly codec: Codec;
  readonly numberingTtlMs: number;
  readonly isCluster: boolean;
  /** Whether this process is subscribed to the topic of a group. */
  readonly isSubscribed: (topic: string) => boolean;
}

/** A group with a history, and where it is. */
export interface GroupAddress {
  readonly group: string;
  readonly topic: string;
  readonly connection: HistoryConnection;
  readonly settings: HistorySettings;
}

/** The histories of a pub/sub layer's groups, on the servers of their topics. */
export class PubSubHistory {
  readonly #options: PubSubHistoryOptions;
  readonly #announcements: PositionAnnouncements;
  readonly #positionPrefix: string;

  constructor(options: PubSubHistoryOptions) {
    this.#options = options;
    this.#positionPrefix = `${options.prefix}__position__{`;
    this.#announcements = new PositionAnnouncements(`${this.#positionPrefix}${options.prefix}__group__`);
  }

  /** The topic of a group's positions. On a cluster its hash tag puts it where the group's topic is. */
  positionTopic(topic: string): string {
    return `${this.#positionPrefix}${topic}}`;
  }

  /** The pattern that matches every key. */
  get keyPattern(): string {
    return `${this.#options.prefix}__history__*`;
  }

  /** Numbers, keeps and publishes an event. */
  async publish({ topic, connection, settings }: GroupAddress, bytes: Buffer): Promise<GroupPosition> {
    const { numberingTtlMs, isCluster } = this.#options;
    const command = isCluster ? "SPUBLISH" : "PUBLISH";
    const { size, ttlMs } = settings;
    const published = [command, this.positionTopic(topic), checksumOf(bytes), topic];
    return toPosition(
      await connection.runScript(topic, publishCommand, this.#keys(topic), (runId) => [
        newEpoch(),
        runId,
        bytes,
        size,
        ttlMs,
        numberingTtlMs,
        ...published,
      ]),
    );
  }

  /** @throws InvalidOption. */
  async read(
    { topic, connection, settings }: GroupAddress,
    options: GroupHistoryOptions,
    isAccepted: MessageFilter,
  ): Promise<GroupHistory> {
    const values = readValues(settings, this.#options.numberingTtlMs, options);
    const reply = await connection.runScript(topic, readCommand, this.#keys(topic), values);
    return toGroupHistory(reply, this.#options.codec, isAccepted);
  }

  /** Takes a message of the server, if it is a position and no event. */
  receivePosition(topic: string, bytes: Buffer): boolean {
    if (!this.#announcements.isTopic(topic)) return false;
    // One that was in flight when the last member left has no event that would take it away.
    if (this.#options.isSubscribed(topic.slice(this.#positionPrefix.length, -1))) {
      this.#announcements.receive(topic, bytes);
    }
    return true;
  }

  /** Returns the position of an event that has arrived, if it was sent with one. */
  takePosition(group: string, bytes: Buffer): EventPosition | undefined {
    return this.#announcements.take(group, bytes);
  }

  forget(group: string): void {
    this.#announcements.forget(group);
  }

  #keys(topic: string): readonly string[] {
    const { prefix } = this.#options;
    return [`${prefix}__history__numbering{${topic}}`, `${prefix}__history__events{${topic}}`];
  }
}
