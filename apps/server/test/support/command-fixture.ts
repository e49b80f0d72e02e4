import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InMemoryLayer, InMemoryPresence, type LayerMessage } from "@multichat/channels";
import { pino } from "pino";
import type { Actor } from "../../src/accounts/accounts.ts";
import { openAccounts } from "../../src/accounts/open-accounts.ts";
import { LayerBroadcasts } from "../../src/fan-out/layer-broadcasts.ts";
import { openCommandStore } from "../../src/main/databases.ts";
import type { PresenceContext } from "../../src/presence/presence-context.ts";
import { PresenceService } from "../../src/presence/presence-service.ts";
import { SearchTimes } from "../../src/search/index.ts";
import { testConfig } from "./chat-server.ts";
import { seed } from "./seeds.ts";

/** The context of commands without an interface: the real store and accounts, and a layer with one channel for the test. */
export interface CommandFixture {
  readonly context: PresenceContext;
  readonly dataDir: string;
  actor(username: string): Promise<Actor>;
  /** Adds the test's channel to a group. */
  subscribe(group: string): Promise<void>;
  /** Returns the messages that the channel has received since the last call, in order. */
  takeMessages(): Promise<readonly LayerMessage[]>;
  close(): Promise<void>;
}

export async function openCommandFixture(): Promise<CommandFixture> {
  const dataDir = await mkdtemp(join(tmpdir(), "multichat-commands-"));
  const config = testConfig(dataDir);
  await seed(config, {});
  const store = await openCommandStore(config);
  const accounts = await openAccounts({ store: store.people, config, logger: pino({ level: "silent" }) });
  const layer = new InMemoryLayer();
  const broadcasts = new LayerBroadcasts({
    layer,
    rooms: await store.rooms.list(),
    changes: store.changes,
    onLost: (error) => {
      throw error;
    },
  });
  const channel = layer.newChannel("test");
  const presence = new PresenceService({ broadcasts, groups: new InMemoryPresence() });
  return {
    context: {
      store,
      accounts,
      broadcasts,
      presence,
      limits: config.limits,
      searchTimes: new SearchTimes(config.limits.commandsPerSecond),
    },
    dataDir,
    actor: async (username) => {
      const account = await accounts.find(username);
      if (account === undefined) throw new Error(`expected ${username} to be seeded`);
      return { ...account, session: null };
    },
    subscribe: (group) => layer.groupAdd(group, channel),
    takeMessages: async () => {
      await layer.send(channel, { type: "fence" });
      const messages: LayerMessage[] = [];
      for (;;) {
        const message = await layer.receive(channel);
        if (message.type === "fence") return messages;
        messages.push(message);
      }
    },
    close: async () => {
      await presence.close();
      await layer.close();
      await accounts.close();
      await store.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
