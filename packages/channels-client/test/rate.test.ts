import { expect, test } from "vitest";
import { SERVER_RATE } from "./support/chat.ts";
import { untilPhase, useFixture } from "./support/fixture.ts";

const fixture = useFixture();
const CALLS = 100;
/** Less than the server's limit, because frames that the network delayed arrive together. */
const RATE = { perSecond: SERVER_RATE.perSecond / 2, burst: SERVER_RATE.burst / 10 };
const limitedUrl = () => fixture.network.url.replace("/ws", "/limited/ws");

test("calls that have waited for the connection all settle on it, in order, within the server's rate limit", async () => {
  const { target } = fixture.network;
  const open = (options = {}) => fixture.open({ url: limitedUrl(), timeoutMs: 600_000, ...options });
  const callAll = (client: ReturnType<typeof open>, count: number, record: (index: number) => void) =>
    Array.from({ length: count }, (_, index) =>
      client.call("echo", { text: String(index) }).then(({ text }) => record(Number(text))),
    );
  const codesOf = (states: ReturnType<typeof fixture.record>) =>
    states.flatMap((state) => (state.phase === "waiting" && state.code !== undefined ? [state.code] : []));

  const paced = open({ rate: RATE });
  await untilPhase(paced, "open");
  fixture.network.target = 1;
  fixture.network.cut();
  await untilPhase(paced, "waiting");
  const replied: number[] = [];
  const calls = callAll(paced, CALLS, (index) => replied.push(index));
  const { connections } = fixture.world;
  const states = fixture.record(paced);
  fixture.network.target = target;
  await Promise.all(calls);
  expect(replied).toEqual(Array.from({ length: CALLS }, (_, index) => index));
  expect(fixture.world.connections).toBe(connections + 1);
  expect(codesOf(states)).not.toContain(1008);

  // Premise: the server closes the connection of a client without a rate.
  const unpaced = open();
  const unpacedStates = fixture.record(unpaced);
  const outcomes = await Promise.allSettled(callAll(unpaced, 250, () => {}));
  expect(outcomes.filter(({ status }) => status === "rejected").length).toBeGreaterThan(0);
  expect(codesOf(unpacedStates)).toContain(1008);
});

test("a call that waits for its turn times out or is aborted there; what was sent is canceled before it", async () => {
  const { world } = fixture;
  const client = fixture.open({ rate: { perSecond: 2, burst: 2 } });
  await untilPhase(client, "open");
  const stop = new AbortController();
  const { signal } = stop;
  // All in one turn, so that no token comes back meanwhile.
  const started = client.call("wait", { for: "paced" }, { signal });
  const echoed = client.call("echo", { text: "x" });
  const posted = client.call("message.send", { text: "posted" }, { timeoutMs: 600_000 });
  const late = client.call("message.send", { text: "late" }, { timeoutMs: 1 });
  const aborted = client.call("message.send", { text: "aborted" }, { signal });
  stop.abort("enough");
  await expect(started).rejects.toBe("enough");
  await expect(aborted).rejects.toBe("enough");
  await expect(late).rejects.toMatchObject({ code: "TIMEOUT", wasSent: false });
  expect(await echoed).toEqual({ text: "x" });
  await posted;
  expect(world.aborted).toContain("paced");
  expect(["posted", "late", "aborted"].map((text) => world.posts.get(text))).toEqual([1, undefined, undefined]);
});

test("after a reconnect subscriptions come before the calls that wait, whatever the rate", async () => {
  const { world } = fixture;
  const client = fixture.open({ rate: { perSecond: 100, burst: 2 } });
  const rooms = ["paced-a", "paced-b", "paced-c"];
  const subscriptions = rooms.map((room) => client.subscribe("room.join", { room }));
  await Promise.all(subscriptions.map(({ ready }) => ready));
  const { target } = fixture.network;
  fixture.network.target = 1;
  fixture.network.cut();
  await untilPhase(client, "waiting");
  world.roomCommands.length = 0;
  const sent = rooms.map((room) => client.call("room.send", { room, text: "hi" }));
  fixture.network.target = target;
  await Promise.all(sent);
  expect(world.roomCommands).toEqual([...rooms.map((room) => `join ${room}`), ...rooms.map((room) => `send ${room}`)]);

  // The connection breaks while a subscription waits for its turn: the next one runs it once.
  world.roomCommands.length = 0;
  subscriptions.push(...["paced-d", "paced-e"].map((room) => client.subscribe("room.join", { room })));
  fixture.network.cut();
  await client.call("echo", { text: "x" }, { repeat: true });
  const joins = world.roomCommands.filter((command) => command === "join paced-e");
  expect(joins).toHaveLength(1);
});

test("a rate is validated", () => {
  const open = (rate: { perSecond: number; burst: number }) => () => fixture.open({ rate });
  expect(open({ perSecond: 0.5, burst: 1 })).toThrow("Expected rate.perSecond from 1");
  expect(open({ perSecond: 1, burst: 0 })).toThrow("Expected rate.burst from 1");
});
