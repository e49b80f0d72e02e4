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
  for (const one of open.splice(0)) {
    one.close?.();
    await one.kill?.();
    await one.stop?.();
  }
});

/** A person at a server process: what came through their socket. */
class Person {
  readonly heard: { text?: string; gap?: boolean; failed?: string }[] = [];
  readonly #socket: WebSocket;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener("message", ({ data }) => this.heard.push(JSON.parse(String(data))));
  }

  static async at(port: number): Promise<Person> {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/room`);
    await new Promise((resolve, reject) => {
      socket.addEventListener("open", resolve);
      socket.addEventListener("error", () => reject(new Error("The server refused the socket.")));
    });
    const person = new Person(socket);
    open.push(person);
    return person;
  }

  get texts(): readonly (string | undefined)[] {
    return this.heard.map(({ text }) => text);
  }

  say(text: string): void {
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
  it(`${kind}: a message from either of two Node servers, or from Python, reaches the sockets on all`, async () => {
    const prefix = `sockets.${kind}`;
    const ports = await Promise.all([server(kind, prefix), server(kind, prefix)]);
    const people = await Promise.all([...ports, ...ports].map((port) => Person.at(port)));
    const python = new PythonPeer(kind, { hosts: [redis.url], prefix });
    open.push(python);
    people[0]?.say("from the first");
    people[1]?.say("from the second");
    await python.groupSend("room", { type: "chat.message", text: "from Python" });
    for (const person of people) {
      await eventually(() =>
        expect(person.texts.toSorted()).toEqual(["from Python", "from the first", "from the second"]),
      );
    }
  });

  it(`${kind}: with Redis gone in the middle of traffic, everybody hears of the gap once and goes on`, async () => {
    const prefix = `gone.${kind}`;
    const ports = await Promise.all([server(kind, prefix), server(kind, prefix)]);
    const people = await Promise.all([...ports, ...ports, ...ports].map((port) => Person.at(port)));
    let said = 0;
    const talking = setInterval(() => {
      said += 1;
      people[said % 2]?.say(`message ${said}`);
    }, 10);
    try {
      await eventually(() => expect(people.every(({ heard }) => heard.length > 20)).toBe(true));
      await redis.kill();
      // Each speaker is told that a message of theirs went nowhere.
      await eventually(() =>
        expect(people.slice(0, 2).every(({ heard }) => heard.some(({ failed }) => failed !== undefined))).toBe(true),
      );
      await redis.restart();
      await eventually(() => expect(people.every(({ heard }) => heard.some(({ gap }) => gap === true))).toBe(true));
      const after = said;
      await eventually(() =>
        expect(people.every(({ texts }) => texts.some((text) => Number(text?.slice(8)) > after + 20))).toBe(true),
      );
    } finally {
      clearInterval(talking);
    }
    for (const { heard } of people) expect(heard.filter(({ gap }) => gap === true)).toHaveLength(1);
  });
}
