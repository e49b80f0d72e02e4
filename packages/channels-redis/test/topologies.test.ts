import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { ChannelLayer } from "@multichat/channels/layer";
import { eventually, Inbox } from "@multichat/channels/testing";
import { type RedisHost, RedisPresence, RedisPubSubLayer, RedisQueueLayer } from "@multichat/channels-redis";
import { afterEach, describe, expect, it } from "vitest";
import { LONGEST_TIMING, promptly } from "./support/promptly.ts";
import { freePort, RedisProcess } from "./support/redis-process.ts";
import { SentinelProcesses } from "./support/sentinels.ts";

const open: { close?(): Promise<void>; stop?(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).toReversed()) {
    await one.close?.();
    await one.stop?.();
  }
});

function kept<T extends { close?(): Promise<void>; stop?(): Promise<void> }>(one: T): T {
  open.push(one);
  return one;
}

let prefixes = 0;
function freshPrefix(): string {
  prefixes += 1;
  return `topo${prefixes}`;
}

const kinds = {
  RedisPubSubLayer: (hosts: readonly RedisHost[], prefix: string, timing = {}) =>
    new RedisPubSubLayer({ hosts, prefix, ...timing }),
  RedisQueueLayer: (hosts: readonly RedisHost[], prefix: string, timing = {}) =>
    new RedisQueueLayer({ hosts, prefix, ...timing }),
};

/** A listener that is a member of a group. */
async function member(layer: ChannelLayer, group: string): Promise<Inbox> {
  const inbox = new Inbox();
  const channel = layer.newChannel();
  await layer.subscribe(channel, inbox);
  await layer.groupAdd(group, channel);
  return inbox;
}

/** Two processes' worth of each layer, and of presence, speak to each other over these hosts. */
async function speaks(hosts: readonly RedisHost[]): Promise<void> {
  for (const make of Object.values(kinds)) {
    const prefix = freshPrefix();
    const [here, there] = [kept(make(hosts, prefix)), kept(make(hosts, prefix))];
    const inboxes = [await member(here, "room"), await member(there, "room")];
    await here.groupSend("room", { type: "from.here" });
    await there.groupSend("room", { type: "from.there" });
    for (const inbox of inboxes) {
      await inbox.waitForType("from.here");
      await inbox.waitForType("from.there");
    }
    const received = there.receive("named");
    await eventually(async () => {
      await here.send("named", { type: "hello" });
      expect(await Promise.race([received, new Promise((resolve) => setTimeout(resolve, 200))])).toBeDefined();
    });
    expect(await received).toEqual({ type: "hello" });
  }
  const prefix = freshPrefix();
  const presence = kept(new RedisPresence({ hosts, prefix }));
  await presence.join("room", "ann", "ann-1");
  expect(await kept(new RedisPresence({ hosts, prefix })).counts("room")).toEqual({ members: 1, connections: 1 });
}

