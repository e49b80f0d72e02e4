import { afterAll, beforeAll, expect, test } from "vitest";
import { ChatClient } from "../../support/chat-client.ts";
import { TestChat } from "../../support/chat-server.ts";
import { ClassicClient } from "../../support/classic-client.ts";

let chat: TestChat;
beforeAll(async () => {
  chat = await TestChat.start();
});
afterAll(async () => {
  await chat.close();
});

const classic = async (username: string): Promise<ClassicClient> => {
  const { cookie } = await chat.session(username);
  return await new ClassicClient(`${chat.socketUrl}/chat/stream/`, { cookie }).settled();
};

test("delivers messages between the two protocols, and stores them with their seq", async () => {
  const [alice, bob] = [await ChatClient.open(chat, "alice"), await classic("bob")];
  const { room } = await alice.join(1);
  bob.send({ command: "join", room: 1 });
  expect(await bob.gets(1)).toEqual([{ join: "1", title: "General" }]);
  await alice.named("entered", "bob");

  const sent = await alice.say(1, "from multichat.v1");
  expect(await bob.gets(1)).toEqual([{ msg_type: 0, room: 1, username: "alice", message: "from multichat.v1" }]);

  bob.send({ command: "send", room: "1", message: "from the classic protocol" });
  expect(await bob.gets(1)).toEqual([{ msg_type: 0, room: 1, username: "bob", message: "from the classic protocol" }]);
  const received = await alice.event("message.posted", ({ message }) => message.body === "from the classic protocol");
  expect(received).toMatchObject({ room: room.id, seq: sent.seq + 1, message: { author: { username: "bob" } } });
  const { messages } = await alice.do("history.page", { room: 1 });
  expect(messages).toEqual([sent.message, received.message]);

  bob.ws.terminate();
  await alice.named("exited", "bob");
  alice.close();
});

test("delivers a message posted over HTTP to both protocols", async () => {
  const [alice, bob] = [await ChatClient.open(chat, "alice"), await classic("bob")];
  await alice.join(2);
  // Room 2 is the fence room of classic clients, so the message goes to room 1.
  bob.send({ command: "join", room: 1 });
  await alice.join(1);
  await bob.gets(2);
  const { status } = await chat.api("admin", "POST", "/api/rooms/1/messages", {
    clientId: "http-1",
    body: "hello all",
  });
  expect(status).toBeLessThan(300);
  expect(await bob.gets(1)).toEqual([{ msg_type: 0, room: 1, username: "admin", message: "hello all" }]);
  await alice.event("message.posted", ({ message }) => message.clientId === "http-1");
  alice.close();
  bob.close();
});

test("sends no frame for a room change in the classic protocol", async () => {
  const bob = await classic("bob");
  bob.send({ command: "join", room: 1 });
  await bob.gets(1);
  await chat.changeRoom(1, { title: "Generally" });
  expect(await bob.gets(0)).toEqual([]);
  bob.send({ command: "join", room: 1 });
  expect(await bob.gets(1)).toEqual([{ join: "1", title: "Generally" }]);
  bob.close();
});
