import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ChatClient } from "../../support/chat-client.ts";
import { TestChat } from "../../support/chat-server.ts";
import { ClassicClient } from "../../support/classic-client.ts";

const USERS = 12;
const CONNECTIONS_PER_USER = 5;
const MEMBERS = USERS * CONNECTIONS_PER_USER;

let chat: TestChat;
beforeAll(async () => {
  const names = Array.from({ length: USERS }, (_, i) => `sender${i}`);
  chat = await TestChat.start({
    people: names.map((username) => ({ username })),
    rooms: [{ title: "Calm" }, { title: "Busy" }, { title: "Busier" }, { title: "Classic" }],
    env: { LIMIT_COMMANDS_PER_SECOND: "100000" },
  });
}, 120_000);
afterAll(() => chat.close());

/** Opens the members of a room, whose events are kept apart from their replies. */
async function openMembers(room: number): Promise<ChatClient[]> {
  const members: ChatClient[] = [];
  for (let i = 0; i < MEMBERS; i += 1) {
    const member = await ChatClient.open(chat, `sender${i % USERS}`);
    await member.join(room);
    members.push(member);
  }
  return members;
}

interface Reply {
  readonly re?: number;
  readonly ok?: { readonly seq: number };
}

interface Posted {
  readonly on?: string;
  readonly seq?: number;
  readonly message?: { readonly body: string };
}

/** The posted messages that a client has received, in the order of arrival. */
function postedOf({ received }: ChatClient): { seq: number; body: string }[] {
  return (received as Posted[]).flatMap(({ on, seq = 0, message }) =>
    on === "message.posted" ? [{ seq, body: message?.body ?? "" }] : [],
  );
}

describe("nobody is disconnected for being busy: everything is acknowledged, and everyone receives it once and in order", () => {
  test.each([
    { senders: 20, posts: 100, room: 2 },
    { senders: 60, posts: 40, room: 3 },
  ])(
    "$senders of 60 members post $posts messages each, as fast as they can",
    async ({ senders, posts, room }) => {
      const members = await openMembers(room);
      const total = senders * posts;
      const ids = members
        .slice(0, senders)
        .map((member, sender) =>
          Array.from({ length: posts }, (_, n) =>
            member.begin("message.send", { room, clientId: `${sender}-${n}`, body: `${sender} ${n}` }),
          ),
        );
      const isDone = (member: ChatClient, own: number): boolean => {
        // The exact counts take long, so they are made only when they can be reached.
        if (member.received.length < total + own) return false;
        const replies = (member.received as Reply[]).filter(({ ok }) => ok?.seq !== undefined);
        return replies.length >= own && postedOf(member).length >= total;
      };
      await Promise.all(
        members.map((member, i) =>
          member.until(() => member.isOver || isDone(member, i < senders ? posts : 0), 600_000),
        ),
      );

      for (const [i, member] of members.entries()) {
        expect(member.isOpen, `member ${i} is connected`).toBe(true);
        const posted = postedOf(member);
        const first = posted[0]?.seq ?? 0;
        expect(posted.map(({ seq }) => seq)).toEqual(Array.from({ length: total }, (_, n) => first + n));
      }
      const bodies = postedOf(members[0] as ChatClient).map(({ body }) => body);
      for (let sender = 0; sender < senders; sender += 1) {
        const own = bodies.filter((body) => body.startsWith(`${sender} `));
        expect(own, "one sender's messages are in order").toEqual(
          Array.from({ length: posts }, (_, n) => `${sender} ${n}`),
        );
        const replies = new Map(((members[sender]?.received ?? []) as Reply[]).map(({ re, ok }) => [re, ok?.seq]));
        const acknowledged = (ids[sender] ?? []).map((id) => replies.get(id));
        expect(acknowledged).toEqual([...acknowledged].sort((a, b) => (a ?? 0) - (b ?? 0)));
        expect(
          acknowledged.every((seq) => seq !== undefined),
          "every post is acknowledged",
        ).toBe(true);
      }
      for (const member of members) member.close();
    },
    300_000,
  );

  test("nor a sender over the classic protocol, in a room where others post", async () => {
    const room = 4;
    const members = (await openMembers(room)).slice(0, 20);
    const { cookie } = await chat.session("sender0");
    const classic = await new ClassicClient(`${chat.socketUrl}/chat/stream/`, { cookie }).settled();
    classic.send({ command: "join", room });
    await classic.until(() => classic.received.length > 0);
    const posts = 60;
    for (const [sender, member] of members.entries()) {
      for (let n = 0; n < posts; n += 1) {
        member.begin("message.send", { room, clientId: `c-${sender}-${n}`, body: `m ${sender} ${n}` });
      }
    }
    for (let n = 0; n < posts; n += 1) classic.send({ command: "send", room, message: `classic ${n}` });
    const total = posts * (members.length + 1);
    const messages = () =>
      (classic.received as { msg_type?: number; message?: string }[]).filter(({ msg_type }) => msg_type === 0);
    await classic.until(() => classic.isOver || messages().length >= total, 600_000);
    expect(classic.isOpen).toBe(true);
    expect(messages()).toHaveLength(total);
    expect(messages().flatMap(({ message = "" }) => (message.startsWith("classic") ? [message] : []))).toEqual(
      Array.from({ length: posts }, (_, n) => `classic ${n}`),
    );
    classic.close();
    for (const member of members) member.close();
  }, 300_000);
});

test("a join is answered before the events of its room, however busy it is", async () => {
  const sender = await ChatClient.open(chat, "sender0");
  await sender.join(1);
  const ids = Array.from({ length: 600 }, (_, n) =>
    sender.begin("message.send", { room: 1, clientId: `early-${n}`, body: String(n) }),
  );
  for (let round = 0; round < 10; round += 1) {
    const joiner = await ChatClient.open(chat, `sender${1 + (round % (USERS - 1))}`);
    const { room } = await joiner.do("room.join", { room: 1 });
    await joiner.fence();
    const joinedAt = (joiner.received as Reply[]).findIndex(({ ok }) => ok !== undefined && "room" in ok);
    const early = (joiner.received as Posted[]).slice(0, joinedAt).filter(({ on }) => on === "message.posted");
    expect(early).toEqual([]);
    const seqs = postedOf(joiner).map(({ seq }) => seq);
    const missing = seqs.filter((seq) => seq > room.lastSeq);
    expect(missing).toEqual(missing.map((_, n) => room.lastSeq + 1 + n));
    joiner.close();
  }
  await sender.reply(ids.at(-1) ?? null);
  sender.close();
});
