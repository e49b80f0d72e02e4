import { BackgroundErrors, type BackgroundTask } from "../background-errors.ts";
import { StoreError } from "../store-error.ts";
import { ConnectionSlot } from "./connection-slot.ts";
import { lockNumber } from "./database-locks.ts";
import { openConnection } from "./open-database.ts";
import { type PostgresStoreOptions, resolveOptions } from "./options.ts";
import type { PostgresConnection } from "./postgres-connection.ts";
import { toOperationError } from "./postgres-errors.ts";

/** Postgres refuses a notification of 8,000 bytes. */
const MAX_PAYLOAD_BYTES = 7_900;
/** Messages that can wait for the one that is under way; with more, the database does not keep up. */
const MAX_WAITING = 10_000;
/** How often the connection is checked, and opened again after it was lost. */
const CHECK_INTERVAL_MS = 500;
/** A database that takes longer than this for a notification is as good as gone. */
const STATEMENT_TIMEOUT_MS = 2_000;

export interface MessageBusOptions extends PostgresStoreOptions {
  /** The id of this process, which others find to have ended as soon as the connection has. @default none */
  readonly process?: string;
  /** Called for each message of every process, also of this one; null: it is no JSON, so none of them sent it. */
  readonly onMessage: (message: unknown) => void;
  /** Called when messages arrive again, after the connection was lost: some may be missing. */
  readonly onReconnected: () => void;
}

/** Sends messages to every process on the database. */
export interface MessageBus {
  /** @throws StoreError `unreachable`, `busy`: the message is lost; `failed`: it is longer than 7,900 bytes. */
  publish(message: object): void;
  /**
   * Returns those of the processes, by their ids, that have no connection to the database now: they have ended, have lost it, or
   * never had an id.
   *
   * @throws StoreError.
   */
  findDisconnected(processes: readonly string[]): Promise<readonly string[]>;
  close(): Promise<void>;
}

/** The lock of a process, which the database releases when its connection ends: also where the process was killed. */
const PROCESS_LOCK = "hashtextextended('multichat process ' || id || ' ' || current_schema(), 0)";

/**
 * Opens the messages between the servers of a database: Postgres's notifications, on a channel and a connection of their own.
 * They are stored nowhere and can be lost. Anything that can connect to the database can send the same, so what arrives is a
 * hint. Those of one process arrive in their order.
 *
 * @throws StoreError `unreachable`, `cannot-open`.
 */
export async function openMessageBus(options: MessageBusOptions): Promise<MessageBus> {
  const bus = new PostgresMessageBus(options);
  await bus.open();
  return bus;
}

class PostgresMessageBus implements MessageBus {
  readonly #options: MessageBusOptions;
  readonly #slot: ConnectionSlot;
  readonly #errors: BackgroundErrors;
  readonly #waiting: string[] = [];
  #channel = "";
  #isSending = false;
  #sent: Promise<void> = Promise.resolve();
  #checking: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: MessageBusOptions) {
    this.#options = options;
    const resolved = { ...resolveOptions(connectionOptions(options)), statementTimeoutMs: STATEMENT_TIMEOUT_MS };
    this.#errors = new BackgroundErrors(resolved.onBackgroundError);
    this.#slot = new ConnectionSlot(async () => {
      const connection = await openConnection(resolved, "messages");
      await this.#listen(connection);
      return connection;
    });
  }

  async open(): Promise<void> {
    await this.#slot.connect();
    this.#timer = setInterval(() => {
      this.#checking ??= this.#check().finally(() => {
        this.#checking = undefined;
      });
    }, CHECK_INTERVAL_MS);
  }

  publish(message: object): void {
    const text = JSON.stringify(message);
    if (Buffer.byteLength(text) + 2 > MAX_PAYLOAD_BYTES) {
      throw new StoreError("failed", `expected a message of at most ${MAX_PAYLOAD_BYTES} bytes, got a longer one`);
    }
    if (!this.#slot.isConnected) throw new StoreError("unreachable", "there is no connection to the database");
    if (this.#waiting.length >= MAX_WAITING) throw new StoreError("busy", "too many messages wait for the database");
    this.#waiting.push(text);
    if (!this.#isSending) this.#sent = this.#send();
  }

  async findDisconnected(processes: readonly string[]): Promise<readonly string[]> {
    if (processes.length === 0) return [];
    // A lock that nobody has is taken until the end of the statement.
    const { rows } = await this.#slot.run(
      `select id from unnest($1::text[]) as given (id) where pg_try_advisory_xact_lock(${PROCESS_LOCK})`,
      [processes],
    );
    // Rows with this column.
    return (rows as { id: string }[]).map(({ id }) => id);
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#checking;
    await this.#sent;
    await this.#slot.close();
  }

  async #listen(connection: PostgresConnection): Promise<void> {
    connection.onNotification((payload) => {
      for (const message of readPayload(payload)) this.#options.onMessage(message);
    });
    this.#channel = `multichat messages ${await lockNumber(connection, "server")}`;
    // A notification that is lost in a crash of the database is as good as one that was not sent: its disk is not waited for.
    await connection.run("set synchronous_commit = off");
    await connection.run(`listen "${this.#channel}"`);
    const { process } = this.#options;
    if (process === undefined) return;
    await connection.run(`select pg_advisory_lock_shared(${PROCESS_LOCK}) from (select $1::text as id) as own`, [
      process,
    ]);
  }

  /** The messages that come during a round trip leave together with the next. */
  async #send(): Promise<void> {
    this.#isSending = true;
    try {
      while (this.#waiting.length > 0) {
        const payload = takePayload(this.#waiting);
        await this.#slot.run("select pg_notify($1, $2)", [this.#channel, payload]);
      }
    } catch (error) {
      this.#waiting.length = 0;
      this.#giveUp("send messages to other servers", error);
    } finally {
      // In the turn in which nothing waited any more, so that no message is left behind.
      this.#isSending = false;
    }
  }

  async #check(): Promise<void> {
    try {
      if (this.#slot.isConnected) {
        await this.#slot.run("select 1");
        return;
      }
      await this.#slot.connect();
      this.#options.onReconnected();
    } catch (error) {
      this.#giveUp("connect for messages of other servers", error);
    }
  }

  #giveUp(task: BackgroundTask, error: unknown): void {
    const failure = toOperationError(error);
    this.#errors.report(task, failure);
    if (failure.code !== "closed") this.#slot.discard();
  }
}

function connectionOptions({ process, onMessage, onReconnected, ...options }: MessageBusOptions): PostgresStoreOptions {
  return options;
}

/** Takes as many messages as one notification holds. */
function takePayload(waiting: string[]): string {
  let bytes = 1;
  let count = 0;
  for (const text of waiting) {
    bytes += Buffer.byteLength(text) + 1;
    if (count > 0 && bytes > MAX_PAYLOAD_BYTES) break;
    count += 1;
  }
  return `[${waiting.splice(0, count).join(",")}]`;
}

function readPayload(payload: string): readonly unknown[] {
  try {
    const messages: unknown = JSON.parse(payload);
    return Array.isArray(messages) ? messages : [null];
  } catch {
    return [null];
  }
}
