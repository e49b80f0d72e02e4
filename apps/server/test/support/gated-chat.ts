import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LayerRegistry } from "@multichat/channels";
import { WebsocketCommunicator } from "@multichat/channels/testing";
import {
  type CommandName,
  type CommandParams,
  type ServerEvent,
  SUBPROTOCOL,
  type WireError,
} from "@multichat/protocol";
import { pino } from "pino";
import { chatApplication } from "../../src/consumers/chat-application.ts";
import { AccountBudgets } from "../../src/consumers/connection/command-rate.ts";
import { OpenConnections } from "../../src/consumers/connection/open-connections.ts";
import { RefusalRecorder } from "../../src/consumers/connection/refusal-recorder.ts";
import { createRefusalPacer } from "../../src/http/security/request-pace.ts";
import { type Chat, openChat } from "../../src/main/chat.ts";
import { publishCommittedChanges } from "../../src/main/processes.ts";
import { defaultPageSize, ReactionPacer } from "../../src/messages/index.ts";
import { NoticeLimiter } from "../../src/presence/index.ts";
import { CleanupStack } from "../../src/process/cleanup-stack.ts";
import { createMissedEvents, LatestPages } from "../../src/rooms/index.ts";
import { testDatabase } from "../store/support/test-database.ts";
import { testConfig } from "./chat-server.ts";
import { passwordOf, seed } from "./seeds.ts";

type Reply = { readonly re: number | null; readonly ok?: unknown; readonly error?: WireError };

/** A connection without a socket, in either protocol. */
export class GatedClient extends WebsocketCommunicator {
  readonly events: ServerEvent[] = [];
  #nextId = 0;

  /** Sends a command without waiting. Returns its id. */
  begin<N extends CommandName>(name: N, params: CommandParams<N>): number {
    this.#nextId += 1;
    this.sendJson({ id: this.#nextId, do: name, ...params });
    return this.#nextId;
  }

  /** Waits for the reply to a command, and records the events before it. */
  async reply(id: number): Promise<Reply> {
    for (;;) {
      const frame = (await this.receiveJson()) as Reply | ServerEvent;
      if ("on" in frame) this.events.push(frame);
      else if (frame.re === id) return frame;
    }
  }

  ask<N extends CommandName>(name: N, params: CommandParams<N>): Promise<Reply> {
    return this.reply(this.begin(name, params));
  }

  /** Runs a command. @throws Error when it is refused. */
  async do<N extends CommandName>(name: N, params: CommandParams<N>): Promise<unknown> {
    const { ok, error } = await this.ask(name, params);
    if (error !== undefined) throw new Error(`expected ${name} to succeed, got ${error.code}`);
    return ok;
  }
}

/** The chat of a server with its real store and consumers, in which a test holds a join for as long as it needs. */
export class GatedChat {
  /** The clock of the reactions that are changed too often, in milliseconds, which stands still. */
  nowMs = 0;
  readonly connections = new OpenConnections();
  readonly #chat: Chat;
  readonly #application: ReturnType<typeof chatApplication>;
  readonly #layers = new LayerRegistry();
  readonly #cleanup: CleanupStack;

  private constructor(chat: Chat, cleanup: CleanupStack) {
    const { config, context, schemas, logs, occupancy, layer, securityLog } = chat;
    this.#chat = chat;
    this.#cleanup = cleanup;
    this.#layers.register("chat", layer);
    this.#application = chatApplication({
      context,
      schemas,
      connections: this.connections,
      logs,
      budgets: new AccountBudgets(config.limits.commandsPerSecond),
      typingNotices: new NoticeLimiter({ burst: 4, perSecond: 2 }),
      reactions: new ReactionPacer(() => this.nowMs),
      occupancy,
      pages: new LatestPages(context.store, defaultPageSize(context.limits)),
      missed: createMissedEvents(context),
      refusals: new RefusalRecorder(securityLog),
      handshakeRefusals: createRefusalPacer(config.requestsPerMinute),
      basePath: "",
      isOriginAllowed: () => true,
    });
  }

  static async open(): Promise<GatedChat> {
    const dataDir = await mkdtemp(join(tmpdir(), "multichat-gated-"));
    const config = testConfig(dataDir, { LIMIT_COMMANDS_PER_SECOND: "10000" });
    await seed(config, {});
    const cleanup = new CleanupStack();
    cleanup.defer(() => rm(dataDir, { recursive: true, force: true }));
    const logger = pino({ level: process.env.TEST_LOG ?? "silent" });
    const chat = await openChat(config, { logger, cleanup, isSuccessor: false });
    cleanup.defer(publishCommittedChanges(chat.context, { logger, feed: chat.feed }));
    return new GatedChat(chat, cleanup);
  }

  get context(): Chat["context"] {
    return this.#chat.context;
  }

  /** Runs a statement beside the store, and forgets the session of the user that was looked up before it. */
  async executeSql(sql: string, username: string): Promise<readonly unknown[]> {
    const { databaseFile, postgresUrl } = this.#chat.config;
    const rows = await testDatabase().execute(postgresUrl ?? databaseFile, sql);
    this.context.accounts.clearCache(await this.idOf(username));
    return rows;
  }

  close(): Promise<void> {
    return this.#cleanup.close();
  }

  async idOf(username: string): Promise<string> {
    const account = await this.context.accounts.find(username);
    if (account === undefined) throw new Error(`expected ${username} to be seeded`);
    return account.id;
  }

  /** Signs in, and opens a connection with a session of its own. */
  async connect(username: string, path: "/ws" | "/chat/stream/" = "/ws"): Promise<GatedClient> {
    const client = await this.client(username, path);
    const { accepted } = await client.connect();
    if (!accepted) throw new Error(`expected ${username} to be connected`);
    return client;
  }

  /** Signs in, and returns a client that is not connected yet. */
  async client(username: string, path: "/ws" | "/chat/stream/" = "/ws"): Promise<GatedClient> {
    const response = await this.context.accounts.handle(
      new Request("http://chat.example/api/auth/sign-in/username", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ username, password: passwordOf(username) }),
      }),
    );
    const { token } = (await response.json()) as { token: string };
    return new GatedClient(this.#application, path, {
      headers: { authorization: `Bearer ${token}` },
      subprotocols: path === "/ws" ? [SUBPROTOCOL] : [],
      layers: this.#layers,
    });
  }

  /** Holds the next join of a room. `begun` resolves when a command waits for it. */
  holdJoin(): Gate {
    const { logs } = this.#chat;
    const gate = openGate();
    logs.watch = (room) => {
      // The method of the class again.
      Reflect.deleteProperty(logs, "watch");
      return gate.pass(() => logs.watch(room));
    };
    return gate;
  }

  /** Holds the next handshake, when the connection enters the group of its user. */
  holdHandshake(): Gate {
    const { layer } = this.#chat;
    const gate = openGate();
    layer.groupAdd = (group, channel) => {
      if (group.startsWith("user.")) {
        Reflect.deleteProperty(layer, "groupAdd");
        return gate.pass(() => layer.groupAdd(group, channel));
      }
      return Object.getPrototypeOf(layer).groupAdd.call(layer, group, channel);
    };
    return gate;
  }
}

export interface Gate {
  readonly begun: Promise<void>;
  release(): void;
}

function openGate() {
  const begun = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  return {
    begun: begun.promise,
    release: () => released.resolve(),
    pass: async <T>(work: () => Promise<T>): Promise<T> => {
      begun.resolve();
      await released.promise;
      return work();
    },
  };
}
