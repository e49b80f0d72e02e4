import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Refusal } from "../../src/access/refusal.ts";
import { SearchTimes, searchMessages } from "../../src/search/index.ts";
import { type CommandFixture, openCommandFixture } from "../support/command-fixture.ts";

function timesAt(commandsPerSecond: number) {
  let now = 0;
  const times = new SearchTimes(commandsPerSecond, () => now);
  return {
    times,
    wait: (ms: number) => {
      now += ms;
    },
    refusalOf: (user: string): Refusal | undefined => {
      try {
        times.assertAllowed(user);
        return undefined;
      } catch (error) {
        if (error instanceof Refusal) return error;
        throw error;
      }
    },
  };
}

describe("a user is charged for how long searches take", () => {
  test("at 50 commands a second, two seconds at once and a fifth of the time in the long run", () => {
    const { times, wait, refusalOf } = timesAt(50);
    times.charge("alice", 1_990);
    expect(refusalOf("alice")).toBeUndefined();
    times.charge("alice", 500);
    expect(refusalOf("alice")?.toWire()).toMatchObject({ code: "RATE_LIMITED", retryAfter: 2.455 });
    wait(2_454);
    expect(refusalOf("alice")).toBeDefined();
    wait(1);
    expect(refusalOf("alice")).toBeUndefined();
  });

  test("never for longer than what is saved up, however long a search took", () => {
    const { times, wait, refusalOf } = timesAt(50);
    times.charge("alice", 3_600_000);
    wait(10_005);
    expect(refusalOf("alice")).toBeUndefined();
  });

  test("and nobody else", () => {
    const { times, refusalOf } = timesAt(50);
    times.charge("alice", 10_000);
    expect(refusalOf("alice")).toBeDefined();
    expect(refusalOf("bob")).toBeUndefined();
  });
});

describe("searches", () => {
  let fixture: CommandFixture;
  beforeAll(async () => {
    fixture = await openCommandFixture();
  });
  afterAll(async () => {
    await fixture.close();
  });

  test("are refused to a user whose searches took too long, and to nobody else", async () => {
    const { context } = fixture;
    const [alice, bob] = [await fixture.actor("alice"), await fixture.actor("bob")];
    const now = performance.now();
    const searchTimes = new SearchTimes(50, () => now);
    const search = (actor: typeof alice) => searchMessages({ ...context, searchTimes }, actor, { query: "kettle" });
    expect((await search(alice)).found).toEqual([]);
    searchTimes.charge(alice.id, 2_000);
    await expect(search(alice)).rejects.toMatchObject({ code: "RATE_LIMITED" });
    expect((await search(bob)).found).toEqual([]);
  });

  test("are charged by what the database took for them", async () => {
    const { context } = fixture;
    const alice = await fixture.actor("alice");
    const now = performance.now();
    // So little that the first search uses it up.
    const searchTimes = new SearchTimes(1e-9, () => now);
    const search = () => searchMessages({ ...context, searchTimes }, alice, { query: "kettle" });
    expect((await search()).found).toEqual([]);
    await expect(search()).rejects.toMatchObject({ code: "RATE_LIMITED" });
  });
});
