import type { ServerEvent } from "@multichat/protocol";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ChatClient } from "../../support/chat-client.ts";
import { TestChat } from "../../support/chat-server.ts";
import { ClassicClient } from "../../support/classic-client.ts";

const GUESTS = Array.from({ length: 8 }, (_, i) => `guest${i}`);
const LARGE = 4;

let chat: TestChat;
beforeAll(async () => {
  chat = await TestChat.start({
    people: [
      { username: "admin", staff: true, superuser: true },
      { username: "sara", staff: true },
      ...GUESTS.map((username) => ({ username })),
    ],
    rooms: ["One", "Two", "Three", "Four", "Five", "Six"].map((title) => ({ title })),
    env: { LARGE_ROOM_USERS: String(LARGE), LIMIT_COMMANDS_PER_SECOND: "10000" },
  });
});
afterAll(() => chat.close());

const open = (username: string) => ChatClient.open(chat, username);
const openClassic = async (username: string) => {
  const { cookie } = await chat.session(username);
  return await new ClassicClient(`${chat.socketUrl}/chat/stream/`, { cookie, fenceRoom: 6 }).settled();
};

type OccupancyEvent = Extract<ServerEvent, { on: "room.entered" | "room.exited" | "room.occupancy" }>;
const occupancyOf = (client: ChatClient) =>
  client.events.filter(({ on }) => ["room.entered", "room.exited", "room.occupancy"].includes(on)) as OccupancyEvent[];
const countOf = (client: ChatClient) => occupancyOf(client).at(-1)?.count;

test("a small room: the join says how many are there, and each difference who came and went", async () => {
  const sara = await open("sara");
  expect((await sara.join(1)).occupants).toBe(1);
  const [first, second, third] = [await open("guest0"), await open("guest1"), await open("guest2")];
  expect((await first.join(1)).occupants).toBe(2);
  expect(await sara.event("room.entered")).toMatchObject({ user: { username: "guest0" }, count: 2 });
  await Promise.all([second.join(1), third.join(1)]);
  await sara.until(() => countOf(sara) === 4);
  const named = occupancyOf(sara).flatMap((event) =>
    event.on === "room.occupancy" ? (event.entered ?? []).map(({ username }) => username) : [event.user.username],
  );
  expect(named.sort()).toEqual(["guest0", "guest1", "guest2"]);
  for (const guest of [first, second, third]) {
    expect(
      occupancyOf(guest).filter((event) => event.on === "room.entered" && event.user.username === "sara"),
      "who was there before",
    ).toEqual([]);
    guest.close();
  }
  await sara.until(() => countOf(sara) === 1);
  sara.close();
});

test("a resume says how many are there too, and adds to the count without a name", async () => {
  const [sara, guest] = [await open("sara"), await open("guest0")];
  const { room } = await sara.join(2);
  const { epoch } = await guest.do("room.list", {});
  const { rooms } = await guest.do("resume", { rooms: { [room.id]: 0 }, epoch });
  expect(rooms[room.id]).toMatchObject({ occupants: 2 });
  expect(await sara.event("room.occupancy", ({ count }) => count === 2)).toEqual({
    on: "room.occupancy",
    room: room.id,
    count: 2,
  });
  expect(occupancyOf(sara).some(({ on }) => on === "room.entered")).toBe(false);
  sara.close();
  guest.close();
});

test("a large room: members receive a number alone, and classic pages nothing", async () => {
  const sara = await open("sara");
  await sara.join(3);
  const classic = await openClassic("guest7");
  classic.send({ command: "join", room: 3 });
  await classic.gets(1);
  const guests: ChatClient[] = [];
  for (const name of GUESTS.slice(0, 6)) {
    const guest = await open(name);
    await guest.join(3);
    guests.push(guest);
  }
  await sara.until(() => countOf(sara) === 8);
  const large = occupancyOf(sara).filter(({ count = 0 }) => count > LARGE);
  for (const event of large) expect(Object.keys(event).sort()).toEqual(["count", "on", "room"]);
  const entries = (await classic.gets(0)) as { msg_type?: number }[];
  expect(entries.filter(({ msg_type }) => msg_type === 4).length, "of the room while it was small").toBeLessThanOrEqual(
    LARGE - 2,
  );
  for (const guest of guests) guest.close();
  await sara.until(() => countOf(sara) === 2);
  classic.close();
  sara.close();
});

test("classic pages have each entry and exit of a small room at once", async () => {
  const [one, two] = [await openClassic("guest0"), await open("guest1")];
  one.send({ command: "join", room: 5 });
  await one.gets(1);
  await two.join(5);
  expect(await one.gets(1)).toEqual([{ msg_type: 4, room: 5, username: "guest1" }]);
  await two.do("room.leave", { room: 5 });
  expect(await one.gets(1)).toEqual([{ msg_type: 5, room: 5, username: "guest1" }]);
  one.close();
  two.close();
});

test("whatever its members do, a room has at most four differences a second", async () => {
  const sara = await open("sara");
  await sara.join(4);
  const guests = await Promise.all(GUESTS.map((name) => open(name)));
  const times: number[] = [];
  let seen = occupancyOf(sara).length;
  sara.ws.on("message", () => {
    const now = occupancyOf(sara).length;
    if (now > seen) times.push(performance.now());
    seen = now;
  });
  const startedAt = performance.now();
  while (performance.now() - startedAt < 3_000) {
    await Promise.all(guests.map((guest) => guest.join(4)));
    await Promise.all(guests.map((guest) => guest.do("room.leave", { room: 4 })));
  }
  const seconds = (performance.now() - startedAt) / 1_000;
  expect(times.length).toBeLessThanOrEqual(Math.ceil(4 * seconds) + 1);
  await Promise.all(guests.map((guest) => guest.join(4)));
  await sara.until(() => countOf(sara) === 9);
  for (const client of [sara, ...guests]) client.close();
});

describe("rights", () => {
  test("nobody is named, nor counted, to a user who has lost the room or never had it", async () => {
    const { body } = await chat.api("admin", "POST", "/api/rooms", { title: "For a while", clientId: "for-a-while" });
    const { id, number } = (body as { room: { id: string; number: number } }).room;
    const [guest, sara, outsider] = [await open("guest0"), await open("sara"), await open("guest1")];
    await guest.join(number);
    await sara.join(number);
    await guest.named("entered", "sara");
    await chat.changeRoom(number, { staffOnly: true });
    await guest.event("room.unlisted", ({ room }) => room === id);
    const lostAt = guest.received.length;
    const admin = await open("admin");
    await admin.join(number);
    await sara.until(() => occupancyOf(sara).some((event) => JSON.stringify(event).includes('"admin"')));
    admin.close();
    await sara.named("exited", "admin");
    await guest.fence();
    await outsider.fence();
    expect(JSON.stringify(guest.received.slice(lostAt))).not.toContain(id);
    expect(JSON.stringify(occupancyOf(outsider))).not.toContain(id);
    for (const client of [guest, sara, outsider]) client.close();
  });
});
