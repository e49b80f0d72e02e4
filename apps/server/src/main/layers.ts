import { randomUUID } from "node:crypto";
import type { ChannelLayer, LayerMessage } from "@multichat/channels";
import type { RedisPubSubOptions, RedisQueueLayer } from "@multichat/channels-redis";
import { z } from "zod";
import { SharedLimits } from "../access/shared-limits.ts";
import type { Config } from "../config/config.ts";
import { BusLayer } from "../fan-out/bus-layer.ts";
import { BusPresence, type BusPresenceOptions, type PresenceTask } from "../fan-out/bus-presence.ts";
import { LIMITS, PRESENCES } from "../fan-out/chat-groups.ts";
import { HandoverBus } from "../fan-out/handover-bus.ts";
import type { BroadcastLayer } from "../fan-out/layer-broadcasts.ts";
import type { RejectedMessages } from "../fan-out/rejected-messages.ts";
import type { Logger } from "../observability/logging.ts";
import type { PresenceGroups } from "../presence/index.ts";
import { StartError } from "../process/start-error.ts";
import { BackgroundErrors } from "../store/background-errors.ts";
import { asStoreError, StoreError } from "../store/store-error.ts";
import { loadPostgres, logBackgroundErrors } from "./databases.ts";

/** Loaded only where there is a Redis: most servers have none, and its code takes several megabytes. */
const loadRedis = () => import("@multichat/channels-redis");

type CarrierConfig = Pick<Config, "postgresUrl" | "requestsPerMinute" | "limits"> & RedisConfig;
type RedisConfig = Pick<Config, "redisUrl" | "redisPrefix" | "redisEncryptionKeys">;

/** Much more than the longest hint, also when it is encrypted. */
const MAX_HINT_BYTES = 8_192;

/** The longest notice, at the highest LIMIT_MESSAGE_CHARS and with four bytes for each character, encrypted. */
const MAX_WORK_BYTES = 1_048_576;
const WORK_CHANNELS = "multichat.*";
/** Messages that can wait for a worker, and for how long: the operator may have to start a worker first. */
const WORK_CAPACITY = 10_000;
const WORK_EXPIRY_MS = 24 * 3_600_000;

export interface ChatLayerOptions {
  readonly logger: Logger;
  /** Counts what Redis has sent and no server of this chat can have sent. */
  readonly rejected: RejectedMessages;
  /** Called when a server that replaces this one, or is replaced by it, has connected. */
  readonly onPeer: () => void;
  /** Handles what other processes send; returns whether to deliver it as it is. */
  readonly accept: NonNullable<RedisPubSubOptions["accept"]>;
}

/** What carries events and presence within this process, and hints of them to the others. */
export interface Carrier {
  readonly layer: ChannelLayer & BroadcastLayer;
  /** Whether there can be other processes with connections. */
  readonly isShared: boolean;
  /** See `HintPublisher`. */
  readonly areCommitsAnnounced: boolean;
  /** See `HintPublisher`. */
  readonly hasPeers?: () => boolean;
  /** Carries messages to the server that replaces this one, where nothing else does. */
  readonly handoverBus?: HandoverBus;
  /** What accounts and addresses use at the other servers, where the database connects them. */
  readonly sharedLimits?: SharedLimits;
  openPresence(): Promise<PresenceGroups>;
  close(): Promise<void>;
}

/**
 * Opens what connects the server processes: Redis, or else Postgres. A server on SQLite without Redis is the only one.
 *
 * @throws StartError if the Redis at REDIS_URL does not answer; StoreError if the database does not.
 */
export async function openCarrier(config: CarrierConfig, options: ChatLayerOptions): Promise<Carrier> {
  const { redisUrl } = config;
  if (redisUrl !== null) {
    const layer = await openRedisLayer(config, redisUrl, options);
    const openPresence = () => openRedisPresence(config, redisUrl, options.logger);
    return { layer, isShared: true, areCommitsAnnounced: false, openPresence, close: () => layer.close() };
  }
  if (config.postgresUrl !== null) return openBusCarrier(config, config.postgresUrl, options);
  return openHandoverCarrier(options);
}

