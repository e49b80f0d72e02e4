import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InMemoryLayer, InMemoryPresence } from "@multichat/channels";
import type { Author, Message } from "@multichat/protocol";
import { pino } from "pino";
import { uuidv7 } from "uuidv7";
import type { Account, NewAccount } from "../../src/accounts/accounts.ts";
import { openAccounts } from "../../src/accounts/open-accounts.ts";
import { SecurityLog } from "../../src/audit/index.ts";
import { loadConfig } from "../../src/config/config.ts";
import type { Context } from "../../src/context.ts";
import { LayerBroadcasts } from "../../src/fan-out/layer-broadcasts.ts";
import { Files } from "../../src/files/index.ts";
import type { App } from "../../src/http/app.ts";
import { buildHttp } from "../../src/http/build-http.ts";
import type { HttpDeps } from "../../src/http/http-deps.ts";
import { openCommandStore } from "../../src/main/databases.ts";
import { createMetrics } from "../../src/observability/metrics.ts";
import type { PresenceContext } from "../../src/presence/presence-context.ts";
import { PresenceService } from "../../src/presence/presence-service.ts";
import { SearchTimes } from "../../src/search/index.ts";
import { Setup } from "../../src/setup/setup.ts";
import { FolderStorage } from "../../src/storage/folder-storage.ts";
import type { StoredRoom } from "../../src/store/store.ts";
import { testDatabase } from "../store/support/test-database.ts";

export const PASSWORD = "correct horse battery";

/** The three kinds of account, and a client without one. */
export const ROLES = ["outsider", "user", "staff", "superuser"] as const;
export type Role = (typeof ROLES)[number];

export interface TestRequest {
  readonly method: "GET" | "HEAD" | "POST" | "PATCH" | "DELETE" | "PUT";
  readonly url: string;
  readonly payload?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface TestResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
  // Each test asserts the properties that it reads.
  readonly body: Record<string, never> & { readonly error?: { code: string; message: string; retryAfter?: number } };
  readonly cookies: readonly string[];
}

/** Returns the body of a response as the type that its route documents. */
export function bodyOf<T>({ body }: TestResponse): T {
  // The server serializes each response by the route's schema, so a body has that type; each test asserts what it reads.
  return body as unknown as T;
}

export interface HttpFixtureOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly webDir?: string;
  readonly readiness?: HttpDeps["readiness"];
  /** Creates an account for each role. @default true */
  readonly people?: boolean;
}

interface FixtureParts {
  readonly app: App;
  readonly context: Context;
  readonly setup: Setup;
  readonly files: Files;
  readonly log: string[];
  readonly databaseFile: string;
  readonly close: () => Promise<void>;
}

/** The HTTP API on the real database and accounts, without a socket. */
export class HttpFixture implements AsyncDisposable {
  readonly app: App;
  readonly context: Context;
  readonly setup: Setup;
  readonly files: Files;
  readonly log: string[];
  readonly databaseFile: string;
  readonly #close: () => Promise<void>;
  readonly #tokens = new Map<string, string>();
  #created = 0;

  private constructor(parts: FixtureParts) {
    this.app = parts.app;
    this.context = parts.context;
    this.setup = parts.setup;
    this.files = parts.files;
    this.log = parts.log;
    this.databaseFile = parts.databaseFile;
    this.#close = parts.close;
  }

  static async open({ env = {}, webDir, readiness, people = true }: HttpFixtureOptions = {}): Promise<HttpFixture> {
    const dataDir = await mkdtemp(join(tmpdir(), "multichat-http-"));
    const config = loadConfig({
      env: {
        DATA_DIR: dataDir,
        LIMIT_SIGN_IN_PER_MINUTE: "10000",
        METRICS_ACCESS: "local",
        ...testDatabase().variables(dataDir),
        ...env,
      },
      cwd: dataDir,
    });
    await testDatabase().prepare(dataDir);
    const log: string[] = [];
    const logger = pino({ level: "debug" }, { write: (line: string) => log.push(line) });
    const store = await openCommandStore(config);
    const accounts = await openAccounts({ store: store.people, config, logger });
    const layer = new InMemoryLayer();
    const onLost = (error: unknown) => {
      throw error;
    };
    const broadcasts = new LayerBroadcasts({ layer, rooms: [], changes: store.changes, onLost });
    const { limits } = config;
    const presence = new PresenceService({ broadcasts, groups: new InMemoryPresence() });
    const context: PresenceContext = {
      store,
      accounts,
      broadcasts,
      presence,
      limits,
      searchTimes: new SearchTimes(limits.commandsPerSecond),
    };
    const setup = new Setup(context);
    const files = new Files({
      storage: await FolderStorage.open(config.filesDir),
      maxUserBytes: config.fileQuotas.perUser,
      maxTotalBytes: config.fileQuotas.total,
      onError: (err, task) => logger.error({ err }, `failed to ${task}`),
    });
    const securityLog = new SecurityLog({ store, logger });
    const app = await buildHttp({
      config,
      context,
      setup,
      files,
      logger,
      securityLog,
      metrics: createMetrics(),
      readiness: readiness ?? { database: () => store.check() },
      version: "1.2.3",
      webDir: webDir ?? join(dataDir, "no-web-client"),
    });
    const close = async () => {
      await app.close();
      await presence.close();
      await accounts.close();
      await securityLog.close();
      await layer.close();
      await store.close();
      await rm(dataDir, { recursive: true, force: true });
    };
    const { databaseFile } = config;
    const fixture = new HttpFixture({ app, context, setup, files, log, databaseFile, close });
    if (people) {
      await fixture.createPerson({ username: "user" });
      await fixture.createPerson({ username: "staff", staff: true });
      await fixture.createPerson({ username: "superuser", staff: true, superuser: true });
    }
    return fixture;
  }

