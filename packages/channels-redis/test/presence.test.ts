import { eventually } from "@multichat/channels/testing";
import { presenceContract } from "@multichat/channels/testing/contract";
import { RedisPresence, type RedisPresenceOptions } from "@multichat/channels-redis";
import { Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { NodeProcess } from "./support/node-process.ts";
import { RedisProcess } from "./support/redis-process.ts";

let first: RedisProcess;
let second: RedisProcess;
beforeAll(async () => {
  first = await RedisProcess.start();
  second = await RedisProcess.start();
});
afterAll(async () => {
  await first?.stop();
  await second?.stop();
});

/** Commands whose cost grows with the size of a key. */
const READS_WHOLE_KEY = /^(h(getall|keys|vals|scan)|smembers|sscan|zscan|keys|scan|sort|lrange)$/;
/^h(getall|keys|vals|scan)$|^s(members|scan)$|^z(range|revrange|scan)|^(keys|scan|sort|lrange)$/;

presenceContract(
  "RedisPresence",
  ({ prefix, sharedClock: _, ...options }) => new RedisPresence({ ...options, prefix, hosts: [first.url] }),
  { timeScale: 2 },
);

presenceContract(
  "RedisPresence with encryption",
  ({ prefix, sharedClock: _, ...options }) =>
    new RedisPresence({
      ...options,
      prefix,
      hosts: [first.url],
      symmetricEncryptionKeys: ["a key phrase of this test"],
    }),
  { timeScale: 2, runs: 2 },
);

presenceContract(
  "RedisPresence on two servers",
  ({ prefix, sharedClock: _, ...options }) => new RedisPresence({ ...options, prefix, hosts: [first.url, second.url] }),
  { timeScale: 2, runs: 2 },
);

describe("RedisPresence with several processes and lost servers", () => {
  const presences: RedisPresence[] = [];
  const processes: NodeProcess[] = [];
  afterEach(async () => {
    await Promise.all(presences.splice(0).map((presence) => presence.close()));
    for (const child of processes.splice(0)) await child.kill();
  });

  let prefixes = 0;
  // Long enough for a pause of a busy machine, short enough to wait for.
  const times = { windowMs: 40, graceMs: 1_500, leaseMs: 4_000, renewMs: 500 };
  function options(): RedisPresenceOptions {
    prefixes += 1;
    return { ...times, prefix: `presence${process.pid}.${prefixes}`, hosts: [first.url] };
  }
  function presence(made: RedisPresenceOptions): RedisPresence {
    const created = new RedisPresence(made);
    presences.push(created);
    return created;
  }

  it("removes the members of a killed process for all watchers, and keeps members that are connected elsewhere", async () => {
    const shared = options();
    const [presenceA, presenceB] = [presence(shared), presence(shared)];
    await presenceA.join("room", "both", "both-here");
    const left: string[][] = [];
    const watched = await Promise.all(
      [presenceA, presenceB].map(async (watcher, index) =>
        watcher.watch("room", (diff) => left[index]?.push(...diff.left)),
      ),
    );
    left.push(...watched.map(() => []));
    const child = new NodeProcess("presence-process.ts", {
      options: shared,
      group: "room",
      members: ["ann", "bob", "both"],
    });
    processes.push(child);
    await eventually(() => expect(child.lines).toEqual(["joined"]));
    expect(await presenceA.counts("room")).toEqual({ members: 3, connections: 4 });
    await child.kill();
    await eventually(() =>
      expect(left.map((names) => names.toSorted())).toEqual([
        ["ann", "bob"],
        ["ann", "bob"],
      ]),
    );
    expect(await presenceB.counts("room")).toEqual({ members: 1, connections: 1 });
  });

  it("restores all members after Redis returned empty, and reports no departure", async () => {
    const shared = options();
    const [presenceA, presenceB] = [presence(shared), presence(shared)];
    await presenceA.join("room", "ann", "ann-1");
    await presenceB.join("room", "bob", "bob-1");
    const diffs: unknown[] = [];
    await presenceA.watch("room", (diff) => diffs.push(diff));
    await eventually(async () => expect(await presenceA.counts("room")).toEqual({ members: 2, connections: 2 }));
    await first.kill();
    await expect(presenceA.counts("room")).rejects.toMatchObject({ code: "LayerDisconnected" });
    // Changes made meanwhile take effect on reconnect.
    await presenceA.join("room", "eve", "eve-1");
    await presenceB.disconnect("bob-1");
    await presenceB.join("room", "bob", "bob-2");
    await first.restart();
    await eventually(async () => expect(await presenceB.counts("room")).toEqual({ members: 3, connections: 3 }));
    await eventually(() => expect(diffs).toEqual([expect.objectContaining({ joined: ["eve"], left: [] })]));
    const end = Date.now() + times.graceMs + 300;
    await eventually(() => expect(Date.now()).toBeGreaterThan(end));
    expect(diffs).toHaveLength(1);
  });

  it("reports after a lost server who left meanwhile", async () => {
    const shared = options();
    const [presenceA, presenceB] = [presence(shared), presence(shared)];
    await presenceA.join("room", "ann", "ann-1");
    await presenceB.join("room", "bob", "bob-1");
    const diffs: unknown[] = [];
    await presenceA.watch("room", (diff) => diffs.push(diff));
    await first.kill();
    await presenceB.leave("room", "bob-1");
    await first.restart();
    await eventually(() => expect(diffs).toEqual([{ group: "room", joined: [], left: ["bob"], members: 1 }]));
  });

  it("leaves nothing on the server when all members have left", async () => {
    const shared = options();
    const [closed, later] = [presence(shared), presence(shared)];
    for (let n = 0; n < 20; n += 1) await closed.join(`room${n % 3}`, `member${n % 5}`, `c${n}`);
    await closed.close();
    // A later process ends the grace periods that are over.
    const client = new Redis(first.url);
    try {
      await eventually(async () => {
        await later.has("room0", "anybody");
        expect(await client.keys(`${shared.prefix}*`)).toEqual([]);
      });
    } finally {
      client.disconnect();
    }
  });

  it("counts a large group without reading its members", async () => {
    // A busy machine needs longer for so many joins than a ping may take by default.
    const counted = presence({ ...options(), pingMs: 60_000, leaseMs: 300_000, renewMs: 60_000 });
    await counted.ready();
    for (let joined = 0; joined < 20_000; joined += 1_000) {
      const batch = Array.from({ length: 1_000 }, (_, n) => joined + n);
      await Promise.all(batch.map((n) => counted.join("large", `m${n}`, `c${n}`)));
    }
    const client = new Redis(first.url);
    try {
      await client.config("RESETSTAT");
      for (let round = 0; round < 200; round += 1) await counted.counts("large");
      const stats = await client.info("commandstats");
      const commands = [...stats.matchAll(/^cmdstat_(\w+):/gm)].map((match) => match[1]);
      expect(commands).toContain("hlen");
      expect(commands.filter((command) => READS_WHOLE_KEY.test(command ?? ""))).toEqual([]);
    } finally {
      client.disconnect();
    }
    expect(await counted.counts("large")).toEqual({ members: 20_000, connections: 20_000 });
  });
});
