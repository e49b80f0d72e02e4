import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually } from "@multichat/channels/testing";
import { Client } from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { lockNumber } from "../../src/store/postgres/database-locks.ts";
import { ChatClient } from "../support/chat-client.ts";
import { signIn, testConfig } from "../support/chat-server.ts";
import { PostgresProcess } from "../support/postgres-process.ts";
import { ResumingClient } from "../support/resuming-client.ts";
import { type Credentials, seed } from "../support/seeds.ts";
import { METRICS_TOKEN } from "../support/server-pair.ts";
import { ServerProcess } from "../support/server-process.ts";

const ATTEMPTS = 5;
const REQUESTS = 1_000;
/** Of a server that says nothing: see `BusPresence`. */
const LEASE_MS = 30_000;
const LIMITS = { LIMIT_SIGN_IN_PER_MINUTE: String(ATTEMPTS), LIMIT_REQUESTS_PER_MINUTE: String(REQUESTS) };

let dataDir: string;
let postgres: PostgresProcess;
let env: Record<string, string>;
let servers: readonly ServerProcess[];
const sessions = new Map<string, Credentials>();
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "multichat-nodes-"));
  postgres = await PostgresProcess.start();
  env = { DATA_DIR: dataDir, DATABASE_URL: postgres.url, LOG_LEVEL: "silent", METRICS_TOKEN, ...LIMITS };
  await seed(testConfig(dataDir, env), {});
  servers = await Promise.all([1, 2, 3].map(() => ServerProcess.start(env)));
  for (const username of ["admin", "alice", "bob", "sara"]) {
    sessions.set(username, await signIn(servers[0]?.url ?? "", username));
  }
});
afterAll(async () => {
  for (const server of servers ?? []) await server.endWith("SIGKILL");
  await postgres?.stop();
  await rm(dataDir, { recursive: true, force: true });
});

const cookieOf = (username: string): string => sessions.get(username)?.cookie ?? "";

async function chat(at: number, username: string): Promise<ChatClient> {
  const socket = await new ChatClient(servers[at]?.socketUrl ?? "", { cookie: cookieOf(username) }).settled();
  expect(socket.isOpen, username).toBe(true);
  await socket.join(1);
  return socket;
}

async function readId(username: string): Promise<string> {
  const response = await fetch(`${servers[0]?.url}/api/me`, { headers: { cookie: cookieOf(username) } });
  return ((await response.json()) as { me: { id: string } }).me.id;
}

async function presencesOf(observer: ChatClient, users: readonly string[]): Promise<Record<string, string>> {
  const { presences } = await observer.do("presence.list", { users: [...users] });
  return Object.fromEntries(presences.map(({ user, status }) => [user, status]));
}

test("a forged notification is rejected, shows nothing, and closes nothing", async () => {
  const bob = await chat(1, "bob");
  const forger = new Client(postgres.url);
  await forger.connect();
  // The channel is known to every program that can connect: a hash of the schema's name.
  const { rows } = await forger.query(
    "select 'multichat messages ' || hashtextextended('multichat server ' || current_schema(), 0) as channel",
  );
  const channel = (rows[0] as { channel: string }).channel;
  const { room } = await bob.join(1);
  const forged = [
    "no JSON",
    "{}",
    "[1, null, {}]",
    JSON.stringify([{ group: `room.${room.id}`, message: { type: "log.event", event: {}, number: 1 } }]),
    JSON.stringify([
      {
        group: `room.${room.id}`,
        message: { type: "typing.changed", from: "x", room: room.id, user: "nobody", started: true },
      },
    ]),
    JSON.stringify([{ group: "presences", message: { type: "presence.joined", from: "x", group: "presence.online" } }]),
    JSON.stringify([
      { group: "everybody", message: { type: "session.ended", user: await readId("bob"), session: null } },
    ]),
  ];
  for (const payload of forged) await forger.query("select pg_notify($1, $2)", [channel, payload]);
  await forger.end();
  await eventually(async () => {
    const response = await fetch(`${servers[1]?.url}/metrics`, {
      headers: { authorization: `Bearer ${METRICS_TOKEN}` },
    });
    const [, count] = /multichat_layer_messages_rejected_total (\d+)/.exec(await response.text()) ?? [];
    // The third has three of them.
    expect(Number(count)).toBe(forged.length + 2);
  });
  await bob.fence();
  expect(bob.events.filter(({ on }) => on === "typing.started")).toEqual([]);
  expect(bob.isOpen).toBe(true);
  bob.close();
});

/** Resolves when this many servers have checked, from now on, which of the others are connected. */
async function allHaveChecked(count: number): Promise<void> {
  const client = new Client(postgres.url);
  await client.connect();
  try {
    const { now } = (await client.query("select clock_timestamp()::text as now")).rows[0];
    const checked = new Set<number>();
    await eventually(async () => {
      const { rows } = await client.query(
        `select pid from pg_stat_activity
         where application_name = 'multichat messages' and query like '%multichat process%' and query_start > $1::timestamptz`,
        [now],
      );
      for (const { pid } of rows) checked.add(pid);
      expect(checked.size).toBe(count);
    });
  } finally {
    await client.end();
  }
}

