import type { LiveServer } from "@multichat/channels/testing";
import { type Client, type ClientOptions, type ConnectionState, createClient } from "@multichat/channels-client";
import { afterAll, afterEach, beforeAll, beforeEach, expect } from "vitest";
import { type chat, serveChat, World } from "./chat.ts";
import { Network } from "./network.ts";

export type ChatClient = Client<typeof chat>;

/** So short that tests do not wait; a machine that is busy makes the client slower and nothing else. */
export const SHORT_BACKOFF = { baseMs: 1, maxMs: 20, stableAfterMs: 1 };

export interface Fixture {
  world: World;
  live: LiveServer;
  network: Network;
  open(options?: Partial<ClientOptions<typeof chat>>): ChatClient;
  /** The states that the client has had, from now on. */
  record(client: ChatClient): ConnectionState[];
}

/** A server for the file, and a network and clients for each test. */
export function useFixture(): Fixture {
  const clients: ChatClient[] = [];
  const fixture = {
    open(options = {}) {
      const client = createClient<typeof chat>({ url: fixture.network.url, backoff: SHORT_BACKOFF, ...options });
      clients.push(client);
      return client;
    },
    record(client) {
      const states = [client.connection.get()];
      client.connection.subscribe(() => states.push(client.connection.get()));
      return states;
    },
  } as Fixture;
  beforeAll(async () => {
    fixture.world = new World();
    fixture.live = await serveChat(fixture.world);
  });
  beforeEach(async () => {
    fixture.network = await Network.open(fixture.live.port);
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) client.close();
    await fixture.network[Symbol.asyncDispose]();
  });
  afterAll(() => fixture.live.close());
  return fixture;
}

/** Lets the server close the connection with a code. The call itself is lost with it, or when the test ends. */
export function disconnect(client: ChatClient, code: number): void {
  client.call("disconnect", { code }).catch(() => {});
}

export async function untilPhase(client: ChatClient, phase: ConnectionState["phase"]): Promise<ConnectionState> {
  await expect.poll(() => client.connection.get().phase).toBe(phase);
  return client.connection.get();
}