describe("the layers and presence over", () => {
  it("a Unix socket, by URL and by path", async () => {
    const redis = kept(await RedisProcess.start("--unixsocket", "redis.sock"));
    const path = join(redis.folder, "redis.sock");
    await speaks([`unix://${path}`]);
    await speaks([path]);
  });

  it("TLS, with the server's certificate checked and one of their own", async () => {
    const folder = kept(await RedisProcess.start()).folder;
    const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
    await promisify(execFile)("openssl", [
      ..."req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost".split(" "),
      ..."-addext subjectAltName=DNS:localhost,IP:127.0.0.1".split(" "),
      ...["-keyout", key, "-out", cert],
    ]);
    const port = await freePort();
    const args = ["--tls-port", `${port}`, "--tls-cert-file", cert, "--tls-key-file", key, "--tls-ca-cert-file", cert];
    kept(await RedisProcess.start(...args));
    const [ca, ownKey] = [await readFile(cert), await readFile(key)];
    await speaks([{ url: `rediss://localhost:${port}`, tls: { ca, cert: ca, key: ownKey } }]);
    // Whom the certificate does not name is not spoken to.
    const stranger = kept(new RedisPubSubLayer({ hosts: [`rediss://localhost:${port}`], connectTimeoutMs: 3_000 }));
    await expect(stranger.ready()).rejects.toThrow(/certificate/);
  });

  it("a password", async () => {
    const redis = kept(await RedisProcess.start("--requirepass", "s3cret/&"));
    await speaks([`redis://:${encodeURIComponent("s3cret/&")}@127.0.0.1:${redis.port}`]);
  });

  it("a user of an access list who may do no more than the layers need", async () => {
    const rights = "~topo* resetchannels &* +@read +@write +@pubsub +@scripting +@connection -@dangerous +info +time";
    const chat = ["--user", "chat", "on", ">pass&word", ...rights.split(" ")];
    const redis = kept(await RedisProcess.start(...chat, "--user", "default", "off"));
    await speaks([`redis://chat:${encodeURIComponent("pass&word")}@127.0.0.1:${redis.port}`]);
  });

  it("a wrong password: ready says at once what is wrong", async () => {
    const redis = kept(await RedisProcess.start("--requirepass", "right"));
    for (const make of Object.values(kinds)) {
      const layer = kept(make([`redis://:wrong@127.0.0.1:${redis.port}`], freshPrefix(), LONGEST_TIMING));
      await expect(promptly(layer.ready())).rejects.toThrow(/WRONGPASS.*password/);
      const sending = promptly(layer.groupSend("room", { type: "hello" }));
      await expect(sending).rejects.toMatchObject({ code: "LayerDisconnected" });
      expect(layer.stats().dropped.disconnected).toBe(1);
    }
  });

  it("two servers that share the names", async () => {
    const two = [kept(await RedisProcess.start()), kept(await RedisProcess.start())];
    await speaks(two.map(({ url }) => url));
  });

  it("a server that comes only after everybody was refused", async () => {
    const redis = kept(await RedisProcess.start());
    await redis.kill();
    for (const make of Object.values(kinds)) {
      const layer = make([redis.url], freshPrefix());
      await layer.close();
    }
    const layers = Object.values(kinds).map((make) => {
      const prefix = freshPrefix();
      return make === kinds.RedisPubSubLayer
        ? kept(new RedisPubSubLayer({ hosts: [redis.url], prefix, connectTimeoutMs: 200 }))
        : kept(new RedisQueueLayer({ hosts: [redis.url], prefix, connectTimeoutMs: 200 }));
    });
    for (const layer of layers) {
      const channel = layer.newChannel();
      await expect(layer.groupAdd("room", channel)).rejects.toMatchObject({ code: "LayerDisconnected" });
      expect(layer.stats()).toMatchObject({ groups: 0, memberships: 0 });
    }
    await redis.restart();
    for (const layer of layers) {
      await eventually(async () => expect(await member(layer, "room")).toBeDefined());
      const inbox = await member(layer, "room");
      await layer.groupSend("room", { type: "late" });
      await inbox.waitForType("late");
    }
  });
});

describe("Redis Sentinel", () => {
  it("fails over: the layers follow the new master, and tell of the gap once", async () => {
    const group = "room";
    const processes = kept(await SentinelProcesses.start());
    const host = { sentinels: processes.sentinels, masterName: processes.masterName };
    await speaks([host]);
    const layers = Object.values(kinds).map((make) => kept(make([host], freshPrefix())));
    const presence = kept(new RedisPresence({ hosts: [host], prefix: freshPrefix() }));
    await presence.join(group, "ann", "ann-1");
    const inboxes: Inbox[] = [];
    for (const layer of layers) {
      const inbox = await member(layer, group);
      await layer.groupSend(group, { type: "before" });
      await inbox.waitForType("before");
      inboxes.push(inbox);
    }
    await processes.master.kill();
    for (const [index, layer] of layers.entries()) {
      const inbox = inboxes[index];
      await inbox?.waitForGaps(1, 40_000);
      await eventually(() => layer.groupSend(group, { type: "after" }));
      await inbox?.waitForType("after");
      expect(inbox?.gaps).toHaveLength(1);
    }
    await eventually(async () => expect(await presence.has(group, "ann")).toBe(true));
  });
});
