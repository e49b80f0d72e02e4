import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type Client, memoryOutbox } from "../src/index.ts";
import type { ModelRoom } from "./model/model-room.ts";
import { alice, TestWorld } from "./support/test-world.ts";

/** The browser's locks: a page holds its lock until the browser has unloaded it. */
const locks = {
  names: [] as string[],
  request(name: string, callback: () => Promise<void>): Promise<void> {
    this.names.push(name);
    return callback();
  },
  async query() {
    return { held: this.names.map((name) => ({ name })) };
  },
};

beforeEach(() => {
  locks.names = [];
  vi.stubGlobal("document", {});
  vi.stubGlobal("navigator", { locks });
});
afterEach(() => {
  vi.unstubAllGlobals();
});

class TestPages extends TestWorld {
  readonly outbox = memoryOutbox();
  readonly general: ModelRoom = this.createRoom();

  get bodies(): string[] {
    return this.server.messagesOf(this.general).map(({ body }) => body);
  }

  page(): Client {
    return this.client(alice, { outbox: this.outbox });
  }

  async connectedPage(): Promise<Client> {
    const page = this.page();
    page.connect();
    await this.clock.advance(200);
    return page;
  }

  send(page: Client, body: string): void {
    page.room(this.general.id).send(body);
  }

  cutAll(): void {
    this.network.isReachable = false;
    for (const socket of this.network.socketsOf(alice)) socket.cut({ isNoticed: true });
  }

  /** Returns a page without a connection, whose message is unsent. */
  async pageWithUnsent(body: string): Promise<Client> {
    const page = await this.connectedPage();
    this.cutAll();
    this.send(page, body);
    await this.clock.advance(10);
    page.disconnect();
    return page;
  }
}

describe("the unsent messages of other pages", () => {
  test("are sent first after a reload, also where the old page holds its lock for a moment longer", async () => {
    const world = new TestPages();
    await world.pageWithUnsent("before");
    world.network.isReachable = true;
    const newPage = world.page();
    world.send(newPage, "after");
    newPage.connect();
    await world.clock.advance(150);
    locks.names.shift();
    await world.clock.advance(1_000);
    expect(world.bodies).toEqual(["before", "after"]);
    expect(await world.outbox.all()).toEqual([]);
  });

  test("stay with a page that is open, and delay a new page's messages by a fraction of a second at most", async () => {
    const world = new TestPages();
    const openPage = await world.pageWithUnsent("of the open page");
    world.network.isReachable = true;
    const newPage = world.page();
    world.send(newPage, "of the new page");
    newPage.connect();
    await world.clock.advance(300);
    expect(world.bodies).toEqual(["of the new page"]);
    expect(newPage.outbox.get()).toEqual([]);
    openPage.connect();
    await world.clock.advance(1_000);
    expect(world.bodies).toEqual(["of the new page", "of the open page"]);
  });

  test("are sent before newer ones, where their page is closed while there is no connection", async () => {
    const world = new TestPages();
    const page = await world.connectedPage();
    await world.pageWithUnsent("older");
    await world.clock.advance(1_000);
    locks.names.pop();
    world.send(page, "newer");
    world.network.isReachable = true;
    await world.clock.advance(60_000);
    expect(world.bodies).toEqual(["older", "newer"]);
  });

  test("are sent before newer ones that wait, where reading them has taken too long", async () => {
    const world = new TestPages();
    await world.pageWithUnsent("older");
    locks.names.pop();
    const read = Promise.withResolvers<void>();
    const all = () => read.promise.then(() => world.outbox.all());
    const page = world.client(alice, { outbox: { ...world.outbox, all } });
    world.send(page, "newer");
    page.connect();
    await world.clock.advance(6_000);
    read.resolve();
    await world.clock.advance(10);
    world.network.isReachable = true;
    await world.clock.advance(60_000);
    expect(world.bodies).toEqual(["older", "newer"]);
  });
});

test("a storage that does not answer delays the messages of one connection only", async () => {
  const world = new TestPages();
  const never = () => new Promise<never>(() => {});
  const page = world.client(alice, { outbox: { all: never, put: never, delete: never } });
  page.connect();
  await world.clock.advance(6_000);
  page.disconnect();
  world.send(page, "in time");
  page.connect();
  await world.clock.advance(500);
  expect(world.bodies).toEqual(["in time"]);
});
