import { Socket } from "node:net";
import { Client, type CustomTypesConfig } from "pg";
import { StoreError } from "../store-error.ts";
import { isOfFailedTransaction, toStoreError } from "./postgres-errors.ts";

export interface ConnectionOptions {
  /** `postgres://USER:PASSWORD@HOST:PORT/DATABASE`, with the parameters that the driver knows, such as `sslmode`. */
  readonly url: string;
  /** Shown by the database beside the connection. */
  readonly applicationName: string;
  /** How long the database works on one statement. */
  readonly statementTimeoutMs: number;
  /** How long a statement waits for a lock. */
  readonly lockTimeoutMs: number;
  /** The database ends a transaction that is idle for longer, and releases its locks. @default 15_000 */
  readonly idleTransactionTimeoutMs?: number;
  /** The database ends a connection that is idle for longer, and releases its locks. @default never */
  readonly idleTimeoutMs?: number;
  /** Whether a statement is planned for its parameters each time, not once for any. @default false */
  readonly plansEachTime?: boolean;
}

export interface StatementResult {
  readonly command: string;
  readonly rowCount: number | null;
  readonly rows: unknown[];
}

export type RunStatement = (sql: string, parameters?: readonly unknown[]) => Promise<StatementResult>;

/** How long to wait for the server's answer to a connection. */
const CONNECT_TIMEOUT_MS = 5_000;
/** How long to wait for the end of a connection: a machine that is gone never answers. */
const CLOSE_TIMEOUT_MS = 1_000;
/** For a transaction whose process is gone or stuck. */
const IDLE_TRANSACTION_TIMEOUT_MS = 15_000;
/**
 * The first statement of each connection. An answer means that a change survives a power cut: every other setting of
 * `synchronous_commit` than "off" waits for a disk at least.
 */
export const APPLY_SETTINGS = `select set_config(name, setting, false) from json_each_text($1::json) as given (name, setting)
  union all
  select set_config('synchronous_commit', 'on', false) where current_setting('synchronous_commit') = 'off'`;
/** The queries have a few hundred shapes; those beyond are planned each time. */
const MAX_PREPARED_STATEMENTS = 500;

/** The types by their number in Postgres's catalog. */
const BOOLEAN_TYPE = 16;
const NUMBER_TYPES: ReadonlySet<number> = new Set([20, 21, 23, 700, 701, 1700]);

/** As SQLite's driver returns values: numbers (none is beyond 2^53), 0 or 1 for a condition, text for everything else. */
const VALUE_TYPES: CustomTypesConfig = {
  getTypeParser: (type: number) => (text: string | Buffer) => {
    if (NUMBER_TYPES.has(type)) return Number(text);
    if (type === BOOLEAN_TYPE) return text === "t" ? 1 : 0;
    return text;
  },
};

/**
 * A connection to Postgres; the only module that knows the driver. Statements are sent at once and run in their order, so that
 * several of them take one round trip: run them before you wait for the first.
 */
export class PostgresConnection {
  readonly #client: Client;
  readonly #socket: Socket;
  readonly #answerTimeoutMs: number;
  /** The names of prepared statements, by their SQL. */
  readonly #statements = new Map<string, string>();
  #failure: StoreError | undefined;
  /** Of the last statement that failed by itself. */
  #statementFailure: StoreError | undefined;

  /** @throws StoreError `unreachable`, or `cannot-open` with what the operator has to fix. */
  static async open(options: ConnectionOptions): Promise<PostgresConnection> {
    const socket = new Socket();
    const client = createClient(options, socket);
    // A machine that disappeared without closing its connections: its answer is not waited for much longer than it may work.
    const answerTimeoutMs = options.statementTimeoutMs + CONNECT_TIMEOUT_MS;
    const connection = new PostgresConnection(client, { socket, answerTimeoutMs });
    try {
      await client.connect();
      await connection.#applySettings(options);
      return connection;
    } catch (error) {
      // It may never have been open; why is in the error that is thrown.
      void connection.close();
      throw toStoreError(error);
    }
  }

