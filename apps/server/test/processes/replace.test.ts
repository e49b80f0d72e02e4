import { once } from "node:events";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Logger, pino } from "pino";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openCommandStore } from "../../src/main/databases.ts";
import { type RunningServer, serve } from "../../src/main.ts";
import { connectToPredecessor, handoverSocketPath } from "../../src/process/handover/handover-socket.ts";
import { MessageLink } from "../../src/process/handover/message-link.ts";
import { lockForServer } from "../../src/store/sqlite/server-lock.ts";
import { SQLITE, testDatabase } from "../store/support/test-database.ts";
import { expectWholeLog } from "../store/support/whole-log.ts";
import { ChatClient } from "../support/chat-client.ts";
import { signIn, testConfig } from "../support/chat-server.ts";
import { ResumingClient } from "../support/resuming-client.ts";
import { seed } from "../support/seeds.ts";
import { ServerProcess } from "../support/server-process.ts";

const isAlone = !testDatabase().connectsServers;
const SENDERS = 4;
/** Messages acknowledged before and after each step. */
const SOME = 30;

let dataDir: string;
let env: Record<string, string>;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "multichat-replace-"));
  const config = testConfig(dataDir);
  await seed(config, { rooms: [{ title: "General" }] });
  env = {
    DATA_DIR: dataDir,
    PORT: String(await freePort()),
    LOG_LEVEL: "silent",
    LIMIT_COMMANDS_PER_SECOND: "100000",
    LIMIT_REQUESTS_PER_MINUTE: "10000000",
    ...testDatabase().variables(dataDir),
  };
});
afterEach(() => rm(dataDir, { recursive: true, force: true }));

const start = (variables: Record<string, string> = {}) => ServerProcess.start({ ...env, ...variables });
const replace = (variables: Record<string, string> = {}) => start({ REPLACE: "yes", ...variables });

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  // A TCP server's address is never a string or null.
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, "close");
  return port;
}

/** Senders over HTTP, each with one message under way, which repeat what was not answered. */
class Traffic {
  readonly acknowledged: { clientId: string; seq: number }[] = [];
  readonly #url: string;
  readonly #token: string;
  readonly #senders: Promise<void>[];
  #isRunning = true;

  constructor(url: string, token: string) {
    this.#url = url;
    this.#token = token;
    this.#senders = Array.from({ length: SENDERS }, (_, sender) => this.#send(sender));
  }

  /** Waits until so many more messages are acknowledged. */
  async more(count: number): Promise<void> {
    const target = this.acknowledged.length + count;
    await expect.poll(() => this.acknowledged.length).toBeGreaterThanOrEqual(target);
  }

  async stop(): Promise<void> {
    this.#isRunning = false;
    await Promise.all(this.#senders);
  }

  async #send(sender: number): Promise<void> {
    for (let i = 0; this.#isRunning; i += 1) {
      const clientId = `${sender}-${i}`;
      for (let seq: number | undefined; seq === undefined; ) {
        seq = await this.#post(clientId).catch(() => undefined);
        if (seq !== undefined) this.acknowledged.push({ clientId, seq });
      }
    }
  }

  async #post(clientId: string): Promise<number> {
    const response = await fetch(`${this.#url}/api/rooms/1/messages`, {
      method: "POST",
      // A new connection for each, which either of the two servers accepts.
      headers: {
        authorization: `Bearer ${this.#token}`,
        "content-type": "application/json",
        connection: "close",
      },
      body: JSON.stringify({ clientId, body: clientId }),
    });
    if (!response.ok) throw new Error(`${response.status}`);
    return ((await response.json()) as { seq: number }).seq;
  }
}

async function expectNothingLost({ acknowledged }: Traffic): Promise<number> {
  const store = await openCommandStore(testConfig(dataDir));
  try {
    return await expectWholeLog(store, (await store.rooms.find(1))?.id ?? "", acknowledged);
  } finally {
    await store.close();
  }
}

/** Waits until no other server could share the database with the one that runs. */
async function expectAlone(): Promise<void> {
  if (!isAlone) return;
  const tryToShare = async (): Promise<string> => {
    try {
      const lock = await lockForServer(join(dataDir, "multichat.db"), { shared: true, waitMs: 0 });
      await lock.release();
      return "shared";
    } catch {
      return "alone";
    }
  };
  await expect.poll(tryToShare).toBe("alone");
}

