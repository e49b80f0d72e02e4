import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ChatClient } from "../support/chat-client.ts";
import { TestChat } from "../support/chat-server.ts";

const TIMES = 150;

let chat: TestChat;
beforeAll(async () => {
  chat = await TestChat.start({ env: { LIMIT_COMMANDS_PER_SECOND: "10000" } });
});
afterAll(() => chat.close());

describe("what one user switches on and off reaches the others a bounded number of times", () => {
  test.each([
    ["joining and leaving", { do: "room.join", room: 2 }, { do: "room.leave", room: 2 }, "room.exited"],
    ["typing", { do: "typing.start", room: 2 }, { do: "typing.stop", room: 2 }, "typing.stopped"],
    ["presence", { do: "presence.set", status: "busy" }, { do: "presence.set", status: "away" }, "presence.changed"],
  ] as const)("%s", async (_, on, off, last) => {
    const alice = await ChatClient.open(chat, "alice");
    const bobs = [await ChatClient.open(chat, "bob"), await ChatClient.open(chat, "bob")];
    await alice.join(2);
    for (const bob of bobs) await bob.join(2);
    await alice.fence();
    const before = alice.events.length;
    const startedAt = performance.now();
    for (let i = 0; i < TIMES; i += 1) {
      for (const bob of bobs) {
        await bob.do(on.do, on as never);
        await bob.do(off.do, off as never);
      }
    }
    await alice.event(last);
    const seconds = (performance.now() - startedAt) / 1_000;
    await alice.fence();
    // A burst, and two a second; each bob's first exit is published whatever the rate.
    expect(alice.events.length - before).toBeLessThanOrEqual(12 + bobs.length + Math.ceil(2 * seconds));
    for (const client of [alice, ...bobs]) {
      client.close();
      await client.closed();
    }
  });
});
