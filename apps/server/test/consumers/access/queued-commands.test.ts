import { eventually } from "@multichat/channels/testing";
import { CLOSE_CODES } from "@multichat/protocol";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { GatedChat, type GatedClient } from "../../support/gated-chat.ts";

let chat: GatedChat;
beforeEach(async () => {
  chat = await GatedChat.open();
});
afterEach(() => chat.close());

const clientId = () => crypto.randomUUID();

const changeAccount = async (username: string, changes: Parameters<typeof chat.context.accounts.change>[1]) => {
  await chat.context.accounts.change(await chat.idOf(username), changes);
};

async function eventsOf(number: number) {
  const { store } = chat.context;
  const room = (await store.rooms.find(number))?.id ?? "";
  return (await store.eventLog.readSince({ room, since: 0, limit: 100 })) ?? [];
}

async function bodiesIn(room: number): Promise<readonly string[]> {
  return (await eventsOf(room)).flatMap((event) => (event.on === "message.posted" ? [event.message.body] : []));
}

/** Joins a room, and then begins a command that waits until the gate is released. */
async function occupy(client: GatedClient) {
  await client.do("room.join", { room: 1 });
  const gate = chat.holdJoin();
  const id = client.begin("room.join", { room: 2 });
  await gate.begun;
  return { ...gate, id };
}

describe("a command that waits behind another one", () => {
  const endings = [
    {
      name: "the account is deactivated",
      end: () => changeAccount("bob", { active: false }),
      code: CLOSE_CODES.BANNED,
    },
    {
      name: "the session ends",
      end: async () => chat.context.accounts.revokeAll(await chat.idOf("bob")),
      code: CLOSE_CODES.SIGNED_OUT,
    },
    {
      name: "the password has to be changed",
      end: () => changeAccount("bob", { passwordChangeRequired: true }),
      code: CLOSE_CODES.SIGNED_OUT,
    },
  ];

  test.each(endings)("is not run when $name meanwhile", async ({ end, code }) => {
    const bob = await chat.connect("bob");
    const { release } = await occupy(bob);
    bob.begin("message.send", { room: 1, clientId: clientId(), body: "too late" });
    await end();
    release();
    expect((await bob.closed).code).toBe(code);
    await bob.done();
    expect(await bodiesIn(1)).toEqual([]);
  });

  test.each(endings.slice(0, 2))("is not run when $name after the client has gone", async ({ end }) => {
    const bob = await chat.connect("bob");
    const { release } = await occupy(bob);
    bob.begin("message.send", { room: 1, clientId: clientId(), body: "too late" });
    const ended = bob.disconnect();
    await end();
    release();
    await ended;
    expect(await bodiesIn(1)).toEqual([]);
  });

  test("is not run over the classic protocol", async () => {
    const bob = await chat.connect("bob", "/chat/stream/");
    bob.sendJson({ command: "join", room: 1 });
    await bob.receiveJson();
    const gate = chat.holdJoin();
    bob.sendJson({ command: "join", room: 2 });
    await gate.begun;
    bob.sendJson({ command: "send", room: 1, message: "too late" });
    await changeAccount("bob", { active: false });
    gate.release();
    expect((await bob.closed).code).toBe(CLOSE_CODES.SIGNED_OUT);
    await bob.done();
    expect(await bodiesIn(1)).toEqual([]);
  });

  test("is run after the client has gone while the session lasts", async () => {
    const bob = await chat.connect("bob");
    const { release } = await occupy(bob);
    bob.begin("message.send", { room: 1, clientId: clientId(), body: "sent in time" });
    const ended = bob.disconnect();
    release();
    await ended;
    expect(await bodiesIn(1)).toEqual(["sent in time"]);
  });

  test("is refused when the staff flag was lost, and the list is brought up to date", async () => {
    const sara = await chat.connect("sara");
    const { release, id } = await occupy(sara);
    const read = sara.begin("history.page", { room: 3 });
    await changeAccount("sara", { staff: false });
    release();
    expect((await sara.reply(id)).ok).toBeDefined();
    expect((await sara.reply(read)).error?.code).toBe("ROOM_INVALID");
    await sara.do("ping", {});
    await sara.do("ping", {});
    expect(sara.events.map(({ on }) => on)).toEqual(expect.arrayContaining(["me.changed", "room.unlisted"]));
  });
});

