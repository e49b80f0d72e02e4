import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InMemoryLayer, InMemoryPresence } from "@multichat/channels";
import type { Author, Message } from "@multichat/protocol";
import { pino } from "pino";
import { uuidv7 } from "uuidv7";
import type { Account, NewAccount } from "../../src/accounts/accounts.ts";
import { openAccounts } from "../../src/accounts/open-accounts.ts";
import { loadConfig } from "../../src/config/config.ts";
import type { Context } from "../../src/context.ts";
import { LayerBroadcasts } from "../../src/fan-out/layer-broadcasts.ts";
import type { App } from "../../src/http/app.ts";
import { buildHttp } from "../../src/http/build-http.ts";
import type { HttpDeps } from "../../src/http/http-deps.ts";
import { createMetrics } from "../../src/observability/metrics.ts";
import type { PresenceContext } from "../../src/presence/presence-context.ts";
import { PresenceService } from "../../src/presence/presence-service.ts";
import { Setup } from "../../src/setup/setup.ts";
import { openSqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import type { StoredRoom } from "../../src/store/store.ts";

export const PASSWORD = "correct horse battery";

/** The three kinds of account, and nobody. */
export const ROLES = ["outsider", "user", "staff", "superuser"] as const;
export type Role = (typeof ROLES)[number];

export interface Ask {
  readonly method: "GET" | "HEAD" | "POST" | "PATCH" | "DELETE" | "PUT";
  readonly url: string;
  readonly payload?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
  // What a test looks at it says by what it expects of it.
  readonly body: Record<string, never> & { readonly error?: { code: string; message: string; retryAfter?: number } };
  readonly cookies: readonly string[];
}

export interface HouseOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly webDir?: string;
  readonly readiness?: HttpDeps["readiness"];
  /** @default the three roles; false: nobody has an account */
  readonly people?: boolean;
}

/** The HTTP door before the real database and the real accounts, without a socket. */
export class HttpHouse {
  readonly app: App;
  readonly context: Context;
  readonly setup: Setup;
  readonly log: string[];
  readonly #close: () => Promise<void>;
  readonly #tokens = new Map<string, string>();
  #made = 0;

  private constructor(parts: { app: App; context: Context; setup: Setup; log: string[]; close: () => Promise<void> }) {
    this.app = parts.app;
    this.context = parts.context;
    this.setup = parts.setup;
    this.log = parts.log;
    this.#close = parts.close;
  }

  static async open({ env = {}, webDir, readiness, people = true }: HouseOptions = {}): Promise<HttpHouse> {
    const dataDir = await mkdtemp(join(tmpdir(), "multichat-http-"));
    const config = loadConfig({ env: { DATA_DIR: dataDir, LIMIT_SIGN_IN_PER_MINUTE: "10000", ...env }, cwd: dataDir });
    const log: string[] = [];
    const logger = pino({ level: "debug" }, { write: (line: string) => log.push(line) });
    const store = await openSqliteStore({ file: config.databaseFile });
    const accounts = await openAccounts({ store: store.people, config, logger });
    const layer = new InMemoryLayer();
    const onLost = (error: unknown) => {
      throw error;
    };
    const broadcasts = new LayerBroadcasts({ layer, rooms: [], changes: store.changes, onLost });
    const { limits, notifyOnEnterOrLeave } = config;
    const presence = new PresenceService({ broadcasts, groups: new InMemoryPresence() });
    const context: PresenceContext = { store, accounts, broadcasts, presence, limits, notifyOnEnterOrLeave };
    const setup = new Setup(context);
    const app = await buildHttp({
      config,
      context,
      setup,
      logger,
      metrics: createMetrics(),
      readiness: readiness ?? { database: () => store.check() },
      version: "1.2.3",
      webDir: webDir ?? join(dataDir, "no-web-client"),
    });
    const close = async () => {
      await app.close();
      await presence.close();
      await accounts.close();
      await layer.close();
      await store.close();
      await rm(dataDir, { recursive: true, force: true });
    };
    const house = new HttpHouse({ app, context, setup, log, close });
    if (people) {
      await house.person({ username: "user" });
      await house.person({ username: "staff", staff: true });
      await house.person({ username: "superuser", staff: true, superuser: true });
    }
    return house;
  }

  close(): Promise<void> {
    return this.#close();
  }

  async person(given: Partial<NewAccount> = {}): Promise<Account> {
    this.#made += 1;
    const made = await this.context.accounts.create({ username: `person${this.#made}`, password: PASSWORD, ...given });
    if (typeof made === "string") throw new Error(`expected an account, got ${made}`);
    return made;
  }

  /** @param maker A username; nobody: made by a script. */
  async room(
    given: { title?: string; staffOnly?: boolean; private?: boolean } = {},
    maker?: string,
  ): Promise<StoredRoom> {
    this.#made += 1;
    const by = maker === undefined ? null : await this.author(maker);
    const { room } = await this.context.store.rooms.create({ title: `Room ${this.#made}`, ...given, by });
    return room;
  }

  async author(username: string): Promise<Author> {
    const account = await this.context.accounts.find(username);
    if (account === undefined) throw new Error(`expected ${username} to have an account`);
    return { id: account.id, username: account.username };
  }

  async postAs(username: string, { id, accessVersion }: StoredRoom, body: string): Promise<Message> {
    const appended = await this.context.store.messages.append({
      room: id,
      accessVersion,
      author: await this.author(username),
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

  async ask({ method, url, payload, headers = {} }: Ask): Promise<Answer> {
    const json = payload === undefined ? {} : { payload: JSON.stringify(payload) };
    const type = payload === undefined ? {} : { "content-type": "application/json" };
    const got = await this.app.inject({ method, url, ...json, headers: { ...type, ...headers } });
    const isJson = String(got.headers["content-type"]).startsWith("application/json");
    const cookies = [got.headers["set-cookie"] ?? []].flat();
    return {
      status: got.statusCode,
      headers: got.headers,
      text: got.body,
      body: isJson && got.body !== "" ? JSON.parse(got.body) : {},
      cookies,
    };
  }

  /** As somebody, by a token that is asked for once. */
  async as(who: string, ask: Ask): Promise<Answer> {
    if (who === "outsider") return this.ask(ask);
    return this.ask({ ...ask, headers: { authorization: `Bearer ${await this.token(who)}`, ...ask.headers } });
  }

  async token(username: string): Promise<string> {
    let token = this.#tokens.get(username);
    if (token === undefined) {
      token = (await this.signIn(username)).token;
      this.#tokens.set(username, token);
    }
    return token;
  }

  /** A session of its own. */
  async signIn(username: string, password = PASSWORD): Promise<{ token: string; cookie: string; answer: Answer }> {
    const answer = await this.trySignIn(username, password);
    if (answer.status !== 200) throw new Error(`expected ${username} to be signed in, got ${answer.text}`);
    const cookie = answer.cookies.map((line) => line.split(";", 1)[0]).join("; ");
    return { token: String(answer.body.token), cookie, answer };
  }

  trySignIn(username: string, password: string, headers: Record<string, string> = {}): Promise<Answer> {
    return this.ask({ method: "POST", url: "/api/auth/sign-in/username", payload: { username, password }, headers });
  }
}
