import { eventually } from "@multichat/channels/testing";
import { CLOSE_CODES } from "@multichat/protocol";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ChatClient } from "../../support/chat-client.ts";
import { TestChat } from "../../support/chat-server.ts";

let chat: TestChat;
beforeAll(async () => {
  chat = await TestChat.start({
    rooms: [{ title: "General" }, { title: "Random" }, { title: "Third" }],
    env: { LIMIT_COMMANDS_PER_SECOND: "10000", LIMIT_CONNECTIONS_PER_USER: "3", LIMIT_ROOMS_PER_CONNECTION: "2" },
  });
});
afterAll(async () => {
  await chat.close();
});

test("refuses a connection above the limit per user, until another one closes", async () => {
  const sockets = [
    await ChatClient.open(chat, "bob"),
    await ChatClient.open(chat, "bob"),
    await ChatClient.open(chat, "bob"),
  ];
  const { cookie } = await chat.session("bob");
  expect((await new ChatClient(chat.socketUrl, { cookie }).settled()).refused).toBe(429);
  sockets[0]?.close();
  const next = await eventually(async () => {
    const client = await new ChatClient(chat.socketUrl, { cookie }).settled();
    return client.isOpen ? client : false;
  });
  for (const socket of [...sockets, next]) socket.close();
});

test("refuses a join above the limit of rooms per connection", async () => {
  const alice = await ChatClient.open(chat, "alice");
  await alice.join(1);
  await alice.join(2);
  expect((await alice.refusal("room.join", { room: 3 })).code).toBe("LIMIT_EXCEEDED");
  expect(await alice.join(2), "joining a room again is not counted").toMatchObject({ room: { number: 2 } });
  await alice.do("room.leave", { room: 1 });
  await alice.join(3);
  alice.close();
});

test("leaves no group membership behind, however a connection ends", async () => {
  const metric = async (name: string): Promise<number> => {
    const text = await (await fetch(`${chat.url}/metrics`)).text();
    return Number(new RegExp(`^multichat_${name} (\\d+)$`, "m").exec(text)?.[1]);
  };
  await eventually(async () => (await metric("connections")) === 0);
  const baseline = await metric("layer_memberships");
  for (let round = 0; round < 20; round += 1) {
    const [alice, bob] = [await ChatClient.open(chat, "alice"), await ChatClient.open(chat, "bob")];
    await alice.join(1);
    bob.begin("room.join", { room: 1 });
    bob.ws.terminate();
    if (round % 2 === 0) alice.close();
    else alice.ws.send(Buffer.from("binary"));
    await alice.closed();
  }
  await eventually(async () => (await metric("layer_memberships")) === baseline);
});

test("closes a client that does not read as too slow, without delaying the others", async () => {
  const [slow, alice] = [await ChatClient.open(chat, "bob"), await ChatClient.open(chat, "alice")];
  await slow.join(1);
  await alice.join(1);
  slow.ws.pause();
  const body = "x".repeat(9_000);
  let sent = 0;
  await eventually(async () => {
    await Promise.all(Array.from({ length: 20 }, () => alice.say(1, body)));
    sent += 20;
    const text = await (await fetch(`${chat.url}/metrics`)).text();
    return /^multichat_slow_closes_total [1-9]/m.test(text);
  });
  expect(alice.events.filter(({ on }) => on === "message.posted").length).toBe(sent);
  slow.ws.resume();
  expect([CLOSE_CODES.TOO_SLOW, 1006]).toContain(await slow.closed());
  await alice.named("exited", "bob");
  alice.close();
});
