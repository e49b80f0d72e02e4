import { PostgresAdapter, PostgresQueryCompiler } from "kysely";
import { uuidv7 } from "uuidv7";
import { BackgroundErrors } from "../background-errors.ts";
import { ChangeDispatcher } from "../change-feed/change-dispatcher.ts";
import { createStore } from "../create-store.ts";
import type { OperationKind } from "../database/operation.ts";
import { bindOperations } from "../operations.ts";
import type { StatementLanguage } from "../people/statement-dialect.ts";
import { RoomCache } from "../rooms/room-cache.ts";
import type { ChatStore } from "../store.ts";
import { ChangeReader } from "./change-reader.ts";
import { type ConnectionRole, openConnection, prepareDatabase } from "./open-database.ts";
import { type PostgresStoreOptions, type ResolvedOptions, resolveOptions } from "./options.ts";
import { Origins } from "./origins.ts";
import { toOperationError } from "./postgres-errors.ts";
import { PostgresReaders } from "./reader.ts";
import { PostgresWriter } from "./writer.ts";

/** Searches that run at the same time, each on a connection of its own. */
const MAX_SEARCHERS = 2;
/** A search may take long, so few of them may wait. */
const MAX_QUEUED_SEARCHES = 200;

const POSTGRES_LANGUAGE: StatementLanguage = {
  createQueryCompiler: () => new PostgresQueryCompiler(),
  createAdapter: () => new PostgresAdapter(),
};

/**
 * Opens the database and creates or upgrades its schema.
 *
 * @throws StoreError `newer`: the schema is of a newer version; `cannot-open`, `unreachable`: see the message.
 */
export async function openPostgresStore(options: PostgresStoreOptions): Promise<ChatStore> {
  const resolved = resolveOptions(options);
  const { epoch, fence } = await prepareDatabase(resolved);
  // Not the schema's name: it can be longer than a channel's, and hold quotes.
  const channel = `multichat ${fence}`;
  const origins = new Origins(uuidv7);
  const rooms = new RoomCache();
  const backgroundErrors = new BackgroundErrors(resolved.onBackgroundError);
  const writer = new PostgresWriter({
    options: resolved,
    open: () => openWriterConnection(resolved, origins),
    fence,
    channel,
    origins,
    onOwnChanges: (changes) => dispatcher.dispatchOwn(changes),
    onBackgroundError: (task, error) => backgroundErrors.report(task, error),
  });
  // A read of what another process committed comes after the changes that it committed before.
  const readers = openReaders(resolved, "reader", () => changeReader.settled());
  const searchers = openReaders(resolved, "searcher");
  const changeReader = new ChangeReader({
    open: () => openConnection(resolved, "listener"),
    channel,
    origins,
    pollIntervalMs: resolved.pollIntervalMs,
    onChanges: (page) => dispatcher.dispatch(page),
    onError: (error) => backgroundErrors.report("read the changes of other processes", toOperationError(error)),
  });
  const calls: Record<OperationKind, (name: string, args: unknown) => Promise<unknown>> = {
    read: (name, args) => readers.call(name, args),
    search: (name, args) => searchers.call(name, args),
    write: (name, args) => writer.call(name, args),
  };
  const operations = bindOperations((kind, name, args) => calls[kind](name, args));
  const dispatcher = new ChangeDispatcher(operations, rooms, backgroundErrors);
  const close = async (): Promise<void> => {
    await Promise.all([changeReader.close(), readers.close(), searchers.close(), writer.close()]);
  };
  try {
    // Before the rooms are read: what changes afterwards is in the change feed.
    await Promise.all([changeReader.open(), writer.open()]);
    for (const room of await operations.roomLoads.list()) rooms.upsert(room);
  } catch (error) {
    await close();
    throw error;
  }
  return createStore({
    epoch,
    operations,
    rooms,
    dispatcher,
    poll: () => changeReader.poll(),
    language: POSTGRES_LANGUAGE,
    // There are no threads whose memory only the start needed.
    releaseMemory: () => {},
    close,
  });
}

async function openWriterConnection(options: ResolvedOptions, origins: Origins) {
  const connection = await openConnection(options, "writer");
  await connection.run("select set_config('multichat.origin', $1, false)", [origins.present]);
  return connection;
}

function openReaders(
  options: ResolvedOptions,
  role: Extract<ConnectionRole, "reader" | "searcher">,
  settled: () => Promise<void> = async () => {},
): PostgresReaders {
  const { maxQueuedCalls, maxReaders, maxBatchSize, busyTimeoutMs } = options;
  const isSearcher = role === "searcher";
  return new PostgresReaders({
    name: role,
    open: () => openConnection(options, role),
    maxConnections: isSearcher ? MAX_SEARCHERS : maxReaders,
    maxQueuedCalls: isSearcher ? Math.min(maxQueuedCalls, MAX_QUEUED_SEARCHES) : maxQueuedCalls,
    // One at a time, so that a quick search is not answered together with a slow one before it.
    maxBatchSize: isSearcher ? 1 : maxBatchSize,
    waitMs: busyTimeoutMs,
    settled,
  });
}