  private constructor(
    client: Client,
    { socket, answerTimeoutMs }: { readonly socket: Socket; readonly answerTimeoutMs: number },
  ) {
    this.#client = client;
    this.#socket = socket;
    this.#answerTimeoutMs = answerTimeoutMs;
    // Without a listener, the driver's event would end the process.
    client.on("error", (error) => {
      this.#failure ??= toStoreError(error);
    });
    client.on("end", () => {
      this.#failure ??= new StoreError("unreachable", "the connection to the database has ended");
    });
  }

  get isOpen(): boolean {
    return this.#failure === undefined;
  }

  /** @throws StoreError. */
  async run(sql: string, parameters: readonly unknown[] = []): Promise<StatementResult> {
    if (this.#failure !== undefined) throw this.#failure;
    const name = this.#nameOf(sql, parameters);
    const query = {
      text: sql,
      values: parameters.map(toValue),
      // With each statement: the URL can say something else for the connection.
      query_timeout: this.#answerTimeoutMs,
      ...(name === undefined ? {} : { name }),
    };
    try {
      return await this.#client.query(query);
    } catch (error) {
      // Statements that were sent after one that fails fail with it, in their order.
      if (isOfFailedTransaction(error) && this.#statementFailure !== undefined) throw this.#statementFailure;
      const failure = toStoreError(error);
      this.#statementFailure = failure;
      if (failure.code === "unreachable") this.#failure ??= failure;
      throw failure;
    }
  }

  /** Calls the listener with the payload of every notification. */
  onNotification(listener: (payload: string) => void): void {
    this.#client.on("notification", ({ payload }) => listener(payload ?? ""));
  }

  /** Ends the connection within a second; statements that are under way then fail. */
  async close(): Promise<void> {
    this.#failure ??= new StoreError("closed", "the store is closed and takes no calls");
    const timer = setTimeout(() => this.#socket.destroy(), CLOSE_TIMEOUT_MS);
    // A connection that was lost before has nothing left to end.
    await this.#client.end().catch(() => {});
    clearTimeout(timer);
  }

  /** A pooler such as PgBouncer refuses parameters of the connection's start, so they are set by a statement. */
  async #applySettings({
    statementTimeoutMs,
    lockTimeoutMs,
    idleTransactionTimeoutMs = IDLE_TRANSACTION_TIMEOUT_MS,
    idleTimeoutMs = 0,
    plansEachTime = false,
  }: ConnectionOptions): Promise<void> {
    const settings = {
      statement_timeout: `${statementTimeoutMs}`,
      lock_timeout: `${lockTimeoutMs}`,
      idle_in_transaction_session_timeout: `${idleTransactionTimeoutMs}`,
      // What the driver reads and writes.
      client_encoding: "UTF8",
      // These may be different for the database or the user. A connection that waits for notifications is idle for long.
      idle_session_timeout: `${idleTimeoutMs}`,
      default_transaction_isolation: "read committed",
      plan_cache_mode: plansEachTime ? "force_custom_plan" : "auto",
    };
    await this.run(APPLY_SETTINGS, [JSON.stringify(settings)]);
  }

  /** Only statements with parameters: the others are no queries, or run once. */
  #nameOf(sql: string, { length }: readonly unknown[]): string | undefined {
    if (length === 0) return undefined;
    const known = this.#statements.get(sql);
    if (known !== undefined || this.#statements.size >= MAX_PREPARED_STATEMENTS) return known;
    const name = `s${this.#statements.size + 1}`;
    this.#statements.set(sql, name);
    return name;
  }
}

/** @throws StoreError `cannot-open`: the URL cannot be used, or names a file that cannot be read. */
function createClient({ url, applicationName }: ConnectionOptions, socket: Socket): Client {
  try {
    return new Client({
      connectionString: url,
      application_name: applicationName,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      keepAlive: true,
      pipeline: true,
      types: VALUE_TYPES,
      stream: () => socket,
    });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new StoreError("cannot-open", `${message}: check the parameters of DATABASE_URL`, { cause: error });
  }
}

/** Postgres has no text with a NUL, so none that is compared with one is equal to it. */
function toValue(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(toValue);
  return typeof value === "string" && value.includes("\0") ? value.replaceAll("\0", "\uFFFD") : value;
}
