import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { RequestTurns } from "../../../src/http/security/request-turns.ts";
import { HttpFixture, type TestRequest } from "../http-fixture.ts";

let fixture: HttpFixture;
beforeAll(async () => {
  fixture = await HttpFixture.open();
});
afterAll(() => fixture.close());

describe("many requests of one user at once", () => {
  const read: TestRequest = { method: "GET", url: "/api/me" };
  const kinds: readonly (readonly [string, TestRequest])[] = [
    ["reads", read],
    ["lists of rooms", { method: "GET", url: "/api/rooms" }],
    ["searches", { method: "GET", url: "/api/search?q=hello" }],
    ["changes that are refused", { method: "POST", url: "/api/rooms", payload: { title: "" } }],
    ["pages of rooms that do not exist", { method: "GET", url: "/api/rooms/123456/messages" }],
  ];
  test.each(kinds)("delay nobody else: %s", async (_kind, request) => {
    // Both have a session that the server remembers.
    for (const user of ["user", "staff"] as const) await fixture.requestAs(user, read);
    const finished: string[] = [];
    const ask = async (user: "user" | "staff", what: TestRequest): Promise<void> => {
      await fixture.requestAs(user, what);
      finished.push(user);
    };
    await Promise.all([...Array.from({ length: 60 }, () => ask("user", request)), ask("staff", read)]);
    expect(finished).toHaveLength(61);
    expect(finished.indexOf("staff")).toBeLessThan(30);
  });
});

describe("turns", () => {
  test("are taken in the order of arrival, one in each turn of the event loop, and leave nothing behind", async () => {
    const turns = new RequestTurns();
    const order: number[] = [];
    const started = Array.from({ length: 5 }, async (_, index) => {
      const turn = turns.take("alice");
      if (turn !== undefined && turn !== false) await turn;
      order.push(index);
    });
    expect(turns.take("bob")).toBeUndefined();
    await Promise.resolve();
    expect(order).toEqual([0]);
    await Promise.all(started);
    expect(order).toEqual([0, 1, 2, 3, 4]);
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    expect(turns.take("alice")).toBeUndefined();
  });

  test("are refused where too many wait", () => {
    const turns = new RequestTurns();
    const verdicts = Array.from({ length: 300 }, () => turns.take("alice"));
    expect(verdicts.filter((verdict) => verdict === false)).toHaveLength(300 - 257);
    expect(turns.take("bob")).toBeUndefined();
  });
});