describe("a server that replaces another one", () => {
  test("loses nothing, three times in a row, and the replaced ones end with 0", async () => {
    let server = await start();
    const { token, cookie } = await signIn(server.url, "alice");
    const observer = await ResumingClient.start([server.socketUrl], cookie, 1);
    const traffic = new Traffic(server.url, token);
    await traffic.more(SOME);
    for (let round = 0; round < 3; round += 1) {
      const successor = await replace();
      expect(successor.url).toBe(server.url);
      await traffic.more(SOME);
      expect(await server.waitForExit(), server.output).toBe(0);
      expect(server.output).toContain("replaced: draining connections");
      await traffic.more(SOME);
      server = successor;
    }
    await traffic.stop();
    await expect.poll(() => observer.bodies.length).toBe(traffic.acknowledged.length);
    expect(observer.closeCodes).toEqual([4100, 4100, 4100]);
    await observer.stop();
    await expectAlone();
    expect(await server.endWith("SIGTERM")).toBe(0);
    await expectNothingLost(traffic);
  });

  test("loses nothing when the other one is killed while both serve", async () => {
    const server = await start();
    const { token, cookie } = await signIn(server.url, "alice");
    const observer = await ResumingClient.start([server.socketUrl], cookie, 1);
    const traffic = new Traffic(server.url, token);
    await traffic.more(SOME);
    const successor = await replace();
    await server.endWith("SIGKILL");
    await traffic.more(SOME);
    await traffic.stop();
    await expect.poll(() => observer.bodies.length).toBe(traffic.acknowledged.length);
    await observer.stop();
    await expectAlone();
    expect(await successor.endWith("SIGTERM")).toBe(0);
    await expectNothingLost(traffic);
  });

  test("loses nothing when it is killed while both serve, and the other one makes way for the next", async () => {
    const server = await start();
    const { token, cookie } = await signIn(server.url, "alice");
    const observer = await ResumingClient.start([server.socketUrl], cookie, 1);
    const traffic = new Traffic(server.url, token);
    await traffic.more(SOME);
    await (await replace()).endWith("SIGKILL");
    expect(await server.waitForExit()).toBe(0);
    const next = await replace();
    await traffic.more(SOME);
    await traffic.stop();
    await expect.poll(() => observer.bodies.length).toBe(traffic.acknowledged.length);
    await observer.stop();
    await next.endWith("SIGTERM");
    await expectNothingLost(traffic);
  });

  test("starts as usual where no server runs, also after one was killed", async () => {
    await (await replace()).endWith("SIGKILL");
    const server = await replace();
    await expectAlone();
    expect(await server.endWith("SIGTERM")).toBe(0);
  });

  test("leaves the other one serving, and alone, where it fails to start", async () => {
    const server = await start();
    const { token } = await signIn(server.url, "alice");
    const traffic = new Traffic(server.url, token);
    await traffic.more(SOME);
    // The last step of a start.
    await expect(replace({ HOST: "203.0.113.1" })).rejects.toThrow(/HOST: expected an address of this machine/);
    await traffic.more(SOME);
    await expectAlone();
    const successor = await replace();
    expect(await server.waitForExit()).toBe(0);
    await traffic.more(SOME);
    await traffic.stop();
    await successor.endWith("SIGTERM");
    await expectNothingLost(traffic);
  });

  test("is refused where it is another chat, or has no port of its own", async () => {
    const server = await start();
    const { mode } = await stat(join(dataDir, `server-${env.PORT}.sock`));
    expect((mode & 0o777).toString(8), "no other account can ask").toBe("600");
    const other = { DATABASE_URL: `file:${dataDir}/other.db` };
    await expect(replace(other)).rejects.toThrow(/--replace: expected the database of the running server/);
    await expect(replace({ PORT: "0" })).rejects.toThrow(/--replace: expected PORT/);
    await expect(replace({ DATA_DIR: join(dataDir, "elsewhere"), ...other })).rejects.toThrow(/expected a free port/);
    expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
    await server.endWith("SIGKILL");
  });
});

