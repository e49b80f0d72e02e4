import { describe, expect, test } from "vitest";
import type { ActorRef, Store } from "../../../src/store/store.ts";
import { ALICE, BOB, newPlace, openStore, person, roomIn, sharedStore } from "../support/temp-store.ts";
import { testDatabase } from "../support/test-database.ts";

const HOUR_SECONDS = 3_600;

const shared = sharedStore();
let lastClientId = 0;

/** Posts as a user whom slow mode slows down, or (`exempt`) does not. Returns the outcome. */
async function tryPost(store: Store, room: string, author: ActorRef, { exempt = false } = {}): Promise<string> {
  const found = await store.rooms.find(room);
  if (found === undefined) throw new Error(`expected room ${room} to exist`);
  lastClientId += 1;
  const { outcome } = await store.messages.append({
    room,
    accessVersion: found.accessVersion,
    author,
    clientId: `s${lastClientId}`,
    kind: "message",
    body: "hi",
    ...(exempt ? {} : { slowModeSeconds: found.slowModeSeconds }),
  });
  return outcome;
}

const setSlowMode = (store: Store, room: string, slowModeSeconds: number) =>
  store.rooms.change({ room, changes: { slowModeSeconds }, by: ALICE });

/** Moves the times of all messages of a room into the past. */
const age = (place: string, room: string, seconds: number) =>
  testDatabase().execute(
    place,
    `update message set created_at = created_at - ${seconds * 1_000} where room = '${room}'`,
  );

describe("a user who has posted has to wait", () => {
  test.each([1, 10, 60, HOUR_SECONDS])("in a room that was in slow mode of %i s before", async (seconds) => {
    const store = shared();
    const room = await roomIn(store);
    await setSlowMode(store, room, seconds);
    expect(await tryPost(store, room, ALICE)).toBe("appended");
    // A second may pass between the two on a busy machine.
    if (seconds > 1) expect(await tryPost(store, room, ALICE)).toBe("slow");
    expect(await tryPost(store, room, BOB)).toBe("appended");
  });

  test.each([60, HOUR_SECONDS])("in a room that is put into slow mode of %i s afterwards", async (seconds) => {
    const store = shared();
    const room = await roomIn(store);
    expect(await tryPost(store, room, ALICE)).toBe("appended");
    await setSlowMode(store, room, seconds);
    expect(await tryPost(store, room, ALICE)).toBe("slow");
    expect(await tryPost(store, room, BOB)).toBe("appended");
    expect(await tryPost(store, room, BOB)).toBe("slow");
  });

  test("in a room whose slow mode is made longer, shorter, ended and begun again", async () => {
    const store = shared();
    const room = await roomIn(store);
    for (const seconds of [60, HOUR_SECONDS, 120, 0, 300]) {
      await setSlowMode(store, room, seconds);
      if (seconds === 60) expect(await tryPost(store, room, ALICE)).toBe("appended");
      else expect(await tryPost(store, room, ALICE)).toBe(seconds === 0 ? "appended" : "slow");
    }
    expect(await tryPost(store, room, BOB)).toBe("appended");
  });

  test("after posts that slow mode did not slow down, such as a moderator's", async () => {
    const store = shared();
    const room = await roomIn(store);
    await setSlowMode(store, room, HOUR_SECONDS);
    expect(await tryPost(store, room, ALICE, { exempt: true })).toBe("appended");
    expect(await tryPost(store, room, ALICE, { exempt: true })).toBe("appended");
    expect(await tryPost(store, room, ALICE)).toBe("slow");
  });

  test("after more posts of others than are read at once", async () => {
    const store = shared();
    const room = await roomIn(store);
    expect(await tryPost(store, room, ALICE)).toBe("appended");
    await Promise.all(Array.from({ length: 2_100 }, () => tryPost(store, room, BOB)));
    await setSlowMode(store, room, HOUR_SECONDS);
    expect(await tryPost(store, room, ALICE)).toBe("slow");
  });

  test("after other writes of the same batch", async () => {
    const store = shared();
    const room = await roomIn(store);
    await setSlowMode(store, room, HOUR_SECONDS);
    const user = await person(store, "slow");
    const outcomes = await Promise.all([
      tryPost(store, room, user),
      store.markers.move({ user: user.id, room, seq: 1 }),
      tryPost(store, room, user),
      tryPost(store, room, ALICE, { exempt: true }),
      tryPost(store, room, user),
    ]);
    expect([outcomes[0], outcomes[2], outcomes[4]]).toEqual(["appended", "slow", "slow"]);
  });
});

describe("a user need not wait", () => {
  test("in one room for a post in another", async () => {
    const store = shared();
    const [room, other] = [await roomIn(store), await roomIn(store)];
    for (const id of [room, other]) await setSlowMode(store, id, HOUR_SECONDS);
    expect(await tryPost(store, room, ALICE)).toBe("appended");
    expect(await tryPost(store, other, ALICE)).toBe("appended");
  });

  test.each([
    [10, "slow"],
    [61, "appended"],
    [HOUR_SECONDS, "appended"],
  ])("after slow mode's 60 s have passed: a post %i s ago, %s", async (seconds, expected) => {
    const place = await newPlace();
    const store = await openStore({ place });
    const room = await roomIn(store);
    expect(await tryPost(store, room, ALICE)).toBe("appended");
    await age(place, room, seconds);
    await setSlowMode(store, room, 60);
    expect(await tryPost(store, room, ALICE)).toBe(expected);
  });
});
