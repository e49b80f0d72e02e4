import { randomUUID } from "node:crypto";
import { AccountDirectory } from "../accounts/account-directory.ts";
import type { Accounts } from "../accounts/accounts.ts";
import { publishAccountChange } from "../change-feed/publish-account-change.ts";
import { publishChangeReliably } from "../change-feed/publish-change-reliably.ts";
import type { Context } from "../context.ts";
import type { HintGate } from "../fan-out/hint-gate.ts";
import { HintPublisher } from "../fan-out/hint-publisher.ts";
import { HintReceiver, type HintReceiverOptions } from "../fan-out/hint-receiver.ts";
import { type BroadcastLayer, sendLocally } from "../fan-out/layer-broadcasts.ts";
import type { RejectedMessages } from "../fan-out/rejected-messages.ts";
import type { Logger } from "../observability/logging.ts";
import type { CleanupStack } from "../process/cleanup-stack.ts";
import type { Store } from "../store/store.ts";

interface ProcessParts extends Pick<HintReceiverOptions, "schemas" | "logs" | "occupancy"> {
  readonly logger: Logger;
  readonly layer: BroadcastLayer;
  readonly gate: HintGate;
  readonly rejected: RejectedMessages;
  readonly store: Store;
  readonly accounts: Accounts;
  /** See `HintPublisher`. */
  readonly areCommitsAnnounced: boolean;
  /** See `HintPublisher`. */
  readonly hasPeers: (() => boolean) | undefined;
  readonly onLost: (error: unknown, type: string) => void;
  readonly cleanup: CleanupStack;
}

/** Receives the hints of other processes from now on. Returns the publisher of this process's hints. */
export function connectProcesses(parts: ProcessParts): HintPublisher {
  const {
    logger,
    layer,
    gate,
    rejected,
    schemas,
    store,
    accounts,
    logs,
    occupancy,
    areCommitsAnnounced,
    hasPeers,
    onLost,
    cleanup,
  } = parts;
  const origin = randomUUID();
  const directory = new AccountDirectory((id) => accounts.find(id));
  const stops = [
    accounts.onChange((change) => directory.forget(change.kind === "account" ? change.account.id : change.user)),
    store.changes.onChange((change) => {
      if (change.kind === "user") directory.forget(change.user);
    }),
  ];
  cleanup.defer(async () => {
    for (const stop of stops) stop();
  });
  gate.open(
    new HintReceiver({
      origin,
      schemas,
      rooms: store.rooms,
      markers: store.markers,
      preferences: store.preferences,
      accounts: directory,
      logs,
      occupancy,
      pollChanges: () => store.changes.poll(),
      sendLocally: (group, event) => sendLocally(layer, group, event),
      onRejected: (reason, type) => rejected.add(reason, type),
      onError: (err) => logger.error({ err }, "failed to handle a hint of another process"),
    }),
  );
  return new HintPublisher({ layer, origin, areCommitsAnnounced, hasPeers, onLost });
}

/** How far the changes of other processes have reached the connections of this one. */
export interface ChangeProgress {
  /** Resolves when all that have been read are applied. */
  applied: Promise<void>;
}

/** Publishes committed changes of accounts, and changes of other processes, to the open sockets. Returns how to stop. */
export function publishCommittedChanges(
  context: Context,
  { logger, feed }: { readonly logger: Logger; readonly feed: ChangeProgress },
): () => Promise<void> {
  const stopAccounts = context.accounts.onChange((change) => {
    void publishAccountChange(context, change);
  });
  const stopping = new AbortController();
  const { signal } = stopping;
  // One after another: a room that is made staff-only and opened again must end up open.
  const stopFeed = context.store.changes.onChange((change) => {
    feed.applied = feed.applied
      .then(() => publishChangeReliably(context, change, { signal }))
      .catch((err: unknown) => logger.error({ err, change }, "failed to publish a change of another process"));
  });
  return async () => {
    stopAccounts();
    stopFeed();
    stopping.abort();
    await feed.applied;
  };
}
