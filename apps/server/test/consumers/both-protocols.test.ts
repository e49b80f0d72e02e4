import { afterAll, beforeAll, expect, test } from "vitest";
import { ChatClient } from "../support/chat-client.ts";
import { TestChat } from "../support/chat-server.ts";
import { ClassicClient } from "../support/classic-client.ts";

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

test("a message sent through one door arrives through the other, and is kept with its seq", async () => {
  const [alice, bob] = [await ChatClient.open(chat, "alice"), await classic("bob")];
  const { room } = await alice.join(1);
  bob.send({ command: "join", room: 1 });
  expect(await bob.gets(1)).toEqual([{ join: "1", title: "General" }]);
  await alice.event("room.entered", ({ user }) => user.username === "bob");

  const sent = await alice.say(1, "from the new door");
  expect(await bob.gets(1)).toEqual([{ msg_type: 0, room: 1, username: "alice", message: "from the new door" }]);

  bob.send({ command: "send", room: "1", message: "from the old door" });
  expect(await bob.gets(1)).toEqual([{ msg_type: 0, room: 1, username: "bob", message: "from the old door" }]);
  const heard = await alice.event("message.posted", ({ message }) => message.body === "from the old door");
  expect(heard).toMatchObject({ room: room.id, seq: sent.seq + 1, message: { author: { username: "bob" } } });
  const { messages } = await alice.do("history.page", { room: 1 });
  expect(messages).toEqual([sent.message, heard.message]);

  bob.ws.terminate();
  await alice.event("room.exited", ({ user }) => user.username === "bob");
  alice.close();
});

test("a message posted over HTTP reaches both doors", async () => {
  const [alice, bob] = [await ChatClient.open(chat, "alice"), await classic("bob")];
  await alice.join(2);
  // The fence of classic clients is in room 2: a room of its own for this one.
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

test("a room that changes is no word in the classic protocol", async () => {
  const bob = await classic("bob");
  bob.send({ command: "join", room: 1 });
  await bob.gets(1);
  await chat.changeRoom(1, { title: "Generally" });
  expect(await bob.gets(0)).toEqual([]);
  bob.send({ command: "join", room: 1 });
  expect(await bob.gets(1)).toEqual([{ join: "1", title: "Generally" }]);
  bob.close();
});
