import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openCommandStore } from "../../src/main/databases.ts";
import { SQLITE, testDatabase } from "../store/support/test-database.ts";
import { ChatClient } from "../support/chat-client.ts";
import { signIn, testConfig } from "../support/chat-server.ts";
import { seed } from "../support/seeds.ts";
import { ServerProcess } from "../support/server-process.ts";

/** Postgres keeps what it has committed whatever happens to the server, which here only has to answer nothing that it has not. */
const KILLS = testDatabase() === SQLITE ? 20 : 8;
/** Unacknowledged messages of one sender. */
const WINDOW_SIZE = 40;
/** Each server is killed after a random number of acknowledgements between these. */
const MIN_ACKNOWLEDGED = 50;
const MAX_ACKNOWLEDGED = 400;
/** A flood that lasts longer counts as hanging. */
const FLOOD_TIMEOUT_MS = 900_000;

let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "multichat-kill-"));
  await seed(testConfig(dataDir), { rooms: [{ title: "General" }] });
});
afterEach(async () => {
  await rm(dataDir, { recursive: true, force: true });
});

/** Sends message after message, and after a crash retries those that were not acknowledged. */
class Sender {
  readonly name: string;
  readonly token: string;
  /** The acknowledged seqs, by clientId. */
  readonly acknowledged = new Map<string, number>();
  readonly #unacknowledged = new Map<string, number>();
  #messageCount = 0;

  constructor(name: string, token: string) {
    this.name = name;
    this.token = token;
  }

  bodyOf(clientId: string): string {
    return `${clientId} of ${this.name}`;
  }

  /** Sends until the connection ends. Calls `onAcknowledged` for each acknowledgement. */
  async flood(url: string, onAcknowledged: () => void): Promise<void> {
    const client = await new ChatClient(url, { protocols: ["multichat.v1", `bearer.${this.token}`] }).settled();
    if (!client.isOpen) return;
    client.ws.on("message", (data: Buffer) => {
      const frame = JSON.parse(data.toString()) as {
        re?: number;
        ok?: { seq?: number; message?: { clientId: string } };
      };
      const clientId = frame.ok?.message?.clientId;
      if (clientId === undefined || frame.ok?.seq === undefined || frame.re === undefined) return;
      this.acknowledged.set(clientId, frame.ok.seq);
      this.#unacknowledged.delete(clientId);
      onAcknowledged();
      this.#fill(client);
    });
    await client.join(1);
    for (const clientId of this.#unacknowledged.keys()) this.#send(client, clientId);
    this.#fill(client);
    await client.closed(FLOOD_TIMEOUT_MS);
  }

  #fill(client: ChatClient): void {
    while (this.#unacknowledged.size < WINDOW_SIZE && client.isOpen) {
      const clientId = `${this.name}-${this.#messageCount}`;
      this.#unacknowledged.set(clientId, this.#messageCount);
      this.#messageCount += 1;
      this.#send(client, clientId);
    }
  }

  #send(client: ChatClient, clientId: string): void {
    client.begin("message.send", { room: 1, clientId, body: this.bodyOf(clientId) });
  }
}

test("keeps every acknowledged message through kill -9", async () => {
  const env = { DATA_DIR: dataDir, ...testDatabase().variables(dataDir), LIMIT_COMMANDS_PER_SECOND: "100000" };
  let server = await ServerProcess.start(env);
  let standby = ServerProcess.prepare(env);
  const senders: Sender[] = [];
  for (const name of ["alice", "bob"]) senders.push(new Sender(name, (await signIn(server.url, name)).token));

  for (let kill = 0; kill < KILLS; kill += 1) {
    const target = MIN_ACKNOWLEDGED + Math.floor(Math.random() * (MAX_ACKNOWLEDGED - MIN_ACKNOWLEDGED));
    let count = 0;
    const targetReached = Promise.withResolvers<void>();
    const floods = senders.map((sender) =>
      sender.flood(server.socketUrl, () => {
        count += 1;
        if (count === target) targetReached.resolve();
      }),
    );
    await Promise.race([targetReached.promise, Promise.all(floods)]);
    expect(count, "the server is killed during the flood").toBeGreaterThanOrEqual(target);
    await server.endWith("SIGKILL");
    await Promise.all(floods);
    if (kill === KILLS - 1) break;
    server = await standby.serve();
    standby = ServerProcess.prepare(env);
  }
  standby.dismiss();

  const store = await openCommandStore(testConfig(dataDir));
  try {
    const room = await store.rooms.find(1);
    const events = (await store.eventLog.readSince({ room: room?.id ?? "", since: 0, limit: 1_000_000 })) ?? [];
    expect(events.length).toBeGreaterThan(KILLS * MIN_ACKNOWLEDGED);
    expect(
      events.map(({ seq }) => seq),
      "without gaps or duplicates",
    ).toEqual(events.map((_, index) => index + 1));
    expect(room?.lastSeq).toBe(events.length);

    const messages = events.flatMap((event) => (event.on === "message.posted" ? [event.message] : []));
    const found = new Map(messages.map((message) => [message.clientId, message]));
    expect(found.size, "without duplicates").toBe(messages.length);
    for (const sender of senders) {
      expect(sender.acknowledged.size).toBeGreaterThan(0);
      for (const [clientId, seq] of sender.acknowledged) {
        expect(found.get(clientId)).toMatchObject({ seq, body: sender.bodyOf(clientId) });
      }
    }
  } finally {
    await store.close();
  }
});

test("restarts on the data of a killed server", async () => {
  for (let start = 0; start < 3; start += 1) {
    const server = await ServerProcess.start({ DATA_DIR: dataDir, ...testDatabase().variables(dataDir) });
    expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
    await server.endWith("SIGKILL");
  }
});
