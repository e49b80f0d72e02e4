import { expect, test } from "vitest";
import { whenIdle } from "../../src/process/when-idle.ts";
import { TestChat } from "../support/chat-server.ts";

test("a server that has released memory serves as before", async () => {
  await using chat = await TestChat.start();
  for (let round = 0; round < 3; round += 1) {
    chat.running.releaseMemory();
    const { token } = await chat.signIn("alice");
    const rooms = await fetch(`${chat.url}/api/rooms`, { headers: { authorization: `Bearer ${token}` } });
    expect(rooms.status).toBe(200);
    expect((await fetch(`${chat.url}/readyz`)).status).toBe(200);
  }
});

test("a closed server ignores that it should release memory", async () => {
  const chat = await TestChat.start();
  await chat.close();
  chat.running.releaseMemory();
});

test("calls back once, when the thread has had little to do", async () => {
  let calls = 0;
  await new Promise<void>((resolve) => {
    whenIdle(() => {
      calls += 1;
      resolve();
    });
    // The timer of the callback alone would not keep this thread alive.
    const keepAlive = setInterval(() => {
      if (calls > 0) clearInterval(keepAlive);
    }, 1_000);
  });
  expect(calls).toBe(1);
});
