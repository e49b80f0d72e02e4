import { eventually } from "@multichat/channels/testing";
import { LIMITS } from "@multichat/protocol";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ChatClient } from "../../support/chat-client.ts";
import { TestChat } from "../../support/chat-server.ts";
import { ClassicClient } from "../../support/classic-client.ts";

let chat: TestChat;
beforeAll(async () => {
  chat = await TestChat.start({ env: { LIMIT_COMMANDS_PER_SECOND: "10000", LIMIT_MESSAGE_CHARS: "100" } });
});
afterAll(async () => {
  await chat.close();
});

type Answer = { readonly re?: number; readonly ok?: { readonly seq: number } };

const seqsOf = (client: ChatClient): number[] =>
  client.events.flatMap((event) => (event.on === "message.posted" ? [event.seq] : []));

const open = (username = "alice"): Promise<ChatClient> => ChatClient.open(chat, username);

describe("a flood of commands", () => {
  let strict: TestChat;
  beforeAll(async () => {
    strict = await TestChat.start({ env: { LIMIT_COMMANDS_PER_SECOND: "5" } });
  });
  afterAll(async () => {
    await strict.close();
  });

  test("refuses commands beyond the burst, with the time to wait", async () => {
    const alice = await ChatClient.open(strict, "alice");
    const ids = Array.from({ length: 25 }, () => alice.begin("ping", {}));
    const replies = await Promise.all(ids.map((id) => alice.reply(id)));
    const refused = replies.filter(({ error }) => error?.code === "RATE_LIMITED");
    expect(refused.length).toBeGreaterThanOrEqual(1);
    const { retryAfter } = refused[0]?.error ?? {};
    expect(retryAfter).toBeGreaterThan(0);
    expect(retryAfter).toBeLessThanOrEqual(0.2);
    expect(alice.isOpen).toBe(true);
    alice.close();
  });

  test("refuses with a plain error code over the classic protocol", async () => {
    const { cookie } = await strict.session("bob");
    const bob = await new ClassicClient(`${strict.socketUrl}/chat/stream/`, { cookie }).settled();
    for (let i = 0; i < 25; i += 1) bob.send({ command: "leave", room: 1 });
    await bob.until(() => bob.received.length === 25);
    expect(bob.received.slice(0, 10)).toEqual(Array.from({ length: 10 }, () => ({ leave: "1" })));
    expect(bob.received).toContainEqual({ error: "RATE_LIMITED" });
    bob.close();
  });

  test("answers every command of a client that does not stop, more slowly, and does not disconnect it", async () => {
    const alice = await ChatClient.open(strict, "alice");
    const ids = Array.from({ length: 60 }, () => alice.begin("ping", {}));
    const replies = await Promise.all(ids.map((id) => alice.reply(id)));
    expect(replies.filter(({ error }) => error?.code === "RATE_LIMITED").length).toBeGreaterThan(20);
    expect(alice.isOpen).toBe(true);
    await eventually(async () => (await alice.ask("ping", {})).ok !== undefined);
    alice.close();
  });

  test("nor one that floods over the classic protocol", async () => {
    const { cookie } = await strict.session("bob");
    const bob = await new ClassicClient(`${strict.socketUrl}/chat/stream/`, { cookie }).settled();
    for (let i = 0; i < 60; i += 1) bob.send({ command: "leave", room: 1 });
    await bob.until(() => bob.received.length === 60);
    expect(bob.isOpen).toBe(true);
    bob.close();
  });
});

describe("pipelining", () => {
  test("answers a thousand messages sent without waiting, in order and without a gap", async () => {
    const [alice, bob] = [await open(), await open("bob")];
    await bob.join(1);
    await alice.join(1);
    const ids = Array.from({ length: 1_000 }, (_, i) =>
      alice.begin("message.send", { room: 1, clientId: `p-${i}`, body: String(i) }),
    );
    // Answers arrive in commit order, so after the last one none is missing.
    await alice.reply(ids.at(-1) ?? null);
    const answered = new Map((alice.received as Answer[]).map((got) => [got.re, got.ok?.seq]));
    const seqs = ids.map((id) => answered.get(id) ?? 0);
    expect(seqs).toEqual(seqs.map((_, i) => (seqs[0] ?? 0) + i));
    await bob.event("message.posted", ({ message }) => message.clientId === "p-999");
    const posted = bob.events.flatMap((event) => (event.on === "message.posted" ? [event.message] : []));
    const pipelined = posted.filter(({ clientId }) => clientId.startsWith("p-"));
    expect(pipelined.map(({ body }) => body)).toEqual(ids.map((_, i) => String(i)));
    expect(pipelined.map(({ seq }) => seq)).toEqual(seqs);
    alice.close();
    bob.close();
  });

  test("answers a command behind messages that wait for their commit", async () => {
    const alice = await open();
    await alice.join(1);
    const sends = Array.from({ length: 200 }, (_, i) =>
      alice.begin("message.send", { room: 1, clientId: `q-${i}`, body: "x" }),
    );
    expect(await alice.do("room.leave", { room: 1 })).toEqual({});
    await alice.reply(sends.at(-1) ?? null);
    const answers = new Map((alice.received as Answer[]).map((got) => [got.re, got.ok?.seq]));
    expect(sends.filter((id) => answers.get(id) === undefined)).toEqual([]);
    alice.close();
  });
});

describe("joining during a flood of messages", () => {
  test("leaves no gap between the answer and the events, from a page and from a seq", async () => {
    const alice = await open();
    await alice.join(1);
    const from = (await alice.say(1, "the first")).seq;
    // Fewer than a join replays, so that even a late join is answered with events.
    const total = LIMITS.resumeEvents - 50;
    const ids = Array.from({ length: total }, (_, i) =>
      alice.begin("message.send", { room: 1, clientId: `flood-${i}`, body: String(i) }),
    );
    const joiners: ChatClient[] = [];
    const known: number[][] = [];
    for (let i = 0; i < 6; i += 1) {
      const bob = await open("bob");
      const answer = await bob.do("room.join", i % 2 === 0 ? { room: 1 } : { room: 1, since: from });
      const received = answer.reset ? answer.page.messages : answer.events;
      joiners.push(bob);
      known.push(received.map(({ seq }) => seq));
    }
    await alice.reply(ids.at(-1) ?? null);
    const last = from + total;
    for (const [i, bob] of joiners.entries()) {
      await bob.until(() => [...(known[i] ?? []), ...seqsOf(bob)].includes(last));
      const seen = [...new Set([...(known[i] ?? []), ...seqsOf(bob)])].sort((a, b) => a - b);
      const first = seen[0] ?? 0;
      expect(seen).toEqual(Array.from({ length: last - first + 1 }, (_, n) => first + n));
      if (i % 2 === 1) expect(first).toBe(from + 1);
      bob.close();
    }
    alice.close();
  });
});
