import { expect, test } from "vitest";
import { untilPhase, useFixture } from "./support/fixture.ts";

const fixture = useFixture();

test("events reach their listeners in order, until they unsubscribe", async () => {
  const client = fixture.open();
  const texts: string[] = [];
  const stop = client.on("message.posted", ({ text }) => {
    texts.push(text);
    if (text === "b") stop();
  });
  const others: number[] = [];
  client.on("message.posted", ({ n }) => others.push(n));
  await Promise.all(["a", "b", "c"].map((text) => client.call("message.send", { text })));
  await expect.poll(() => others).toHaveLength(3);
  expect(texts).toEqual(["a", "b"]);
  expect(others).toEqual([...others].sort((a, b) => a - b));
});

test("the first events of a connection reach the listeners, too", async () => {
  const client = fixture.open({ token: () => "alice" });
  const greetings: string[] = [];
  client.on("greeting", ({ text }) => greetings.push(text));
  await expect.poll(() => greetings).toEqual(["hello, alice"]);
});

test("an event with a member that replies have is no reply", async () => {
  const client = fixture.open({ token: () => "alice" });
  const greetings: unknown[] = [];
  client.on("greeting", (greeting) => greetings.push(greeting));
  expect(await client.call("echo", { text: "x" })).toEqual({ text: "x" });
  expect(greetings).toEqual([{ text: "hello, alice", re: 1 }]);
});

test("an iterator has the events from its creation to its end", async () => {
  const client = fixture.open();
  await untilPhase(client, "open");
  const stop = new AbortController();
  const events = client.events("message.posted", { signal: stop.signal });
  for (const text of ["a", "b", "c"]) await client.call("message.send", { text });
  const texts: string[] = [];
  for await (const { text } of events) {
    texts.push(text);
    if (text === "b") break;
  }
  expect(texts).toEqual(["a", "b"]);
  expect(await events.next()).toEqual({ done: true, value: undefined });

  const aborted = client.events("message.posted", { signal: stop.signal });
  const next = aborted.next();
  stop.abort("enough");
  await expect(next).rejects.toBe("enough");
  await expect(client.events("message.posted", { signal: stop.signal }).next()).rejects.toBe("enough");
});

test("an iterator that is read too slowly ends with TOO_MANY_EVENTS after what it has", async () => {
  const client = fixture.open();
  await untilPhase(client, "open");
  const events = client.events("message.posted", { maxBuffered: 2 });
  let seen = 0;
  client.on("message.posted", () => {
    seen += 1;
  });
  for (const text of ["a", "b", "c"]) await client.call("message.send", { text });
  await expect.poll(() => seen).toBe(3);
  expect(await events.next()).toMatchObject({ value: { text: "a" } });
  expect(await events.next()).toMatchObject({ value: { text: "b" } });
  await expect(events.next()).rejects.toMatchObject({ code: "TOO_MANY_EVENTS" });
  expect(await events.next()).toEqual({ done: true, value: undefined });
  for (const maxBuffered of [0, Number.NaN, Number.POSITIVE_INFINITY]) {
    expect(() => client.events("message.posted", { maxBuffered })).toThrow("Expected maxBuffered from 1");
    expect(() => client.subscribe("room.join", { room: "a" }, { maxBuffered })).toThrow("Expected maxBuffered from 1");
  }
});