describe("a reaction that was changed too often", () => {
  /** Adds and removes a reaction until a removal has to wait. Returns the id of its command. */
  async function exhaust(client: GatedClient, room: number): Promise<number> {
    await client.do("room.join", { room });
    const { message } = (await client.do("message.send", { room, clientId: clientId(), body: "hm" })) as {
      message: { id: string };
    };
    const address = { room, message: message.id, emoji: "👍" };
    for (let i = 0; i < 9; i += 1) await client.do(i % 2 === 0 ? "reaction.add" : "reaction.remove", address);
    const id = client.begin("reaction.remove", address);
    await client.do("ping", {});
    return id;
  }

  const lastReactionIn = async (room: number) =>
    (await eventsOf(room)).findLast(({ on }) => on.startsWith("reaction."))?.on;

  test.each(["open", "closed"])("is dropped when the account is deactivated, with the connection %s", async (state) => {
    const bob = await chat.connect("bob");
    await exhaust(bob, 1);
    expect(await lastReactionIn(1), "premise").toBe("reaction.added");
    const ended = state === "closed" ? bob.disconnect() : bob.done();
    await changeAccount("bob", { active: false });
    chat.nowMs += 60_000;
    await ended;
    expect(await lastReactionIn(1)).toBe("reaction.added");
  });

  test("is dropped when the staff flag that it needs was lost", async () => {
    const sara = await chat.connect("sara");
    const id = await exhaust(sara, 3);
    expect(await lastReactionIn(3), "premise").toBe("reaction.added");
    await changeAccount("sara", { staff: false });
    chat.nowMs += 60_000;
    expect((await sara.reply(id)).error?.code).toBe("ROOM_INVALID");
    expect(await lastReactionIn(3)).toBe("reaction.added");
  });
});

describe("an open connection", () => {
  test.each(["/ws", "/chat/stream/"] as const)("of %s is closed when the password has to be changed", async (path) => {
    const bob = await chat.connect("bob", path);
    await changeAccount("bob", { passwordChangeRequired: true });
    expect((await bob.closed).code).toBe(CLOSE_CODES.SIGNED_OUT);
    expect(await (await chat.client("bob", path)).connect()).toMatchObject({ accepted: false, status: 403 });
  });

  test("is not opened when the password has to be changed during its handshake", async () => {
    const bob = await chat.client("bob");
    const gate = chat.holdHandshake();
    const handshake = bob.connect();
    await gate.begun;
    await changeAccount("bob", { passwordChangeRequired: true });
    gate.release();
    expect(await handshake).toMatchObject({ accepted: false, status: 403 });
  });

  test("is closed by its first command after its session has expired", async () => {
    const bob = await chat.connect("bob");
    await chat.executeSql(`update session set "expiresAt" = '${new Date(0).toISOString()}'`, "bob");
    bob.begin("message.send", { room: 1, clientId: clientId(), body: "too late" });
    bob.begin("room.list", {});
    expect((await bob.closed).code).toBe(CLOSE_CODES.SIGNED_OUT);
    expect(bob.received()).toEqual([]);
  });

  test("extends its session by its commands, but not by a ping", async () => {
    const bob = await chat.connect("bob");
    const seenAt = async () => {
      const [session] = await chat.context.accounts.sessions(await chat.idOf("bob"), null);
      return session?.lastSeenAt ?? 0;
    };
    await chat.executeSql(`update session set "updatedAt" = '${new Date(1_000).toISOString()}'`, "bob");
    await bob.do("ping", {});
    expect(await seenAt()).toBe(1_000);
    await bob.do("room.list", {});
    // Writes what is pending.
    await chat.context.accounts.close();
    expect(await seenAt()).toBeGreaterThan(1_000);
  });

  test("gets no right back from an event that is older than its loss", async () => {
    const sara = await chat.connect("sara");
    const before = await chat.context.accounts.find("sara");
    if (before === undefined) throw new Error("expected sara to be seeded");
    await changeAccount("sara", { staff: false });
    await eventually(async () => {
      await sara.do("ping", {});
      return sara.events.some(({ on }) => on === "room.unlisted");
    });
    const known = sara.events.length;
    await chat.context.broadcasts.local.publishAccountChange(before);
    await sara.do("ping", {});
    await sara.do("ping", {});
    expect(sara.events.slice(known)).toMatchObject([{ on: "me.changed", me: { username: "sara", staff: false } }]);
    expect((await sara.ask("history.page", { room: 3 })).error?.code).toBe("ROOM_INVALID");
  });

  test("gets no presence that was set after it lost the room that it shared with the user", async () => {
    const [sara, bob] = [await chat.connect("sara"), await chat.connect("bob")];
    const { room } = (await sara.do("room.create", { clientId: clientId(), title: "Ours", private: true })) as {
      room: { id: string };
    };
    await sara.do("member.add", { room: room.id, user: "bob" });
    for (const client of [sara, bob]) await client.do("room.join", { room: room.id });
    await sara.do("presence.set", { status: "busy", text: "before" });
    await bob.do("ping", {});
    expect(JSON.stringify(bob.events), "premise").toContain('"before"');
    const gate = chat.holdJoin();
    const id = bob.begin("room.join", { room: 2 });
    await gate.begun;
    await sara.do("member.remove", { room: room.id, user: "bob" });
    await sara.do("presence.set", { status: "busy", text: "after" });
    gate.release();
    await bob.reply(id);
    await eventually(async () => {
      await bob.do("ping", {});
      return bob.events.some(({ on }) => on === "room.unlisted");
    });
    expect(JSON.stringify(bob.events)).not.toContain('"after"');
  });
});
