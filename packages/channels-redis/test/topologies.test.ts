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
import { ScriptedSentinel } from "./support/scripted-sentinel.ts";
import { SentinelProcesses } from "./support/sentinels.ts";

const open: { close?(): Promise<void>; stop?(): Promise<void> }[] = [];
afterEach(async () => {
  for (const resource of open.splice(0).toReversed()) {
    await resource.close?.();
    await resource.stop?.();
  }
});

/** Registers a resource to be closed after the test. */
function track<T extends { close?(): Promise<void>; stop?(): Promise<void> }>(resource: T): T {
  open.push(resource);
  return resource;
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

/** Adds a listener as a member of a group. */
async function member(layer: ChannelLayer, group: string): Promise<Inbox> {
  const inbox = new Inbox();
  const channel = layer.newChannel();
  await layer.subscribe(channel, inbox);
  await layer.groupAdd(group, channel);
  return inbox;
}

/** Checks that two instances of each layer, and of presence, communicate over these hosts. */
async function expectCommunication(hosts: readonly RedisHost[]): Promise<void> {
  for (const make of Object.values(kinds)) {
    const prefix = freshPrefix();
    const [layerA, layerB] = [track(make(hosts, prefix)), track(make(hosts, prefix))];
    const inboxes = [await member(layerA, "room"), await member(layerB, "room")];
    await layerA.groupSend("room", { type: "from.here" });
    await layerB.groupSend("room", { type: "from.there" });
    for (const inbox of inboxes) {
      await inbox.waitForType("from.here");
      await inbox.waitForType("from.there");
    }
    const received = layerB.receive("named");
    await eventually(async () => {
      await layerA.send("named", { type: "hello" });
      expect(await Promise.race([received, new Promise((resolve) => setTimeout(resolve, 200))])).toBeDefined();
    });
    expect(await received).toEqual({ type: "hello" });
  }
  const prefix = freshPrefix();
  const presence = track(new RedisPresence({ hosts, prefix }));
  await presence.join("room", "ann", "ann-1");
  expect(await track(new RedisPresence({ hosts, prefix })).counts("room")).toEqual({ members: 1, connections: 1 });
}

describe("the layers and presence", () => {
  it("connect over a Unix socket, by URL and by path", async () => {
    const redis = track(await RedisProcess.start("--unixsocket", "redis.sock"));
    const path = join(redis.folder, "redis.sock");
    await expectCommunication([`unix://${path}`]);
    await expectCommunication([path]);
  });

  it("connect over TLS with a client certificate, and verify the server's certificate", async () => {
    const folder = track(await RedisProcess.start()).folder;
    const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
    await promisify(execFile)("openssl", [
      ..."req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost".split(" "),
      ..."-addext subjectAltName=DNS:localhost,IP:127.0.0.1".split(" "),
      ...["-keyout", key, "-out", cert],
    ]);
    const port = await freePort();
    const args = ["--tls-port", `${port}`, "--tls-cert-file", cert, "--tls-key-file", key, "--tls-ca-cert-file", cert];
    track(await RedisProcess.start(...args));
    const [ca, ownKey] = [await readFile(cert), await readFile(key)];
    await expectCommunication([{ url: `rediss://localhost:${port}`, tls: { ca, cert: ca, key: ownKey } }]);
    // Without the CA the server's certificate is not trusted.
    const untrusting = track(new RedisPubSubLayer({ hosts: [`rediss://localhost:${port}`], connectTimeoutMs: 3_000 }));
    await expect(untrusting.ready()).rejects.toThrow(/certificate/);
  });

  it("connect with a password", async () => {
    const redis = track(await RedisProcess.start("--requirepass", "s3cret/&"));
    await expectCommunication([`redis://:${encodeURIComponent("s3cret/&")}@127.0.0.1:${redis.port}`]);
  });

  it("connect as an ACL user with only the permissions that the layers need", async () => {
    const rights = "~topo* resetchannels &* +@read +@write +@pubsub +@scripting +@connection -@dangerous +info +time";
    const chat = ["--user", "chat", "on", ">pass&word", ...rights.split(" ")];
    const redis = track(await RedisProcess.start(...chat, "--user", "default", "off"));
    await expectCommunication([`redis://chat:${encodeURIComponent("pass&word")}@127.0.0.1:${redis.port}`]);
  });

  it("reject at once with the reason for a wrong password", async () => {
    const redis = track(await RedisProcess.start("--requirepass", "right"));
    for (const make of Object.values(kinds)) {
      const layer = track(make([`redis://:wrong@127.0.0.1:${redis.port}`], freshPrefix(), LONGEST_TIMING));
      await expect(promptly(layer.ready())).rejects.toThrow(/WRONGPASS.*password/);
      const sending = promptly(layer.groupSend("room", { type: "hello" }));
      await expect(sending).rejects.toMatchObject({ code: "LayerDisconnected" });
      expect(layer.stats().dropped.disconnected).toBe(1);
    }
  });

  it("share the names between two servers", async () => {
    const two = [track(await RedisProcess.start()), track(await RedisProcess.start())];
    await expectCommunication(two.map(({ url }) => url));
  });

  it("recover when a server starts after calls were rejected", async () => {
    const redis = track(await RedisProcess.start());
    await redis.kill();
    for (const make of Object.values(kinds)) {
      const layer = make([redis.url], freshPrefix());
      await layer.close();
    }
    const layers = Object.values(kinds).map((make) => {
      const prefix = freshPrefix();
      return make === kinds.RedisPubSubLayer
        ? track(new RedisPubSubLayer({ hosts: [redis.url], prefix, connectTimeoutMs: 200 }))
        : track(new RedisQueueLayer({ hosts: [redis.url], prefix, connectTimeoutMs: 200 }));
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
  it("fails over: the layers follow the new master and report one gap", async () => {
    const group = "room";
    const processes = track(await SentinelProcesses.start());
    const host = { sentinels: processes.sentinels, masterName: processes.masterName };
    await expectCommunication([host]);
    const layers = Object.values(kinds).map((make) => track(make([host], freshPrefix())));
    const presence = track(new RedisPresence({ hosts: [host], prefix: freshPrefix() }));
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
      await inbox?.waitForGaps(1, 600_000);
      await eventually(() => layer.groupSend(group, { type: "after" }));
      await inbox?.waitForType("after");
      expect(inbox?.gaps).toHaveLength(1);
    }
    await eventually(async () => expect(await presence.has(group, "ann")).toBe(true));
  });

  it.each([
    [
      "that announces the master while it is being asked",
      (sentinel: ScriptedSentinel) => {
        sentinel.announceMaster();
        sentinel.answer();
      },
    ],
    ["whose connection ends while it is being asked", (sentinel: ScriptedSentinel) => sentinel.cut()],
    ["that is frozen while it is being asked, beside one that answers", () => undefined],
  ])("every connection survives a Sentinel %s", async (_kind, react) => {
    const redis = track(await RedisProcess.start());
    const [first, second] = [track(await ScriptedSentinel.start(redis)), track(await ScriptedSentinel.start(redis))];
    const host = { sentinels: [first.address, second.address], masterName: "chat" };
    const layers = Object.values(kinds).map((make) => track(make([host], freshPrefix())));
    const inboxes = await Promise.all(layers.map((layer) => member(layer, "room")));
    first.hold();
    await redis.kill();
    await redis.restart();
    // Each layer has a connection that publishes and one that receives.
    await eventually(() => expect(first.held).toBeGreaterThanOrEqual(2 * layers.length));
    react(first);
    for (const [index, layer] of layers.entries()) {
      await inboxes[index]?.waitForGaps(1, 600_000);
      await eventually(() => layer.groupSend("room", { type: "after" }));
      await inboxes[index]?.waitForType("after");
    }
  });
});