test("the users of a server that is killed are offline on the others long before its lease ends", async () => {
  const killed = await ServerProcess.start(env);
  const bob = await chat(0, "bob");
  const saraId = await readId("sara");
  const sara = await new ChatClient(killed.socketUrl, { cookie: cookieOf("sara") }).settled();
  await sara.join(1);
  await eventually(async () => expect(await presencesOf(bob, [saraId])).toEqual({ [saraId]: "online" }));
  await allHaveChecked(servers.length + 1);
  const killedAt = performance.now();
  await killed.endWith("SIGKILL");
  await eventually(async () => expect(await presencesOf(bob, [saraId])).toEqual({}));
  expect(performance.now() - killedAt).toBeLessThan(LEASE_MS / 2);
  bob.close();
});

test("a crash of the database and then of a server: nothing is lost, and presence and typing come back", async () => {
  const [alice, bob] = [await chat(0, "alice"), await chat(1, "bob")];
  const [aliceId, saraId] = [await readId("alice"), await readId("sara")];
  const urls = servers.map(({ socketUrl }) => socketUrl);
  const moved = await ResumingClient.start([urls[2] ?? "", urls[1] ?? ""], cookieOf("sara"), 1);
  const stayed = await ResumingClient.start([urls[1] ?? ""], cookieOf("bob"), 1);
  await eventually(async () => {
    expect(await presencesOf(bob, [aliceId, saraId])).toEqual({ [aliceId]: "online", [saraId]: "online" });
  });

  const posted: string[] = [];
  const post = async (count: number): Promise<void> => {
    for (let n = 0; n < count; n += 1) {
      const server = servers[posted.length % 2];
      const body = `number ${posted.length}`;
      const clientId = crypto.randomUUID();
      // As a client does: again after a failure, with the same id.
      await eventually(async () => {
        const response = await fetch(`${server?.url}/api/rooms/1/messages`, {
          method: "POST",
          headers: { cookie: cookieOf("admin"), "content-type": "application/json" },
          body: JSON.stringify({ clientId, body }),
        });
        expect(response.status).toBeLessThan(300);
      });
      posted.push(body);
    }
  };
  await post(10);
  await postgres.crash();
  await postgres.restart();
  await post(10);
  await servers[2]?.endWith("SIGKILL");
  await post(10);
  await eventually(() => {
    expect(moved.bodies).toEqual(posted);
    expect(stayed.bodies).toEqual(posted);
  });
  // No connection of the others was closed for it.
  expect(stayed.closeCodes).toEqual([]);

  // Typing is lost while the notifications are; it is repeated by who goes on typing.
  await eventually(async () => {
    await alice.do("typing.stop", { room: 1 });
    await alice.do("typing.start", { room: 1 });
    expect(bob.events.some((event) => event.on === "typing.started" && event.user.id === aliceId)).toBe(true);
  });
  alice.ws.terminate();
  await moved.stop();
  // Also the one whose server could say nothing any more.
  await eventually(async () => expect(await presencesOf(bob, [aliceId, saraId])).toEqual({}));
  await stayed.stop();
  bob.close();
});

/** Sends requests until one is refused as too fast. Returns how many were not. */
async function countUntilRefused(send: () => Promise<Response>): Promise<number> {
  let accepted = 0;
  while ((await send()).status !== 429) accepted += 1;
  return accepted;
}

test("all servers together allow an account and an address what one allows", async () => {
  const [first, second] = servers;
  const guess = (server: ServerProcess | undefined) => () =>
    fetch(`${server?.url}/api/auth/sign-in/username`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ username: "nobody", password: "guessed" }),
    });
  expect(await countUntilRefused(guess(first))).toBe(ATTEMPTS);
  expect(await countUntilRefused(guess(second))).toBeLessThan(ATTEMPTS);

  const read = (server: ServerProcess | undefined) => () =>
    fetch(`${server?.url}/api/me`, { headers: { cookie: cookieOf("sara") } });
  for (let sent = 0; sent < REQUESTS; sent += 50) await Promise.all(Array.from({ length: 50 }, read(first)));
  expect(await countUntilRefused(read(first))).toBeLessThan(2);
  expect(await countUntilRefused(read(second))).toBeLessThan(REQUESTS / 2);
});

test("servers whose lock another process has taken after a lost connection end, instead of writing beside it", async () => {
  const other = new Client(postgres.url);
  await other.connect();
  try {
    const run = (sql: string, parameters: readonly unknown[] = []) => other.query(sql, [...parameters]);
    const taken = run("select pg_advisory_lock($1::bigint)", [await lockNumber({ run }, "server")]);
    const control = new Client(postgres.url);
    await control.connect();
    const serving = servers.filter(({ isRunning }) => isRunning);
    expect(serving.length).toBeGreaterThan(0);
    // The other process waits for the lock, so that it has it before a server could take it again.
    const waiting = "select from pg_locks where locktype = 'advisory' and not granted";
    await eventually(async () => expect((await control.query(waiting)).rowCount).toBeGreaterThan(0));
    await control.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'multichat lock'",
    );
    await taken;
    for (const server of serving) expect(await server.waitForExit()).toBe(1);
    await control.end();
  } finally {
    await other.end();
  }
});
