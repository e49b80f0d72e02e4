import type { ChannelLayer } from "@multichat/channels";
import { makeSchemas, type Schemas } from "@multichat/protocol/schemas";
import type { SharedLimits } from "../access/shared-limits.ts";
import { openAccounts } from "../accounts/open-accounts.ts";
import { SecurityLog } from "../audit/index.ts";
import type { Config } from "../config/config.ts";
import { roomGroup } from "../fan-out/chat-groups.ts";
import type { HandoverBus } from "../fan-out/handover-bus.ts";
import { HintGate } from "../fan-out/hint-gate.ts";
import type { OccupancyListener } from "../fan-out/hint-receiver.ts";
import { type BroadcastLayer, LayerBroadcasts, sendLocally } from "../fan-out/layer-broadcasts.ts";
import { LogDelivery } from "../fan-out/log-delivery.ts";
import { RejectedMessages } from "../fan-out/rejected-messages.ts";
import type { Logger } from "../observability/logging.ts";
import { type PresenceContext, PresenceService, RoomOccupancy } from "../presence/index.ts";
import type { CleanupStack } from "../process/cleanup-stack.ts";
import { SearchTimes } from "../search/index.ts";
import { type DatabaseSharing, openServerStore } from "./databases.ts";
import { openCarrier } from "./layers.ts";
import { type ChangeProgress, connectProcesses } from "./processes.ts";

const LOSS_LOG_INTERVAL_MS = 1_000;

export interface OpenOptions {
  readonly logger: Logger;
  /** Takes the steps that close what is opened. */
  readonly cleanup: CleanupStack;
  /** Whether another server still has the database, which this one replaces. */
  readonly isSuccessor: boolean;
}

/** The chat of a server process without its interfaces. */
export interface Chat {
  readonly config: Config;
  readonly logger: Logger;
  readonly schemas: Schemas;
  readonly layer: ChannelLayer & BroadcastLayer;
  readonly context: PresenceContext;
  readonly securityLog: SecurityLog;
  readonly logs: LogDelivery;
  readonly occupancy: RoomOccupancy;
  /** Counts what Redis has sent and no server of this chat can have sent. */
  readonly rejected: RejectedMessages;
  readonly feed: ChangeProgress;
  /** Counts what is used at the other servers, where the database connects them. */
  readonly sharedLimits: SharedLimits | undefined;
  /** Carries messages to the other server of a hand-over, where nothing else connects the two. */
  readonly handoverBus: HandoverBus | undefined;
  /** undefined where several servers can have the database at any time. */
  readonly sharing: DatabaseSharing | undefined;
}

function carrierName({ redisUrl, postgresUrl }: Config): string {
  if (redisUrl !== null) return "Redis";
  return postgresUrl === null ? "the server that replaces this one" : "the database";
}

/**
 * Opens the layer, the database, the accounts and presence, and what delivers their changes to the connections of this process
 * and hints at them to the others.
 *
 * @throws StartError, StoreError with what the operator has to fix.
 */
export async function openChat(config: Config, { logger, cleanup, isSuccessor }: OpenOptions): Promise<Chat> {
  const schemas = makeSchemas(config.limits);
  const rejected = new RejectedMessages(logger, carrierName(config));
  const gate = new HintGate(rejected);
  // Hints can arrive before the occupancy is there, which needs what publishes hints.
  let occupancy: RoomOccupancy | undefined;
  const carrier = await openCarrier(config, {
    logger,
    rejected,
    accept: (message, target) => gate.accept(message, target),
    onPeer: () => occupancy?.report(),
  });
  const { layer, isShared, areCommitsAnnounced, hasPeers } = carrier;
  cleanup.defer(() => carrier.close());
  const { store, sharing } = await openServerStore(config, { logger, cleanup, isSuccessor });
  const securityLog = new SecurityLog({ store, logger });
  cleanup.defer(() => securityLog.close());
  await securityLog.logOperatorEntries();
  const accounts = await openAccounts({ store: store.people, config, logger });
  cleanup.defer(() => accounts.close());
  const feed: ChangeProgress = { applied: Promise.resolve() };
  const onLost = logLostEvents(logger);
  const logs = new LogDelivery({
    send: ({ id, number }, events) => {
      const [event, ...others] = events;
      if (event === undefined) return Promise.resolve();
      const sending = sendLocally(
        layer,
        roomGroup(id),
        others.length === 0 ? { type: "log.event", event, number } : { type: "log.events", room: id, events, number },
      );
      return sending.catch((error: unknown) => onLost(error, "log.event"));
    },
    headOf: async (room) => (await store.rooms.find(room))?.lastSeq ?? 0,
    readSince: (room, since, limit) => store.eventLog.readSince({ room, since, limit }),
    accessApplied: () => feed.applied,
    onFalseHint: () => rejected.add("unfounded", "log.event"),
    onError: (err) => logger.error({ err }, "failed to read events of a room's log"),
  });
  const stopFollowing = store.changes.onLogGrown((room, seq) => logs.logCommitted(room, seq));
  cleanup.defer(async () => {
    stopFollowing();
    logs.close();
  });
  const listener: OccupancyListener = {
    count: (room) => occupancy?.count(room) ?? null,
    noteDifference: (room, process, difference) => occupancy?.noteDifference(room, process, difference),
  };
  const hints = isShared
    ? connectProcesses({
        logger,
        layer,
        gate,
        rejected,
        schemas,
        store,
        accounts,
        logs,
        occupancy: listener,
        areCommitsAnnounced,
        hasPeers,
        onLost,
        cleanup,
      })
    : undefined;
  const broadcasts = new LayerBroadcasts({
    layer,
    rooms: await store.rooms.list(),
    changes: store.changes,
    logs,
    hints,
    onLost,
  });
  const presence = new PresenceService({
    broadcasts,
    groups: await carrier.openPresence(),
    isText: (text) => schemas.commands["presence.set"].shape.text.safeParse(text).success,
    onError: (err) => logger.error({ err }, "failed to publish presence"),
  });
  cleanup.defer(() => presence.close());
  const { limits, notifyOnEnterOrLeave, largeRoomUsers } = config;
  const opened = new RoomOccupancy({ broadcasts, isPublished: notifyOnEnterOrLeave, largeRoomUsers, isShared });
  occupancy = opened;
  cleanup.defer(async () => opened.close());
  const searchTimes = new SearchTimes(limits.commandsPerSecond);
  const context = { store, accounts, broadcasts, presence, limits, searchTimes };
  return {
    config,
    logger,
    schemas,
    layer,
    context,
    securityLog,
    logs,
    occupancy,
    rejected,
    feed,
    sharedLimits: carrier.sharedLimits,
    handoverBus: carrier.handoverBus,
    sharing,
  };
}

/** Logs at most one line per second while the layer is unavailable and every event is lost. */
function logLostEvents(logger: Logger): (error: unknown, type: string) => void {
  let loggedAt = 0;
  let lost = 0;
  return (err, event) => {
    lost += 1;
    if (Date.now() - loggedAt < LOSS_LOG_INTERVAL_MS) return;
    logger.error(
      { err, event, events: lost },
      "failed to publish events to other processes; clients read them from the log",
    );
    loggedAt = Date.now();
    lost = 0;
  };
}
