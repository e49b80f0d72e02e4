import { eventually } from "@multichat/channels/testing";
import { RedisPresence } from "@multichat/channels-redis";
import { Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { makePresenceNames } from "../src/presence/presence-names.ts";
import { RedisProcess } from "./support/redis-process.ts";

const KEYS = ["the key phrase of this test"];
/** Words that must not be readable on the server. */
const GROUPS = ["status.away", "room.1", "room.2"];
const MEMBERS = ["ann", "user-4711\nin a meeting with the auditors", "你好 world", "x".repeat(200), "ann "];

let server: RedisProcess;
let redis: Redis;
beforeAll(async () => {
  server = await RedisProcess.start();
  redis = new Redis(server.url);
  // Compressed strings would hide what they hold.
  await redis.config("SET", "rdbcompression", "no");
});
afterAll(async () => {
  redis?.disconnect();
  await server?.stop();
});

const presences: RedisPresence[] = [];
afterEach(async () => {
  await Promise.all(presences.splice(0).map((presence) => presence.close()));
  await redis.flushall();
});
function open(symmetricEncryptionKeys: readonly string[], prefix = "chat"): RedisPresence {
  const presence = new RedisPresence({
    hosts: [server.url],
    prefix,
    windowMs: 20,
    graceMs: 200,
    symmetricEncryptionKeys,
  });
  presences.push(presence);
  return presence;
}

/** All that the server holds, as bytes. */
async function dump(): Promise<string> {
  const keys = await redis.keys("*");
  const values = await Promise.all(keys.map((key) => redis.dumpBuffer(key)));
  return [...keys, ...values.map((value) => value.toString("latin1"))].join("\n");
}

const latin1 = (text: string): string => Buffer.from(text).toString("latin1");

describe("with encryption keys nothing on the server says who is where", () => {
  it("neither what it stores nor what it is sent and publishes contains a group, a member or a connection", async () => {
    const monitor = await redis.monitor();
    const seen: string[] = [];
    monitor.on("monitor", (_time: string, args: string[]) => seen.push(args.join("\n")));
    const published = new Redis(server.url);
    await published.psubscribe("*");
    published.on("pmessageBuffer", (_pattern: Buffer, topic: Buffer, message: Buffer) => {
      seen.push(topic.toString("latin1"), message.toString("latin1"));
    });
    const [a, b] = [open(KEYS), open(KEYS)];
    const joined = new Set<string>();
    for (const group of GROUPS) {
      await b.watch(group, (diff) => {
        for (const member of diff.joined) joined.add(member);
      });
    }
    for (const [index, member] of MEMBERS.entries()) {
      for (const group of GROUPS) await a.join(group, member, `phone-of-${index}`);
    }
    await eventually(() => expect([...joined].sort()).toEqual([...MEMBERS].sort()));
    expect(await b.has("room.1", "ann")).toBe(true);
    const everything = `${await dump()}\n${seen.join("\n")}`;
    expect(everything).toContain("chat:presence:members:");
    for (const word of [...GROUPS, ...MEMBERS.slice(1, 4), "user-4711", "meeting", "auditors", "phone-of"]) {
      expect(everything, word).not.toContain(latin1(word));
      expect(everything, word).not.toContain(Buffer.from(word).toString("base64url").slice(0, -1));
      expect(everything, word).not.toContain(Buffer.from(word).toString("hex"));
    }
    await a.leave("room.2", "phone-of-1");
    await a.disconnect("phone-of-0");
    await eventually(async () => expect(await b.has("room.1", "ann")).toBe(false));
    expect(seen.join("\n")).not.toContain("auditors");
    monitor.disconnect();
    published.disconnect();
  });

  it("without keys they can be read, which is what this test would find", async () => {
    await open([]).join("room.1", "user-4711", "phone-of-0");
    const everything = await dump();
    for (const word of ["room.1", "user-4711", "phone-of-0"]) expect(everything).toContain(word);
  });

  it("processes with the key see each other, others see nothing", async () => {
    await open(KEYS).join("room.1", "ann", "c1");
    const views = [open(KEYS), open([KEYS[0] ?? "", "an older key"]), open(["another key"]), open([])];
    const members = await Promise.all(
      views.map(async (view) => (await view.members("room.1")).map(({ member }) => member)),
    );
    expect(members).toEqual([["ann"], ["ann"], [], []]);
    expect(await Promise.all(views.map((view) => view.has("room.1", "ann")))).toEqual([true, true, false, false]);
  });

  it("a member that was not written with the key is not believed, stored or published", async () => {
    const presence = open(KEYS);
    const joined: string[] = [];
    const left: string[] = [];
    await presence.watch("room.1", (diff) => {
      joined.push(...diff.joined);
      left.push(...diff.left);
    });
    await presence.join("room.1", "ann", "c1");
    await eventually(() => expect(joined).toEqual(["ann"]));
    const [members = ""] = await redis.keys("chat:presence:members:*");
    const topic = members.replace(":members:", ":changes:");
    const real = (await redis.hkeys(members))[0] ?? "";
    const elsewhere = makePresenceNames(KEYS[0]).member("room.2", "eve");
    const forged = [
      "eve",
      "",
      "A",
      "AAAAAAAAAAAAAAAAAAAAAAAAAAAA",
      Buffer.from("eve").toString("base64url"),
      makePresenceNames("another key").member("room.1", "eve"),
      elsewhere,
      `${real}=`,
      `${real} `,
      `${real.slice(0, -2)}AA`,
      real.slice(0, -4),
      `${real}AAAA`,
    ];
    for (const name of forged) {
      await redis.publish(topic, `1 2 ${name}`);
      await redis.publish(topic, `0 0 ${name}`);
      await redis.hset(members, name, 1);
    }
    // Published after the others, so that they have been handled.
    await presence.join("room.1", "bob", "c2");
    await eventually(() => expect(joined).toEqual(["ann", "bob"]));
    expect(left).toEqual([]);
    expect((await presence.members("room.1")).map(({ member }) => member).sort()).toEqual(["ann", "bob"]);
  });

  it("the name of a member says nothing about other groups, and none contains a space", () => {
    const names = makePresenceNames(KEYS[0]);
    expect(names.member("room.1", "ann")).toBe(names.member("room.1", "ann"));
    expect(names.member("room.1", "ann")).not.toBe(names.member("room.2", "ann"));
    expect(names.group("ann")).not.toBe(names.connection("ann"));
    for (const member of MEMBERS) {
      const name = names.member("room.1", member);
      expect(name).toMatch(/^[\w-]+$/);
      expect(names.readMember("room.1", name)).toBe(member);
      expect(names.readMember("room.2", name)).toBeUndefined();
    }
  });

  it("expects a list of keys", () => {
    // A list is the only type.
    expect(() => new RedisPresence({ symmetricEncryptionKeys: "a key" as never })).toThrow(/symmetricEncryptionKeys/);
  });
});
