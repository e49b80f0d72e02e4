import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { testDatabase } from "../store/support/test-database.ts";
import { ChatClient } from "./chat-client.ts";
import { signIn, testConfig } from "./chat-server.ts";
import { ClassicClient } from "./classic-client.ts";
import { RedisProcess } from "./redis/redis-process.ts";
import { type Credentials, seed } from "./seeds.ts";
import { ServerProcess } from "./server-process.ts";

/** The token for the metrics of both servers. */
export const METRICS_TOKEN = "token-of-the-tests-2026";

/** Two server processes on one database, and on one Redis unless the database connects them. */
export class ServerPair {
  readonly dataDir: string;
  readonly a: ServerProcess;
  readonly b: ServerProcess;
  readonly #redis: RedisProcess | undefined;
  readonly #env: Readonly<Record<string, string>>;
  readonly #sessions = new Map<string, Credentials>();

  private constructor(
    redis: RedisProcess | undefined,
    env: Readonly<Record<string, string>> & { readonly DATA_DIR: string },
    [a, b]: readonly [ServerProcess, ServerProcess],
  ) {
    this.dataDir = env.DATA_DIR;
    this.#redis = redis;
    this.#env = env;
    this.a = a;
    this.b = b;
  }

  /** @param variables More of the environment of both servers. */
  static async start(variables: Readonly<Record<string, string>> = {}): Promise<ServerPair> {
    const dataDir = await mkdtemp(join(tmpdir(), "multichat-pair-"));
    await seed(testConfig(dataDir), {});
    const redis = testDatabase().connectsServers ? undefined : await RedisProcess.start();
    const env = {
      DATA_DIR: dataDir,
      ...(redis === undefined ? {} : { REDIS_URL: redis.url }),
      LOG_LEVEL: "fatal",
      LIMIT_SIGN_IN_PER_MINUTE: "10000",
      LIMIT_REQUESTS_PER_MINUTE: "100000",
      METRICS_TOKEN,
      ...testDatabase().variables(dataDir),
      ...variables,
    };
    const servers = await Promise.all([ServerProcess.start(env), ServerProcess.start(env)]);
    return new ServerPair(redis, env, servers);
  }

  /** @throws Error where the servers have none. */
  get redis(): RedisProcess {
    if (this.#redis === undefined) throw new Error("expected servers with Redis, but the database connects them");
    return this.#redis;
  }

  /** Starts another server beside the two. The caller ends it. */
  startAnother(variables: Readonly<Record<string, string>> = {}): Promise<ServerProcess> {
    return ServerProcess.start({ ...this.#env, ...variables });
  }

  /** Signs in at the first server. The session is valid at both. */
  async session(username: string): Promise<Credentials> {
    const session = this.#sessions.get(username) ?? (await signIn(this.a.url, username));
    this.#sessions.set(username, session);
    return session;
  }

  async chat(at: ServerProcess, username: string): Promise<ChatClient> {
    const { cookie } = await this.session(username);
    return await waitUntilOpen(new ChatClient(at.socketUrl, { cookie }), username);
  }

  async classic(at: ServerProcess, username: string): Promise<ClassicClient> {
    const { cookie } = await this.session(username);
    return await waitUntilOpen(new ClassicClient(`${at.socketUrl}/chat/stream/`, { cookie }), username);
  }

  /** Sends a request to one of the servers and returns the body of the answer. @throws Error unless it succeeds. */
  async request(at: ServerProcess, username: string, method: string, path: string, body?: unknown): Promise<unknown> {
    const { cookie } = await this.session(username);
    const response = await fetch(`${at.url}/api${path}`, {
      method,
      headers: { cookie, ...(body === undefined ? {} : { "content-type": "application/json" }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`expected ${method} ${path} to succeed, got ${response.status}: ${text}`);
    return JSON.parse(text);
  }

  async post(at: ServerProcess, username: string, room: number | string, body: string): Promise<void> {
    await this.request(at, username, "POST", `/rooms/${room}/messages`, { clientId: crypto.randomUUID(), body });
  }

  async changePerson(at: ServerProcess, username: string, changes: object): Promise<void> {
    await this.request(at, "admin", "PATCH", `/people/${username}`, changes);
  }

  async stop(): Promise<void> {
    await Promise.all([this.a.endWith("SIGKILL"), this.b.endWith("SIGKILL")]);
    await this.#redis?.stop();
    await rm(this.dataDir, { recursive: true, force: true });
  }
}

async function waitUntilOpen<S extends ChatClient | ClassicClient>(socket: S, username: string): Promise<S> {
  await socket.settled();
  if (!socket.isOpen) throw new Error(`expected ${username}'s socket to open, got ${JSON.stringify(socket.received)}`);
  return socket;
}
