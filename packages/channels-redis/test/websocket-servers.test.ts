import { eventually } from "@multichat/channels/testing";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { NodeProcess } from "./support/node-process.ts";
import { PythonPeer } from "./support/python-peer.ts";
import { RedisProcess } from "./support/redis-process.ts";

let redis: RedisProcess;
beforeAll(async () => {
  redis = await RedisProcess.start();
});
afterAll(() => redis?.stop());

const open: { kill?(): Promise<void>; stop?(): Promise<void>; close?(): void }[] = [];
afterEach(async () => {
  for (const resource of open.splice(0)) {
    resource.close?.();
    await resource.kill?.();
    await resource.stop?.();
  }
});

/** A WebSocket client of a server process, and what it received. */
class ChatClient {
  readonly received: { text?: string; gap?: boolean; failed?: string }[] = [];
  readonly #socket: WebSocket;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener("message", ({ data }) => this.received.push(JSON.parse(String(data))));
  }

  static async connect(port: number): Promise<ChatClient> {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/room`);
    await new Promise((resolve, reject) => {
      socket.addEventListener("open", resolve);
      socket.addEventListener("error", () => reject(new Error("Expected the server to accept the WebSocket.")));
    });
    const client = new ChatClient(socket);
    open.push(client);
    return client;
  }

  get texts(): readonly (string | undefined)[] {
    return this.received.map(({ text }) => text);
  }

  send(text: string): void {
    this.#socket.send(JSON.stringify(text));
  }

  close(): void {
    this.#socket.close();
  }
}

async function server(kind: string, prefix: string): Promise<number> {
  const child = new NodeProcess("chat-server-process.ts", { kind, options: { hosts: [redis.url], prefix } });
  open.push(child);
  await eventually(() => expect(child.lines[0]).toMatch(/^listening \d+$/));
  return Number(child.lines[0]?.slice("listening ".length));
}

for (const kind of ["pubsub", "queue"] as const) {
  it(`${kind}: delivers messages from two Node servers and from Python to the clients of all servers`, async () => {
    const prefix = `sockets.${kind}`;
    const ports = await Promise.all([server(kind, prefix), server(kind, prefix)]);
    const clients = await Promise.all([...ports, ...ports].map((port) => ChatClient.connect(port)));
    const python = new PythonPeer(kind, { hosts: [redis.url], prefix });
    open.push(python);
    clients[0]?.send("from the first");
    clients[1]?.send("from the second");
    await python.groupSend("room", { type: "chat.message", text: "from Python" });
    for (const client of clients) {
      await eventually(() =>
        expect(client.texts.toSorted()).toEqual(["from Python", "from the first", "from the second"]),
      );
    }
  });

  it(`${kind}: reports one gap per client and continues after Redis was lost during traffic`, async () => {
    const prefix = `gone.${kind}`;
    const ports = await Promise.all([server(kind, prefix), server(kind, prefix)]);
    const clients = await Promise.all([...ports, ...ports, ...ports].map((port) => ChatClient.connect(port)));
    let sentCount = 0;
    const traffic = setInterval(() => {
      sentCount += 1;
      clients[sentCount % 2]?.send(`message ${sentCount}`);
    }, 10);
    try {
      await eventually(() => expect(clients.every(({ received }) => received.length > 20)).toBe(true));
      await redis.kill();
      // Each sender learns that a message was not delivered.
      await eventually(() =>
        expect(clients.slice(0, 2).every(({ received }) => received.some(({ failed }) => failed !== undefined))).toBe(
          true,
        ),
      );
      await redis.restart();
      await eventually(() =>
        expect(clients.every(({ received }) => received.some(({ gap }) => gap === true))).toBe(true),
      );
      const sentBefore = sentCount;
      await eventually(() =>
        expect(clients.every(({ texts }) => texts.some((text) => Number(text?.slice(8)) > sentBefore + 20))).toBe(true),
      );
    } finally {
      clearInterval(traffic);
    }
    for (const { received } of clients) expect(received.filter(({ gap }) => gap === true)).toHaveLength(1);
  });
}