/** A server on SQLite without Redis is alone, except while another one replaces it. */
function openHandoverCarrier({ logger, rejected, accept, onPeer }: ChatLayerOptions): Carrier {
  let presence: BusPresence | undefined;
  const bus = new HandoverBus({
    onMessage: (received) => receiveFromBus(received, { layer, rejected, presence }),
    onPeer: () => {
      presence?.reconnected();
      onPeer();
    },
  });
  const layer = new BusLayer({
    publish: (message) => bus.publish(message),
    accept,
    onError: (err, group) => logger.error({ err, group }, "failed to deliver a message of the other server"),
  });
  return {
    layer,
    isShared: true,
    areCommitsAnnounced: false,
    hasPeers: () => bus.hasPeer,
    handoverBus: bus,
    openPresence: async () => {
      presence = openBusPresence(bus, { origin: randomUUID(), rejected, onFailure: reportTo(logger) });
      return presence;
    },
    close: () => layer.close(),
  };
}

interface BusReceivers extends Pick<ChatLayerOptions, "rejected"> {
  readonly layer: BusLayer;
  readonly presence: BusPresence | undefined;
  readonly sharedLimits?: SharedLimits | undefined;
}

/** Handles a message of any process on a bus. */
function receiveFromBus(received: unknown, { layer, rejected, presence, sharedLimits }: BusReceivers): void {
  const { group, message, except } = BUS_MESSAGE.safeParse(received).data ?? {};
  if (group === undefined || message === undefined) rejected.add("unreadable", null);
  else if (group === PRESENCES) presence?.receive(message);
  else if (group === LIMITS) sharedLimits?.receive(message);
  // Messages are JSON, whose values a layer can carry.
  else void layer.receiveFromBus(group, message as LayerMessage, except === undefined ? {} : { except });
}

type BusTask = PresenceTask | "publish used limits";

/** Logs what is lost between servers and has no caller that could learn of it: each reason once, and one that lasts once a minute. */
function reportTo(logger: Logger): (task: BusTask, error: unknown) => void {
  const errors = new BackgroundErrors<BusTask>((err, task) =>
    logger.error({ err, task }, "failed to exchange messages with other servers"),
  );
  return (task, error) => errors.report(task, asStoreError(error));
}

interface PresenceBus {
  publish(message: object): void;
  /** @default the end of a server shows by its silence alone */
  readonly findDisconnected?: (servers: readonly string[]) => Promise<readonly string[]>;
}

function openBusPresence(
  bus: PresenceBus,
  {
    origin,
    rejected,
    onFailure,
  }: Pick<ChatLayerOptions, "rejected"> & Pick<BusPresenceOptions, "origin" | "onFailure">,
): BusPresence {
  return new BusPresence({
    origin,
    publish: (message) => bus.publish({ group: PRESENCES, message }),
    onRejected: () => rejected.add("unexpected", "presence"),
    onFailure,
    findDisconnected: async (servers) => (await bus.findDisconnected?.(servers)) ?? [],
  });
}

const BUS_MESSAGE = z.strictObject({
  group: z.string().max(100),
  message: z.looseObject({ type: z.string() }),
  except: z.string().max(100).optional(),
});

/** A server reports what an account or an address uses in twentieths of the limit. */
const SHARES = 20;

async function openBusCarrier(
  { requestsPerMinute, limits }: CarrierConfig,
  url: string,
  { logger, rejected, accept }: ChatLayerOptions,
): Promise<Carrier> {
  const { openMessageBus } = await loadPostgres();
  let presence: BusPresence | undefined;
  let sharedLimits: SharedLimits | undefined;
  const origin = randomUUID();
  // Messages arrive as soon as the bus listens, which is before it is open: the layer is there first.
  let bus: PresenceBus | undefined;
  const publish = (message: object) => {
    if (bus === undefined) throw new StoreError("unreachable", "there is no connection to the database yet");
    bus.publish(message);
  };
  const layer = new BusLayer({
    publish,
    accept,
    onError: (err, group) => logger.error({ err, group }, "failed to deliver a message of another server"),
  });
  const openedBus = await openMessageBus({
    url,
    process: origin,
    onMessage: (received) => receiveFromBus(received, { layer, rejected, presence, sharedLimits }),
    onReconnected: () => presence?.reconnected(),
    onBackgroundError: logBackgroundErrors(logger),
  });
  bus = openedBus;
  const onFailure = reportTo(logger);
  const openedLimits = new SharedLimits({
    origin: randomUUID(),
    publish: (message) => publish({ group: LIMITS, message }),
    share: {
      requests: Math.ceil(requestsPerMinute / SHARES),
      commands: Math.ceil(limits.commandsPerSecond / SHARES),
    },
    onRejected: () => rejected.add("unexpected", "limits"),
    onPublishError: (error) => onFailure("publish used limits", error),
  });
  sharedLimits = openedLimits;
  return {
    layer,
    isShared: true,
    areCommitsAnnounced: true,
    sharedLimits: openedLimits,
    openPresence: async () => {
      presence = openBusPresence(openedBus, { origin, rejected, onFailure });
      return presence;
    },
    close: async () => {
      openedLimits.close();
      await layer.close();
      await openedBus.close();
    },
  };
}

