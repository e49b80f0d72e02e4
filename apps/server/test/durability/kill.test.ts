import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openSqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import { ChatClient } from "../support/chat-client.ts";
import { signIn, testConfig } from "../support/chat-server.ts";
import { seed } from "../support/seeds.ts";
import { ServerProcess } from "../support/server-process.ts";

const KILLS = 20;
/** Messages of one sender that are under way at once. */
const WINDOW = 40;
/** A server lives until it has acknowledged somewhere between these. */
const LEAST_ACKNOWLEDGED = 50;
const MOST_ACKNOWLEDGED = 400;
/** How long one flood may last before it counts as hanging. */
const FLOOD_TIMEOUT_MS = 240_000;

let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "multichat-kill-"));
  await seed(testConfig(dataDir), { rooms: [{ title: "General" }] });
});
afterEach(async () => {
  await rm(dataDir, { recursive: true, force: true });
});

/** Somebody who sends message after message, and after a crash sends again what was not acknowledged. */
class Sender {
  readonly name: string;
  readonly token: string;
  /** By clientId, the seq that was acknowledged. */
  readonly acknowledged = new Map<string, number>();
  readonly #waiting = new Map<string, number>();
  #made = 0;

  constructor(name: string, token: string) {
    this.name = name;
    this.token = token;
  }

  bodyOf(clientId: string): string {
    return `${clientId} of ${this.name}`;
  }

  /** Floods until the connection ends; tells of every acknowledgement. */
  async flood(url: string, acknowledged: () => void): Promise<void> {
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
      this.#waiting.delete(clientId);
      acknowledged();
      this.#fill(client);
    });
    await client.join(1);
    for (const clientId of this.#waiting.keys()) this.#send(client, clientId);
    this.#fill(client);
    await client.closed(FLOOD_TIMEOUT_MS);
  }

  #fill(client: ChatClient): void {
    while (this.#waiting.size < WINDOW && client.isOpen) {
      const clientId = `${this.name}-${this.#made}`;
      this.#waiting.set(clientId, this.#made);
      this.#made += 1;
      this.#send(client, clientId);
    }
  }

  #send(client: ChatClient, clientId: string): void {
    client.begin("message.send", { room: 1, clientId, body: this.bodyOf(clientId) });
  }
}

test("an acknowledged message survives kill -9", async () => {
  const env = { DATA_DIR: dataDir, LIMIT_COMMANDS_PER_SECOND: "100000" };
  let server = await ServerProcess.start(env);
  let next = ServerProcess.prepare(env);
  const senders: Sender[] = [];
  for (const name of ["alice", "bob"]) senders.push(new Sender(name, (await signIn(server.url, name)).token));

  for (let kill = 0; kill < KILLS; kill += 1) {
    const target = LEAST_ACKNOWLEDGED + Math.floor(Math.random() * (MOST_ACKNOWLEDGED - LEAST_ACKNOWLEDGED));
    let count = 0;
    const enough = Promise.withResolvers<void>();
    const floods = senders.map((sender) =>
      sender.flood(server.socketUrl, () => {
        count += 1;
        if (count === target) enough.resolve();
      }),
    );
    await Promise.race([enough.promise, Promise.all(floods)]);
    expect(count, "the server was killed in the middle of the flood").toBeGreaterThanOrEqual(target);
    await server.end("SIGKILL");
    await Promise.all(floods);
    if (kill === KILLS - 1) break;
    server = await next.serve();
    next = ServerProcess.prepare(env);
  }
  next.dismiss();

  const store = await openSqliteStore({ file: testConfig(dataDir).databaseFile });
  try {
    const room = await store.rooms.find(1);
    const events = (await store.eventLog.readSince({ room: room?.id ?? "", since: 0, limit: 1_000_000 })) ?? [];
    expect(events.length).toBeGreaterThan(KILLS * LEAST_ACKNOWLEDGED);
    expect(
      events.map(({ seq }) => seq),
      "no gap and no double",
    ).toEqual(events.map((_, index) => index + 1));
    expect(room?.lastSeq).toBe(events.length);

    const messages = events.flatMap((event) => (event.on === "message.posted" ? [event.message] : []));
    const found = new Map(messages.map((message) => [message.clientId, message]));
    expect(found.size, "nothing stands there twice").toBe(messages.length);
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

test("starts again on the data of a killed server", async () => {
  for (let start = 0; start < 3; start += 1) {
    const server = await ServerProcess.start({ DATA_DIR: dataDir });
    expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
    await server.end("SIGKILL");
  }
});
