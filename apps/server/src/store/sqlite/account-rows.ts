import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from "kysely";
import type { AccountStore } from "../people/account-store.ts";
import type { Statement, StatementResult } from "../people/raw-statement.ts";
import type { StoreChange } from "../store.ts";
import { StoreError } from "../store-error.ts";
import type { Reads, Writes } from "./operations.ts";
import type { SessionLookup } from "./session-lookup.ts";
import type { WorkerClient } from "./threads/worker-client.ts";

type Listener = (change: StoreChange, own: boolean) => void;

/** The rows of people and sessions, asked of the two threads. */
export class AccountRows implements AccountStore {
  readonly dialect: Dialect;
  readonly #reader: WorkerClient<Reads>;
  readonly #writer: WorkerClient<Writes>;
  readonly #sessions: SessionLookup;
  readonly #listeners = new Set<Listener>();

  constructor(reader: WorkerClient<Reads>, writer: WorkerClient<Writes>, sessions: SessionLookup) {
    this.#sessions = sessions;
    this.#reader = reader;
    this.#writer = writer;
    this.dialect = threadDialect(
      (statement) => reader.call("runStatement", statement),
      (statement) => writer.call("runStatement", statement),
    );
  }

  tell(change: StoreChange, own: boolean): void {
    if (change.kind !== "user" && change.kind !== "session") return;
    for (const listener of this.#listeners) listener(change, own);
  }

  onChange(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  count: AccountStore["count"] = () => this.#reader.call("countPeople");
  list: AccountStore["list"] = () => this.#reader.call("listPeople");
  find: AccountStore["find"] = (where) => this.#reader.call("findPerson", where);
  create: AccountStore["create"] = (person) => this.#writer.call("createPerson", person);
  change: AccountStore["change"] = (change) => this.#writer.call("changePerson", change);
  findPasswordHash: AccountStore["findPasswordHash"] = (where) => this.#reader.call("passwordOf", where);
  setPassword: AccountStore["setPassword"] = (change) => this.#writer.call("setPassword", change);
  findSession: AccountStore["findSession"] = async ({ token }) => {
    const found = this.#sessions.find(token);
    return found === "ask-reader" ? this.#reader.call("findSession", { token }) : found;
  };
  listSessions: AccountStore["listSessions"] = (where) => this.#reader.call("sessionsOf", where);
  endSession: AccountStore["endSession"] = (where) => this.#writer.call("endSession", where);
  endSessions: AccountStore["endSessions"] = (where) => this.#writer.call("endSessions", where);
  endExpiredSessions: AccountStore["endExpiredSessions"] = () => this.#writer.call("endExpiredSessions");
  touchSessions: AccountStore["touchSessions"] = (sessions) => this.#writer.call("touchSessions", sessions);
  getOrCreateSecret: AccountStore["getOrCreateSecret"] = (secret) => this.#writer.call("secretOf", secret);
}

type Run = (statement: Statement) => Promise<StatementResult>;

/** Kysely on the main thread, SQLite in the workers: reads by the reader, everything else by the writer. */
function threadDialect(read: Run, write: Run): Dialect {
  const connection: DatabaseConnection = {
    async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
      const run = query.query.kind === "SelectQueryNode" ? read : write;
      const { rows, ...counts } = await run({ sql: query.sql, parameters: query.parameters });
      return {
        // Kysely's own assumption: a query yields the rows that it is typed to yield.
        rows: rows as R[],
        ...(counts.numAffectedRows === undefined ? {} : { numAffectedRows: counts.numAffectedRows }),
        ...(counts.insertId === undefined ? {} : { insertId: counts.insertId }),
      };
    },
    // biome-ignore lint/correctness/useYield: it only refuses.
    async *streamQuery() {
      throw new StoreError("failed", "queries are not streamed between threads: page through the rows");
    },
  };
  const refuse = (): Promise<void> =>
    Promise.reject(
      new StoreError("failed", "a transaction cannot span threads: make what belongs together one operation"),
    );
  const driver: Driver = {
    init: async () => {},
    acquireConnection: async () => connection,
    beginTransaction: refuse,
    commitTransaction: refuse,
    rollbackTransaction: refuse,
    releaseConnection: async () => {},
    destroy: async () => {},
  };
  return {
    createDriver: () => driver,
    createQueryCompiler: () => new SqliteQueryCompiler(),
    createAdapter: () => new SqliteAdapter(),
    createIntrospector: (db) => new SqliteIntrospector(db),
  };
}