async function openRedisLayer(
  config: RedisConfig,
  redisUrl: string,
  { logger, rejected, accept }: ChatLayerOptions,
): Promise<ChannelLayer & BroadcastLayer> {
  const { redisPrefix, redisEncryptionKeys } = config;
  const logError = logTo(logger);
  const { RedisPubSubLayer, UnreadableMessageError } = await loadRedis();
  return await openWhenReady(
    redisUrl,
    redisPrefix,
    (options) =>
      new RedisPubSubLayer({
        ...options,
        symmetricEncryptionKeys: redisEncryptionKeys,
        maxMessageBytes: MAX_HINT_BYTES,
        accept,
        onError: (error, channel) => {
          if (error instanceof UnreadableMessageError) rejected.add("unreadable", null);
          else logError(error, channel);
        },
      }),
  );
}

/** Does not wait for Redis, which `openRedisLayer` has checked. */
async function openRedisPresence(
  { redisPrefix, redisEncryptionKeys }: RedisConfig,
  redisUrl: string,
  logger: Logger,
): Promise<PresenceGroups> {
  const { RedisPresence } = await loadRedis();
  return new RedisPresence({
    hosts: [redisUrl],
    prefix: redisPrefix,
    symmetricEncryptionKeys: redisEncryptionKeys,
    onError: logTo(logger),
  });
}

/**
 * Opens the layer whose messages `multichat worker` processes.
 * @throws StartError without REDIS_URL, or if its Redis does not answer.
 */
export async function openWorkLayer(config: RedisConfig, logger: Logger): Promise<RedisQueueLayer> {
  const { redisUrl, redisPrefix, redisEncryptionKeys } = config;
  if (redisUrl === null) {
    throw new StartError(
      "REDIS_URL: expected the Redis that the worker reads messages from, got nothing. Set it to the same Redis for servers and workers.",
    );
  }
  const { RedisQueueLayer } = await loadRedis();
  return await openWhenReady(
    redisUrl,
    redisPrefix,
    (options) =>
      new RedisQueueLayer({
        ...options,
        symmetricEncryptionKeys: redisEncryptionKeys,
        maxMessageBytes: MAX_WORK_BYTES,
        channelCapacity: [{ channel: WORK_CHANNELS, capacity: WORK_CAPACITY }],
        channelExpiry: [{ channel: WORK_CHANNELS, expiryMs: WORK_EXPIRY_MS }],
        onError: logTo(logger),
      }),
  );
}

/** Checks that Redis answers, for `doctor`. @throws StartError. */
export async function checkRedis(redisUrl: string, timeoutMs: number): Promise<void> {
  const { RedisPubSubLayer } = await loadRedis();
  const layer = await openWhenReady(
    redisUrl,
    "multichat",
    (options) => new RedisPubSubLayer({ ...options, connectTimeoutMs: timeoutMs }),
  );
  await layer.close();
}

async function openWhenReady<L extends { ready(): Promise<void>; close(): Promise<void> }>(
  redisUrl: string,
  prefix: string,
  open: (options: { readonly hosts: readonly string[]; readonly prefix: string }) => L,
): Promise<L> {
  const layer = open({ hosts: [redisUrl], prefix });
  try {
    await layer.ready();
    return layer;
  } catch (error) {
    await layer.close();
    const reason = error instanceof Error ? error.message : String(error);
    throw new StartError(
      `REDIS_URL: expected a Redis that answers at ${withoutCredentials(redisUrl)}. ${reason}. Start it or correct the address. A single server process needs no Redis: leave REDIS_URL unset.`,
      { cause: error },
    );
  }
}

/** Removes the username and the password from a URL. */
function withoutCredentials(redisUrl: string): string {
  return redisUrl.replace(/\/\/[^/]*@/, "//").replace(/[?#].*$/, "");
}

function logTo(logger: Logger): (error: unknown, channel: string) => void {
  return (err, channel) => logger.error({ err, channel }, "failed to read a message of the layer");
}
