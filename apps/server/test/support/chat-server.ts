import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Logger, pino } from "pino";
import { loadConfig } from "../../src/config/config.ts";
import { type RunningServer, serve } from "../../src/main.ts";
import { testDatabase } from "../store/support/test-database.ts";
import { type Credentials, passwordOf, type Seeds, seed } from "./seeds.ts";

export interface TestChatOptions extends Seeds {
  readonly env?: Readonly<Record<string, string>>;
  /** @default silent, or of the level TEST_LOG */
  readonly logger?: Logger;
}

/** A real server on a free port, with a database of its own in a temporary folder. */
export class TestChat implements AsyncDisposable {
  readonly dataDir: string;
  readonly #running: RunningServer;
  readonly #sessions = new Map<string, Credentials>();

  private constructor(dataDir: string, running: RunningServer) {
    this.dataDir = dataDir;
    this.#running = running;
  }

  static async start(options: TestChatOptions = {}): Promise<TestChat> {
    const dataDir = await mkdtemp(join(tmpdir(), "multichat-test-"));
    const config = testConfig(dataDir, options.env);
    await seed(config, { people: options.people, rooms: options.rooms });
    const logger = options.logger ?? pino({ level: process.env.TEST_LOG ?? "silent" });
    return new TestChat(dataDir, await serve(config, { logger }));
  }

  get url(): string {
    return this.#running.url;
  }

  get running(): RunningServer {
    return this.#running;
  }

  get socketUrl(): string {
    return this.url.replace(/^http/, "ws");
  }

  /** Returns the user's session, which is created over HTTP on the first call. */
  async session(username: string): Promise<Credentials> {
    let session = this.#sessions.get(username);
    if (session === undefined) {
      session = await signIn(this.url, username);
      this.#sessions.set(username, session);
    }
    return session;
  }

  /** Creates another session for the user. */
  signIn(username: string, password?: string): Promise<Credentials> {
    return signIn(this.url, username, password);
  }

  /** Sends a request as a user, or without a session. */
  async api(
    username: string | null,
    method: string,
    path: string,
    body?: unknown,
  ): Promise<{ status: number; body: unknown }> {
    const headers: Record<string, string> = {};
    if (username !== null) headers.cookie = (await this.session(username)).cookie;
    if (body !== undefined) headers["content-type"] = "application/json";
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text === "" ? undefined : JSON.parse(text) };
  }

  /** Changes a room over HTTP as the admin. @throws Error unless it succeeds. */
  async changeRoom(number: number, changes: object): Promise<void> {
    await this.#assertOk(this.api("admin", "PATCH", `/api/rooms/${number}`, changes));
  }

  async deleteRoom(number: number): Promise<void> {
    await this.#assertOk(this.api("admin", "DELETE", `/api/rooms/${number}`));
  }

  async changePerson(username: string, changes: object): Promise<void> {
    const { body } = await this.#assertOk(this.api("admin", "GET", "/api/people"));
    const { people } = body as { people: readonly { id: string; username: string }[] };
    const id = people.find((person) => person.username === username)?.id;
    await this.#assertOk(this.api("admin", "PATCH", `/api/people/${id}`, changes));
  }

  async close(): Promise<void> {
    await this.#running.close();
    await rm(this.dataDir, { recursive: true, force: true });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #assertOk(answer: Promise<{ status: number; body: unknown }>): Promise<{ status: number; body: unknown }> {
    const { status, body } = await answer;
    if (status >= 300) throw new Error(`expected the request to succeed, got ${status}: ${JSON.stringify(body)}`);
    return { status, body };
  }
}

/** Returns a configuration with a free port and limits that no test reaches by accident. */
export function testConfig(dataDir: string, env: Readonly<Record<string, string>> = {}) {
  return loadConfig({
    cwd: dataDir,
    env: {
      DATA_DIR: dataDir,
      METRICS_ACCESS: "local",
      HOST: "127.0.0.1",
      PORT: "0",
      LIMIT_SIGN_IN_PER_MINUTE: "10000",
      LIMIT_REQUESTS_PER_MINUTE: "100000",
      LIMIT_CONNECTIONS_PER_USER: "1000",
      ...testDatabase().variables(dataDir),
      ...env,
    },
  });
}

/** Signs in over HTTP. @throws Error when the server refuses. */
export async function signIn(url: string, username: string, password = passwordOf(username)): Promise<Credentials> {
  const response = await fetch(`${url}/api/auth/sign-in/username`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ username, password }),
  });
  const body = (await response.json()) as { token?: string };
  if (!response.ok || body.token === undefined) {
    throw new Error(`expected ${username} to be signed in, got ${response.status}: ${JSON.stringify(body)}`);
  }
  const cookie = response.headers.getSetCookie().map((line) => line.split(";")[0] ?? "");
  return { cookie: cookie.join("; "), token: body.token };
}
