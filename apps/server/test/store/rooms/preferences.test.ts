import { expect, test } from "vitest";
import { ALICE, BOB, roomIn, sharedStore } from "../support/temp-store.ts";

const shared = sharedStore();

test("a change of what is set for a room leaves the rest, and one user's is not another's", async () => {
  const store = shared();
  const [room, other] = [await roomIn(store), await roomIn(store)];
  const user = ALICE.id;
  expect(await store.preferences.get({ user, room })).toEqual({ room, notify: "default", starred: false });
  const changes = [{ notify: "mentions" }, { starred: true }, {}, { starred: true }] as const;
  for (const change of changes) await store.preferences.set({ user, room, ...change });
  const set = { room, notify: "mentions", starred: true };
  expect(await store.preferences.get({ user, room })).toEqual(set);
  expect(await store.preferences.list({ user })).toEqual([set]);
  expect(await store.preferences.list({ user: BOB.id })).toEqual([]);
  await Promise.all([
    store.preferences.set({ user: BOB.id, room: other, notify: "nothing" }),
    store.preferences.set({ user: BOB.id, room: other, starred: true }),
  ]);
  expect(await store.preferences.get({ user: BOB.id, room: other })).toEqual({
    room: other,
    notify: "nothing",
    starred: true,
  });
});