  close(): Promise<void> {
    return this.#close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#close();
  }

  async createPerson(options: Partial<NewAccount> = {}): Promise<Account> {
    this.#created += 1;
    const created = await this.context.accounts.create({
      username: `person${this.#created}`,
      password: PASSWORD,
      ...options,
    });
    if (typeof created === "string") throw new Error(`expected an account, got ${created}`);
    return created;
  }

  /** @param creator A username; omitted for a room created by a script. */
  async createRoom(
    options: { title?: string; staffOnly?: boolean; private?: boolean } = {},
    creator?: string,
  ): Promise<StoredRoom> {
    this.#created += 1;
    const by = creator === undefined ? null : await this.getAuthor(creator);
    const { room } = await this.context.store.rooms.create({ title: `Room ${this.#created}`, ...options, by });
    return room;
  }

  async getAuthor(username: string): Promise<Author> {
    const account = await this.context.accounts.find(username);
    if (account === undefined) throw new Error(`expected ${username} to have an account`);
    return { id: account.id, username: account.username };
  }

  async postAs(username: string, { id, accessVersion }: StoredRoom, body: string): Promise<Message> {
    const appended = await this.context.store.messages.append({
      room: id,
      accessVersion,
      author: await this.getAuthor(username),
      clientId: uuidv7(),
      kind: "message",
      body,
    });
    if (appended.outcome !== "appended") throw new Error(`expected a message, got ${appended.outcome}`);
    return appended.message;
  }

  async post(room: StoredRoom, body: string): Promise<void> {
    const { id, accessVersion } = room;
    const message = { room: id, accessVersion, author: null, clientId: uuidv7(), kind: "message", body } as const;
    await this.context.store.messages.append(message);
  }

  async request({ method, url, payload, headers = {} }: TestRequest): Promise<TestResponse> {
    const json = payload === undefined ? {} : { payload: JSON.stringify(payload) };
    const type = payload === undefined ? {} : { "content-type": "application/json" };
    const response = await this.app.inject({ method, url, ...json, headers: { ...type, ...headers } });
    const isJson = String(response.headers["content-type"]).startsWith("application/json");
    const cookies = [response.headers["set-cookie"] ?? []].flat();
    return {
      status: response.statusCode,
      headers: response.headers,
      text: response.body,
      body: isJson && response.body !== "" ? JSON.parse(response.body) : {},
      cookies,
    };
  }

  /** Sends a request with a cached token of the user. */
  async requestAs(username: string, request: TestRequest): Promise<TestResponse> {
    if (username === "outsider") return this.request(request);
    return this.request({
      ...request,
      headers: { authorization: `Bearer ${await this.token(username)}`, ...request.headers },
    });
  }

  async token(username: string): Promise<string> {
    let token = this.#tokens.get(username);
    if (token === undefined) {
      token = (await this.signIn(username)).token;
      this.#tokens.set(username, token);
    }
    return token;
  }

  /** Creates a new session. */
  async signIn(
    username: string,
    password = PASSWORD,
  ): Promise<{ token: string; cookie: string; answer: TestResponse }> {
    const answer = await this.trySignIn(username, password);
    if (answer.status !== 200) throw new Error(`expected ${username} to be signed in, got ${answer.text}`);
    const [cookie = ""] = answer.cookies.map((line) => line.split(";", 1)[0]);
    return { token: String(answer.body.token), cookie, answer };
  }

  trySignIn(username: string, password: string, headers: Record<string, string> = {}): Promise<TestResponse> {
    return this.request({
      method: "POST",
      url: "/api/auth/sign-in/username",
      payload: { username, password },
      headers,
    });
  }
}