describe("while both serve", () => {
  let running: RunningServer[];
  const open = async (options: { replace?: boolean; logger?: Logger } = {}): Promise<RunningServer> => {
    const server = await serve(testConfig(dataDir, env), { logger: pino({ level: "silent" }), ...options });
    running.push(server);
    return server;
  };
  const connect = async (username: string): Promise<ChatClient> => {
    const url = running[0]?.url ?? "";
    const { cookie } = await signIn(url, username);
    const client = await new ChatClient(url.replace("http", "ws"), { cookie }).settled();
    await client.join(1);
    return client;
  };
  beforeEach(() => {
    running = [];
  });
  afterEach(() => Promise.all(running.map((server) => server.close())));

  test("users of the two are in one chat", async () => {
    const predecessor = await open();
    const alice = await connect("alice");
    const successor = await open({ replace: true });
    await predecessor.replaced;
    // Only the successor listens now.
    const bob = await connect("bob");
    await bob.say(1, "from the new one");
    await alice.event("message.posted", ({ message }) => message.body === "from the new one");
    await alice.say(1, "from the old one");
    await bob.event("message.posted", ({ message }) => message.body === "from the old one");
    await alice.do("typing.start", { room: 1 });
    await bob.event("typing.started", ({ user }) => user.username === "alice");
    const { people } = await bob.do("people.find", { query: "alice" });
    const users = people.map(({ id }) => id);
    await expect
      .poll(async () => (await bob.do("presence.list", { users })).presences.map(({ status }) => status))
      .toEqual(["online"]);

    const drained = predecessor.drainToSuccessor();
    await alice.event("server.draining");
    // It may leave when it likes to until the end of the drain, and is served until then.
    await alice.say(1, "last words");
    await bob.event("message.posted", ({ message }) => message.body === "last words");
    alice.close();
    await drained;
    await predecessor.close();
    expect((await fetch(`${successor.url}/readyz`)).status).toBe(200);
    await bob.say(1, "alone");
    await bob.event("message.posted", ({ message }) => message.body === "alone");
  });

  test("a third one waits until the first has ended, and what is not stored passes until then, and after", async () => {
    const first = await open();
    const alice = await connect("alice");
    const second = await open({ replace: true });
    await first.replaced;
    const bob = await connect("bob");
    const expectTyping = async (from: ChatClient, to: ChatClient, username: string): Promise<void> => {
      await from.do("typing.start", { room: 1 });
      await to.event("typing.started", ({ user }) => user.username === username);
      await from.do("typing.stop", { room: 1 });
      await to.event("typing.stopped", ({ user }) => user.username === username);
    };
    // One that gives up while it waits.
    const path = handoverSocketPath(dataDir, Number(env.PORT));
    const database = testDatabase() === SQLITE ? join(dataDir, "multichat.db") : undefined;
    if (database !== undefined) {
      const socket = await connectToPredecessor(path);
      if (socket === undefined) throw new Error("expected the second server to listen");
      const waiting = new Promise((resolve, reject) => {
        const link = new MessageLink(socket, {
          onMessage: ({ type, reason }) => (type === "waiting" ? resolve(type) : reject(new Error(String(reason)))),
          onClosed: () => {},
        });
        link.send({ type: "replace", protocol: 1, version: "0", database, carrier: "none" });
      });
      await waiting;
      socket.destroy();
      await once(socket, "close");
      await expectTyping(alice, bob, "alice");
    }

    const lines: string[] = [];
    const logger = pino({ level: "info" }, { write: (line) => void lines.push(line) });
    const third = open({ replace: true, logger });
    await expect.poll(() => lines.join()).toContain("waiting for the end of the server");
    await expectTyping(alice, bob, "alice");
    await expectTyping(bob, alice, "bob");
    expect(running).toHaveLength(2);

    alice.close();
    await first.drainToSuccessor();
    await first.close();
    await third;
    await second.replaced;
    const sara = await connect("sara");
    await expectTyping(bob, sara, "bob");
    await expectTyping(sara, bob, "sara");
  });

  test.runIf(testDatabase() === SQLITE)("another server is refused, and another successor", async () => {
    const predecessor = await open();
    await open({ replace: true });
    await predecessor.replaced;
    await expect(serve(testConfig(dataDir), { logger: pino({ level: "silent" }) })).rejects.toThrow(
      /expected no other server/,
    );
    await predecessor.close();
    // The successor can be replaced itself.
    await open({ replace: true });
    await running[1]?.replaced;
  });
});
